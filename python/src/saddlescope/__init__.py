"""Reads and records runs of the Saddlescope workbench. NumPy is all it needs."""

from ._metrics import Metrics
from ._recorded import VERSION as __version__
from .errors import SaddlescopeError
from .look import look
from .networks import network_of
from .recorder import Recorder
from .run import Analysis, Block, Curvature, Run, Snapshot
from .workspace import Workspace

__all__ = [
    "Analysis",
    "Block",
    "Curvature",
    "Metrics",
    "Recorder",
    "Run",
    "SaddlescopeError",
    "Snapshot",
    "Workspace",
    "__version__",
    "look",
    "network_of",
]
