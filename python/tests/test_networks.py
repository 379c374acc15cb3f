"""Chains of layers out of models: by hand, by a stand-in for torch, and by torch itself where it is installed."""

import json
import re
import struct
import urllib.request
import webbrowser
from pathlib import Path

import numpy as np
import pytest

from saddlescope import Recorder, SaddlescopeError, Workspace, look, network_of
from saddlescope._safetensors import safetensors_bytes
from saddlescope.command import call
from saddlescope.look import write_model
from saddlescope.networks import check_data, forward, loss_of


class Parameter:
    """What is used of a torch parameter."""

    def __init__(self, array):
        self.array, self.dtype, self.shape, self.grad = array, array.dtype, array.shape, None

    def detach(self):
        return self

    def cpu(self):
        return self

    def numpy(self):
        return self.array


class Module:
    def __init__(self, *inner):
        self.inner = inner

    def children(self):
        return self.inner

    def state_dict(self):
        return {}


def module(name, **attributes):
    made = type(name, (Module,), {})()
    made.__dict__.update(attributes)
    return made


def linear(inputs, units, bias=True):
    array = np.arange(inputs * units, dtype="f4").reshape(units, inputs)
    return module("Linear", weight=Parameter(array), bias=Parameter(np.ones(units, "f4")) if bias else None)


def sequential(*inner):
    made = module("Sequential")
    made.inner = inner
    return made


def test_a_sequential_becomes_a_chain():
    net = network_of(sequential(module("Flatten"), sequential(linear(3, 2), module("LeakyReLU", negative_slope=0.2)), linear(2, 5), module("Softplus", beta=1)))
    assert net.widths == [3, 2, 5] and net.bias
    assert net.model_spec()["activation"] == {"kind": "leaky-relu", "slope": 0.2} and net.output_activation == {"kind": "softplus"}
    np.testing.assert_array_equal(net.arrays()["W1"], [[0, 3], [1, 4], [2, 5]])
    assert net.arrays()["W1"].dtype == np.float64


def test_what_no_chain_is_is_named():
    cases = {
        "module 1: Conv2d is not known": sequential(linear(2, 2), module("Conv2d")),
        "module 0: an activation before": sequential(module("ReLU"), linear(2, 2)),
        "module 2: two activations in a row": sequential(linear(2, 2), module("ReLU"), module("Tanh")),
        "Softplus must have beta 1": sequential(linear(2, 2), module("Softplus", beta=2)),
        "Dropout is not known": sequential(linear(2, 2), module("Dropout", p=0.5)),
        r"one activation, got \['relu', 'tanh'\]": sequential(linear(2, 2), module("ReLU"), linear(2, 2), module("Tanh"), linear(2, 1)),
        "has no layer of weights": sequential(),
        "must be a torch.nn.Sequential or a list": "net",
        "weights must be inputs × units": [(np.ones(3), None, None)],
        r"the bias must have shape \(2,\)": [(np.ones((3, 2)), np.ones(3), None)],
    }
    for words, model in cases.items():
        with pytest.raises(SaddlescopeError, match=words):
            network_of(model)


def test_losses_by_hand():
    net = network_of([(np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.0, 1.0]), "relu")])
    x = np.array([[1.0, 1.0], [-1.0, 0.5]])
    np.testing.assert_array_equal(forward(net, x), [[1, 3], [0, 2]])
    y = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert loss_of(net, x, y, "half-sse") == (1 + 4 + 1 + 1) / 2 and loss_of(net, x, y, "mse") == 7 / 4
    linear_net = network_of([(np.eye(2), None, None)])
    expected = -np.mean([1 - np.log(np.e + np.e), -1 - np.log(np.exp(-1) + np.exp(0.5))])
    assert loss_of(linear_net, x, np.array([0, 0]), "softmax-cross-entropy") == pytest.approx(expected, rel=1e-15)
    with pytest.raises(SaddlescopeError, match="takes the network's outputs before any activation"):
        check_data(net, (x, np.array([0, 1])), "softmax-cross-entropy")


def test_safetensors_bytes():
    content = safetensors_bytes({"b": np.arange(3, dtype=">f4"), "a": np.eye(2)})
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0 and header["b"] == {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}
    start, end = header["a"]["data_offsets"]
    np.testing.assert_array_equal(np.frombuffer(content[8 + length :][start:end], "<f8").reshape(2, 2), np.eye(2))
    assert len(content) == 8 + length + 12 + 32
    with pytest.raises(SaddlescopeError, match="must be float64, float32 or float16, got int64"):
        safetensors_bytes({"n": np.arange(3)})


def _knows_networks():
    return "inspect" in call(["--help"])


needs_networks = pytest.mark.skipif(not _knows_networks(), reason="this build imports no networks from elsewhere")


@needs_networks
@pytest.mark.parametrize("loss", ["softmax-cross-entropy", "half-sse", "mse"])
@pytest.mark.parametrize("bias", [True, False])
def test_look(workspace, tmp_path, loss, bias):
    random = np.random.default_rng(3)
    # Square layers fit either way round and in either order: only the loss tells.
    layer = lambda activation: (random.normal(size=(3, 3)), random.normal(size=3) if bias else None, activation)  # noqa: E731
    output = None if loss == "softmax-cross-entropy" else "sigmoid"
    model = [layer({"kind": "leaky-relu", "slope": 0.25}), layer({"kind": "leaky-relu", "slope": 0.25}), layer(output)]
    x = random.normal(size=(20, 3))
    y = np.arange(20) % 3 if loss == "softmax-cross-entropy" else random.normal(size=(20, 3))
    run = look(model, (x, y), loss, workspace=workspace, id="mine", open=False)
    assert (run.id, run.state, run.status["step"]) == ("mine", "done", 0)
    for name, array in network_of(model).arrays().items():
        np.testing.assert_array_equal(run.weights(0)[name], array)
    found = run.curvature(0, out=tmp_path / "out")
    expected = loss_of(network_of(model), x, y, loss)
    assert found.loss == pytest.approx(expected, rel=1e-12)
    # The gradient against central differences of the loss in NumPy.
    for place in range(0, len(found.gradient), 5):
        moved = [difference(model, place, sign * 1e-5) for sign in (1, -1)]
        slope = (loss_of(moved[0], x, y, loss) - loss_of(moved[1], x, y, loss)) / 2e-5
        assert found.gradient[place] == pytest.approx(slope, abs=1e-7 * max(1, np.abs(found.gradient).max()))


def difference(model, place, by):
    """The network with one entry of its parameter vector moved."""
    layers = []
    for weight, bias, activation in model:
        w, b = weight.copy(), None if bias is None else bias.copy()
        for part in (w, b):
            if part is not None and 0 <= place < part.size:
                part.reshape(-1)[place] += by
            place -= 0 if part is None else part.size
        layers.append((w, b, activation))
    return network_of(layers)


@needs_networks
def test_look_says_what_the_product_says(workspace):
    run = look([(np.eye(2), None, None)], (np.eye(2), np.array([0, 1])), "mse", workspace=workspace, id="mine", open=False)
    assert Workspace(workspace).runs[0].id == run.id
    with pytest.raises(SaddlescopeError, match="mine"):
        look([(np.eye(2), None, None)], (np.eye(2), np.array([0, 1])), "mse", workspace=workspace, id="mine", open=False)


@needs_networks
def test_the_example_of_the_readme(workspace, monkeypatch, capsys):
    pytest.importorskip("torch")
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf8")
    example = readme.split("```python\n")[1].split("```")[0]
    assert len(example.strip().splitlines()) <= 10
    opened = []
    monkeypatch.setenv("SADDLESCOPE_WORKSPACE", str(workspace))
    monkeypatch.setenv("XDG_STATE_HOME", str(workspace.parent / "state"))
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "Hessian (67, 67)" in said and float(said.split("loss ")[1].split(",")[0]) == pytest.approx(1.1, abs=0.2)
    (address,) = opened
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#token=[\w-]+&to=/run/[a-z0-9-]+", address)
    with urllib.request.urlopen(address.split("#")[0], timeout=30) as page:
        assert b"<html" in page.read()


def test_torch_models(workspace, tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3)).double()
    x, y = torch.randn(40, 3).double(), torch.arange(40) % 3
    loss_function, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.01)
    network = network_of(model)
    assert loss_of(network, x.numpy(), y.numpy(), "softmax-cross-entropy") == pytest.approx(loss_function(model(x), y).item(), rel=1e-14)

    def at(vector):
        named, start = {}, 0
        for name, parameter in model.named_parameters():
            named[name] = vector[start : start + parameter.numel()].view_as(parameter)
            start += parameter.numel()
        return loss_function(torch.func.functional_call(model, named, (x,)), y)

    losses, norms = [], []
    with Recorder("torch", workspace=workspace, model=model, data=(x, y), loss="softmax-cross-entropy", optimizer="adam", checkpoint_every=5) as recorder:
        for _ in range(10):
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            losses.append(float(loss))
            norms.append(float(torch.nn.utils.parameters_to_vector([p.grad for p in model.parameters()]).norm()))
            optimizer.step()
            recorder.step(loss)
        vector = torch.nn.utils.parameters_to_vector(model.parameters()).detach()
        recorder.snapshot(torch.func.hessian(at)(vector))
    run = recorder.run
    np.testing.assert_array_equal(run.metrics["loss"], losses)
    np.testing.assert_allclose(run.metrics["gradNorm"], norms, rtol=1e-12)
    assert np.isfinite(run.metrics["stepNorm"]).all() and run.checkpoints == [0, 5, 10]
    # Torch's Hessian, put into the run's order, is the product's own.
    found = run.curvature(10, out=tmp_path / "out")
    scale = np.abs(found.hessian()).max()
    assert np.abs(run.hessian(10) - found.hessian()).max() <= 1e-12 * scale
    assert np.abs(run.spectrum(10) - found.eigenvalues()).max() <= 1e-12 * np.abs(found.eigenvalues()).max()
    assert found.loss == pytest.approx(float(loss_function(model(x), y)), rel=1e-13)


@pytest.mark.parametrize("kind", ["float32", "float64", "float16", "bfloat16"])
def test_torch_weights_arrive_exactly(tmp_path, kind):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU(), torch.nn.Linear(2, 2)).to(getattr(torch, kind))
    path, _ = write_model(tmp_path, network_of(model), (np.eye(3), np.eye(3)[:, :2]))
    safetensors = pytest.importorskip("safetensors.torch")
    stored = safetensors.load_file(path)
    for place, layer in ((0, model[0]), (1, model[2])):
        assert torch.equal(stored[f"{place}.weight"].double(), layer.weight.double()) and torch.equal(stored[f"{place}.bias"].double(), layer.bias.double())
