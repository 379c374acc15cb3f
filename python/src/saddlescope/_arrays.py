"""Parameters of any training loop as one vector with named pieces."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Tuple

import numpy as np

from .errors import SaddlescopeError
from .networks import Network, as_numpy, network_of

Named = Dict[str, np.ndarray]


def is_torch(value: Any) -> bool:
    return hasattr(value, "named_parameters")


def named_arrays(value: Any, prefix: str = "") -> Named:
    """Arrays by name, in order: of a torch module its parameters; of dicts, lists and tuples, also nested ones, their leaves; an array is `x`."""
    if is_torch(value):
        return {name: np.asarray(as_numpy(one), dtype=np.float64) for name, one in value.named_parameters()}
    if isinstance(value, Mapping) or isinstance(value, (list, tuple)):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        found: Named = {}
        for key, inner in pairs:
            if inner is not None and not isinstance(inner, str):
                found.update(named_arrays(inner, f"{prefix}.{key}" if prefix else str(key)))
        return found
    return {prefix or "x": np.asarray(as_numpy(value), dtype=np.float64)}


def torch_gradient(model: Any) -> Optional[float]:
    """Norm of the gradient that the parameters hold now; None where they hold none."""
    held = [one.grad for one in model.parameters() if one.grad is not None]
    return float(np.sqrt(sum((np.asarray(as_numpy(one), dtype=np.float64) ** 2).sum() for one in held))) if held else None


def norm_of(arrays: Named) -> float:
    return float(np.sqrt(sum((array**2).sum() for array in arrays.values())))


class Parameters:
    """What the weights of a run look like: as a network's W1, b1, …, or under the names of whatever holds them."""

    def __init__(self, shapes: Dict[str, Tuple[int, ...]], network: Optional[Network] = None):
        self.shapes = shapes
        self._network = network

    @property
    def count(self) -> int:
        return sum(int(np.prod(shape, dtype=np.int64)) for shape in self.shapes.values())

    def read(self, value: Any) -> Named:
        """The weights in a model or pytree, in the order of the parameter vector. Raises SaddlescopeError where they are not this run's."""
        if self._network is None or (isinstance(value, Mapping) and set(value) == set(self.shapes)):
            found = named_arrays(value)
        elif is_torch(value):
            found = network_of(value).arrays()
        else:
            activations = [layer.activation for layer in self._network.layers]
            if not isinstance(value, (list, tuple)) or len(value) != len(activations):
                raise SaddlescopeError(f"weights: must be a list of {len(activations)} layers (W, b), or a dict of {', '.join(self.shapes)}")
            found = network_of([(layer[0], layer[1], activation) for layer, activation in zip(value, activations)]).arrays()
        if set(found) != set(self.shapes):
            raise SaddlescopeError(f"weights: must be the arrays {', '.join(self.shapes)}, got {', '.join(found) or 'none'}")
        for name, shape in self.shapes.items():
            if found[name].shape != shape:
                raise SaddlescopeError(f"weights: {name} must have shape {shape}, got {found[name].shape}")
        return {name: found[name].copy() for name in self.shapes}

    def stored(self, arrays: Named) -> Named:
        """As weights.npz holds them: W1, b1, … of a network, else the one vector x."""
        if self._network is not None:
            return arrays
        return {"x": np.concatenate([arrays[name].reshape(-1) for name in self.shapes])} if self.shapes else {"x": np.zeros(0)}

    def blocks(self) -> Dict[str, Tuple[int, int]]:
        """Offset and size of the blocks of curvature: the whole, and of a network each layer with its bias."""
        found = {"full": (0, self.count)}
        if self._network is not None:
            start = 0
            for place, layer in enumerate(self._network.layers, 1):
                size = layer.weight.size + (0 if layer.bias is None else layer.bias.size)
                found[f"W{place}"] = (start, size)
                start += size
        return found

    def order_from(self, model: Any) -> np.ndarray:
        """Where each entry of the run's parameter vector stands in torch's (`parameters_to_vector`): torch keeps weights units × inputs."""
        if self._network is None or not is_torch(model):
            return np.arange(self.count)
        start, pieces = 0, []
        for parameter in model.parameters():
            shape = tuple(parameter.shape)
            places = np.arange(start, start + int(np.prod(shape, dtype=np.int64))).reshape(shape)
            pieces.append(places.T.reshape(-1))
            start += places.size
        return np.concatenate(pieces)


def described(shapes: Dict[str, Tuple[int, ...]]) -> List[Dict[str, Any]]:
    return [{"name": name, "shape": list(shape)} for name, shape in shapes.items()]
