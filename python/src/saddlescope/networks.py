"""Chains of dense layers, as the product knows them: from a torch.nn.Sequential or a list of (W, b, activation)."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from .errors import SaddlescopeError

Activation = Dict[str, Any]
#: A kind, or an object with its options: {"kind": "leaky-relu", "slope": 0.1}.
ActivationLike = Union[str, Mapping[str, Any], None]
#: (W, b, activation) with W inputs × units and b None or one entry a unit.
LayerLike = Tuple[Any, Any, ActivationLike]

ACTIVATIONS = ("leaky-relu", "relu", "tanh", "sigmoid", "softplus", "identity")
LOSSES = ("half-sse", "mse", "softmax-cross-entropy")


class Layer(NamedTuple):
    weight: np.ndarray  #: inputs × units
    bias: Optional[np.ndarray]
    activation: Activation


class Network(NamedTuple):
    layers: Tuple[Layer, ...]

    @property
    def widths(self) -> List[int]:
        return [self.layers[0].weight.shape[0], *(layer.weight.shape[1] for layer in self.layers)]

    @property
    def bias(self) -> bool:
        return self.layers[0].bias is not None

    @property
    def activation(self) -> Activation:
        """Of the hidden layers; of the only one where there is none."""
        return self.layers[0].activation

    @property
    def output_activation(self) -> Activation:
        return self.layers[-1].activation

    def arrays(self) -> Dict[str, np.ndarray]:
        """W1 (inputs × units), b1, W2, … in float64, as weights.npz has them."""
        named: Dict[str, np.ndarray] = {}
        for place, layer in enumerate(self.layers, 1):
            named[f"W{place}"] = np.asarray(layer.weight, dtype=np.float64)
            if layer.bias is not None:
                named[f"b{place}"] = np.asarray(layer.bias, dtype=np.float64)
        return named

    def model_spec(self) -> Dict[str, Any]:
        """The `model` of a run spec, without its start weights."""
        return {
            "layers": self.widths,
            "activation": self.activation,
            "outputActivation": self.output_activation,
            "bias": self.bias,
        }


def as_numpy(value: Any) -> np.ndarray:
    """An array of NumPy, JAX or PyTorch (on any device, with or without gradient) as NumPy's; bfloat16, which NumPy lacks, as float32."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        return np.asarray(value.numpy())
    array = np.asarray(value)
    return array.astype(np.float32) if str(array.dtype) == "bfloat16" else array


def activation_of(value: ActivationLike, where: str) -> Activation:
    given: Activation = {"kind": "identity"} if value is None else {"kind": value} if isinstance(value, str) else dict(value)
    if given.get("kind") not in ACTIVATIONS:
        raise SaddlescopeError(f"{where}: activation must be one of {', '.join(ACTIVATIONS)}, got {given.get('kind')!r}")
    if given["kind"] == "leaky-relu":
        given.setdefault("slope", 0.01)
    return given


def _is_torch_module(model: Any) -> bool:
    return hasattr(model, "state_dict") and hasattr(model, "children")


_SIMPLE = {"ReLU": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid", "Identity": "identity"}


def _torch_activation(module: Any, where: str) -> Optional[Activation]:
    """None for what changes nothing here."""
    kind = type(module).__name__
    if kind in _SIMPLE:
        return {"kind": _SIMPLE[kind]}
    if kind == "LeakyReLU":
        return {"kind": "leaky-relu", "slope": float(module.negative_slope)}
    if kind == "Softplus":
        if float(module.beta) != 1:
            raise SaddlescopeError(f"{where}: Softplus must have beta 1, got {module.beta}")
        return {"kind": "softplus"}
    if kind == "Flatten" or (kind == "Dropout" and module.p == 0):
        return None
    raise SaddlescopeError(
        f"{where}: {kind} is not known to Saddlescope; a chain of Linear with ReLU, LeakyReLU, Tanh, Sigmoid, Softplus or Identity between is"
    )


def _flat_modules(model: Any) -> List[Any]:
    if type(model).__name__ == "Sequential":
        return [inner for child in model.children() for inner in _flat_modules(child)]
    return [model]


def _torch_layers(model: Any) -> List[List[Any]]:
    layers: List[List[Any]] = []
    for place, module in enumerate(_flat_modules(model)):
        where = f"module {place}"
        if type(module).__name__ == "Linear":
            bias = None if module.bias is None else as_numpy(module.bias)
            layers.append([as_numpy(module.weight).T, bias, None])
            continue
        activation = _torch_activation(module, where)
        if activation is None:
            continue
        if not layers:
            raise SaddlescopeError(f"{where}: an activation before the first Linear is not known to Saddlescope")
        if activation["kind"] == "identity":
            continue
        if layers[-1][2] is not None:
            raise SaddlescopeError(f"{where}: two activations in a row are not known to Saddlescope")
        layers[-1][2] = activation
    return layers


def network_of(model: Any) -> Network:
    """The chain of dense layers in a torch.nn.Sequential (or one Linear) or a list of (W, b, activation) with W inputs × units.

    Raises SaddlescopeError where the product has no such network: other modules, widths that do not meet, hidden layers of different
    activations, biases in some layers only.
    """
    given: Sequence[Sequence[Any]]
    if _is_torch_module(model):
        given = _torch_layers(model)
    elif isinstance(model, (list, tuple)) and all(isinstance(layer, (list, tuple)) and len(layer) == 3 for layer in model):
        given = model
    else:
        raise SaddlescopeError(f"model: must be a torch.nn.Sequential or a list of (W, b, activation), got {type(model).__name__}")
    if not given:
        raise SaddlescopeError("model: has no layer of weights")
    layers: List[Layer] = []
    for place, (weight, bias, activation) in enumerate(given, 1):
        where = f"layer {place}"
        w, b = as_numpy(weight), None if bias is None else as_numpy(bias)
        if w.ndim != 2:
            raise SaddlescopeError(f"{where}: weights must be inputs × units, got shape {w.shape}")
        if b is not None and b.shape != (w.shape[1],):
            raise SaddlescopeError(f"{where}: the bias must have shape ({w.shape[1]},), got {b.shape}")
        if layers and layers[-1].weight.shape[1] != w.shape[0]:
            raise SaddlescopeError(f"{where}: takes {w.shape[0]} inputs, but the layer before has {layers[-1].weight.shape[1]} units")
        layers.append(Layer(w, b, activation_of(activation, where)))
    if len({layer.bias is None for layer in layers}) > 1:
        raise SaddlescopeError("model: either all layers have a bias or none")
    hidden = [layer.activation for layer in layers[:-1]]
    if any(activation != hidden[0] for activation in hidden):
        raise SaddlescopeError(f"model: all hidden layers must have one activation, got {[activation['kind'] for activation in hidden]}")
    return Network(tuple(layers))


def _activate(z: np.ndarray, activation: Activation) -> Any:
    kind = activation["kind"]
    if kind == "tanh":
        return np.tanh(z)
    if kind == "sigmoid":
        return np.exp(-np.logaddexp(0, -z))
    if kind == "softplus":
        return np.logaddexp(0, z)
    slope = {"relu": 0.0, "identity": 1.0}.get(kind, activation.get("slope", 0.01))
    return np.where(z > 0, z, slope * z)


def forward(network: Network, x: np.ndarray) -> np.ndarray:
    """The outputs for samples in rows, in float64."""
    values = np.asarray(x, dtype=np.float64).reshape(len(x), -1)
    for layer in network.layers:
        values = values @ np.asarray(layer.weight, dtype=np.float64)
        if layer.bias is not None:
            values = values + np.asarray(layer.bias, dtype=np.float64)
        values = _activate(values, layer.activation)
    return values


def loss_of(network: Network, x: np.ndarray, y: np.ndarray, loss: str) -> float:
    """The loss on all of the data as one batch, as the product defines it; classes are taken one-hot. In float64."""
    outputs = forward(network, x)
    targets = np.asarray(y)
    classes = is_classes(targets)
    if classes:
        one_hot = np.zeros_like(outputs)
        one_hot[np.arange(len(outputs)), targets.astype(np.int64).reshape(-1)] = 1
        targets = one_hot
    targets = targets.reshape(len(outputs), -1)
    if loss == "softmax-cross-entropy":
        peak = outputs.max(axis=1, keepdims=True)
        log_sum = peak[:, 0] + np.log(np.exp(outputs - peak).sum(axis=1))
        return float((targets.sum(axis=1) * log_sum - (targets * outputs).sum(axis=1)).mean())
    squares = ((outputs - targets) ** 2).sum()
    return float(squares / 2 if loss == "half-sse" else squares / outputs.size)


def is_classes(y: np.ndarray) -> bool:
    """The product's rule: whole numbers 0 … 9999 in one column are classes, anything else are values."""
    column = y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1)
    if not column or y.size == 0:
        return False
    values = np.asarray(y, dtype=np.float64)
    return bool(np.all((values == np.floor(values)) & (values >= 0) & (values < 10_000)))


def check_data(network: Network, data: Tuple[Any, Any], loss: str) -> Tuple[np.ndarray, np.ndarray]:
    """(x, y) as arrays, samples in rows. Raises SaddlescopeError where they do not meet the network or the loss."""
    if loss not in LOSSES:
        raise SaddlescopeError(f"loss: must be one of {', '.join(LOSSES)}, got {loss!r}")
    if not (isinstance(data, (tuple, list)) and len(data) == 2):
        raise SaddlescopeError("data: must be a pair (x, y) of arrays with samples in rows")
    x, y = as_numpy(data[0]), as_numpy(data[1])
    if x.ndim < 2 or y.ndim == 0 or len(x) != len(y) or len(x) == 0:
        raise SaddlescopeError(f"data: x must be (samples, features) and y have as many rows, got shapes {x.shape} and {y.shape}")
    features = int(np.prod(x.shape[1:]))
    if features != network.widths[0]:
        raise SaddlescopeError(f"data: x has {features} features a sample, but the network takes {network.widths[0]}")
    outputs = network.widths[-1]
    if is_classes(y):
        if int(y.max()) + 1 != outputs:
            raise SaddlescopeError(
                f"data: whole numbers in one column are classes; y has {int(y.max()) + 1} of them, but the network has {outputs} outputs"
            )
    elif int(np.prod(y.shape[1:])) != outputs:
        raise SaddlescopeError(f"data: y has {int(np.prod(y.shape[1:]))} values a sample, but the network has {outputs} outputs")
    if loss == "softmax-cross-entropy" and network.output_activation["kind"] != "identity":
        raise SaddlescopeError("loss: softmax-cross-entropy takes the network's outputs before any activation; leave the last one out")
    return x, y
