"""`look(model, data, loss)`: a network of yours as a run at step 0, opened in the workbench."""

from __future__ import annotations

import atexit
import json
import re
import subprocess
import tempfile
import webbrowser
from pathlib import Path
from typing import Any, Dict, Optional, Tuple, Union

from ._files import npz_bytes
from ._recorded import plain
from ._safetensors import safetensors_bytes
from .command import call, command_environment, command_words
from .errors import SaddlescopeError
from .networks import Network, check_data, loss_of, network_of
from .run import Run
from .workspace import Workspace

#: Workbenches that this program started, by workspace, with their links.
_served: Dict[Path, Tuple["subprocess.Popen[str]", str]] = {}


def _activation_text(activation: Dict[str, Any]) -> str:
    return str(activation["kind"]) if len(activation) == 1 else json.dumps(activation)


def write_model(folder: Path, network: Network, data: Tuple[Any, Any]) -> Tuple[Path, Path]:
    """model.safetensors as PyTorch writes it (`0.weight` units × inputs, `0.bias`, `1.weight`, …) and data.npz with x and y."""
    arrays = {}
    for place, layer in enumerate(network.layers):
        arrays[f"{place}.weight"] = layer.weight.T
        if layer.bias is not None:
            arrays[f"{place}.bias"] = layer.bias
    model, samples = folder / "model.safetensors", folder / "data.npz"
    model.write_bytes(safetensors_bytes({name: array if array.dtype.kind == "f" else array.astype("f8") for name, array in arrays.items()}))
    samples.write_bytes(npz_bytes({"x": plain(data[0]), "y": plain(data[1])}))
    return model, samples


def look(
    model: Any,
    data: Tuple[Any, Any],
    loss: str,
    *,
    id: Optional[str] = None,
    workspace: Union[str, Path, Workspace, None] = None,
    open: bool = True,
) -> Run:
    """Hands a network and its data to the product, which computes its exact Hessian, spectrum and analyses; returns the run.

    ``model``: a torch.nn.Sequential of Linear and activations, or a list of (W, b, activation) with W inputs × units. ``data``: (x, y) with samples in rows.
    ``loss``: half-sse, mse or softmax-cross-entropy, on all of the data as one batch. The loss is computed here too, and the product refuses
    the network when its own differs by more than 1e-9. ``open``: in the browser, by a workbench that lives as long as this program. Needs the command `saddlescope`.
    """
    place = workspace if isinstance(workspace, Workspace) else Workspace(workspace)
    network = network_of(model)
    x, y = check_data(network, data, loss)
    with tempfile.TemporaryDirectory(prefix="saddlescope-") as made:
        weights, samples = write_model(Path(made), network, (x, y))
        words = ["import", str(weights), "--data", str(samples), "--loss", loss]
        words += ["--activation", _activation_text(network.activation)]
        if loss != "softmax-cross-entropy":
            words += ["--output-activation", _activation_text(network.output_activation)]
        words += ["--order", ",".join(f"{k}.weight" for k in range(len(network.layers)))]
        words += ["--expect-loss", repr(loss_of(network, x, y, loss)), "--json"]
        if id is not None:
            words += ["--id", id]
        answer = json.loads(call(words, workspace=place.folder))
    run = place.run(answer["run"])
    if open:
        show(run)
    return run


def show(run: Run) -> str:
    """Opens a run in the browser and returns the link; the workbench behind it ends with this program."""
    folder = run.folder.parent.parent
    address = f"{_serve(folder)}&to=/run/{run.id}"
    if not webbrowser.open(address):
        print(f"open this link in a browser on this machine: {address}")
    return address


def _serve(workspace: Path) -> str:
    """The link of a workbench on the workspace: of the one that runs, else of a new one on a free port."""
    running = _served.get(workspace)
    if running is not None and running[0].poll() is None:
        return running[1]
    process = subprocess.Popen(
        [*command_words(), "serve", "--port", "0", "--no-demo"],
        env=command_environment(workspace),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    link = (process.stdout.readline() if process.stdout else "").strip()
    if not re.match(r"https?://", link):
        process.terminate()
        raise SaddlescopeError("saddlescope serve: gave no link; start it by hand to see why")
    _served[workspace] = (process, link)
    atexit.register(_end, process)
    return link


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
