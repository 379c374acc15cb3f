"""The one kind of error this package raises for what is wrong outside it: one sentence with what, where, and what would be right."""


class SaddlescopeError(Exception):
    """Something is not as it must be: a run that is not there, a damaged file, a network the product does not know."""
