"""What the files of a recorded run say of it: spec.json, meta.json, status.json at its start."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from ._figures import EMPTY
from ._files import now_text, npz_bytes, write_atomically, write_json
from .errors import SaddlescopeError
from .networks import Network
from .workspace import is_id, slug

#: The kind of backend that marks a run as recorded: the product shows it, and does not train it on.
RECORDED = "recorded"
VERSION = "0.1.0"
#: A budget must be said before it is known how many steps there will be.
_YEAR = 365 * 24 * 3600


OPTIMIZERS = "gd momentum nesterov rmsprop adam adamw l-bfgs damped-newton levenberg-marquardt sfn sfn-krylov fd-newton series-newton ar3".split()


def optimizer_rule(given: Union[str, Mapping[str, Any], None]) -> Tuple[Dict[str, Any], Optional[str]]:
    """The `optimizer` of the spec, and the name of one that the product does not have: gd then stands in its place."""
    rule = {"kind": given} if isinstance(given, str) else dict(given or {"kind": "not said"})
    kind = str(rule.get("kind"))
    return (rule, None) if kind in OPTIMIZERS else ({"kind": "gd"}, kind)


def claim_folder(workspace: Path, name: str, id: Optional[str]) -> Path:
    """Makes the run's folder. Raises SaddlescopeError when the id is none, or taken."""
    parent = workspace / "runs"
    parent.mkdir(parents=True, exist_ok=True)
    if id is not None:
        if not is_id(id):
            raise SaddlescopeError(f'"{id}": must be 1 to 64 of a-z, 0-9 and "-", starting with a letter or digit')
        if (parent / id / "spec.json").exists():
            raise SaddlescopeError(f'there is already a run "{id}" in {workspace}; choose another id, or go on with Recorder.resume')
        (parent / id).mkdir(exist_ok=True)
        return parent / id
    base = slug(name)
    for k in range(1, 1_000_000):
        folder = parent / (base if k == 1 else f"{base}-{k}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
    raise SaddlescopeError(f"{parent}: has a million runs of that name")


def common_spec(name: str, tags: Sequence[str], optimizer: Mapping[str, Any], steps: Optional[int], every: Optional[int], keep: int) -> Dict[str, Any]:
    return {
        "schemaVersion": 1,
        "name": name,
        "tags": list(tags),
        "optimizer": dict(optimizer),
        "budget": {"steps": steps, "seconds": None if steps else _YEAR},
        "checkpoints": {"everySteps": every, "keep": keep},
    }


def bare_spec(common: Mapping[str, Any]) -> Dict[str, Any]:
    """Of a run of which the product knows no network and no data: it is looked at, not computed with."""
    return {**common, "problem": {"kind": "function", "function": RECORDED}}


def network_spec(common: Mapping[str, Any], folder: Path, network: Network, data: "tuple[np.ndarray, np.ndarray]", loss: str, batch_size: Optional[int]) -> Dict[str, Any]:
    """Of a chain of dense layers on data that are kept in the run's `inputs/`: the product computes its curvature."""
    inputs = folder / "inputs"
    inputs.mkdir(exist_ok=True)
    x, y = data
    write_atomically(inputs / "data.npz", npz_bytes({"x": plain(x), "y": plain(y)}))
    write_atomically(inputs / "init.npz", npz_bytes(network.arrays()))
    return {
        **common,
        "data": {"dataset": {"path": str(inputs / "data.npz")}},
        "model": {**network.model_spec(), "init": {"kind": "npz", "path": str(inputs / "init.npz")}},
        "loss": loss,
        "batch": {"size": batch_size, "shuffle": False},
    }


def plain(array: np.ndarray) -> np.ndarray:
    """A type that the product reads: bytes as they are, every other number exact in float64."""
    return array if array.dtype == np.uint8 else np.asarray(array, dtype=np.float64)


def write_documents(folder: Path, spec: Dict[str, Any], meta: Mapping[str, Any], status: Dict[str, Any]) -> None:
    """spec.json last: a folder without it is no run yet."""
    fresh = {
        "schemaVersion": 1,
        "name": spec["name"],
        "tags": spec["tags"],
        "notes": "",
        "pinned": False,
        "colour": None,
        "group": None,
        "lineage": None,
        "hashes": {"weights": None, "projection": None, "batches": None, "dataset": None},
    }
    write_json(folder / "meta.json", {**fresh, **meta})
    write_json(folder / "status.json", status)
    write_json(folder / "spec.json", spec)


def fresh_status(parameters: Optional[int], samples: Optional[int]) -> Dict[str, Any]:
    now = now_text()
    return {
        "schemaVersion": 1,
        "state": "queued",
        "step": 0,
        "createdAt": now,
        "startedAt": now,
        "endedAt": None,
        "seconds": 0,
        "wallSeconds": 0,
        "host": None,
        "backend": backend(),
        "versions": versions(),
        "startEvaluation": None,
        "error": None,
        "numericsChangedAtStep": None,
        "parameterCount": parameters,
        "trainingSamples": samples,
        "figures": EMPTY,
    }


def _library() -> str:
    """The library that trains, by what the program has loaded."""
    for module, title in (("torch", "PyTorch"), ("jax", "JAX")):
        loaded = sys.modules.get(module)
        if loaded is not None:
            return f"{title} {getattr(loaded, '__version__', '')}".strip()
    return f"NumPy {np.__version__}"


def backend() -> Dict[str, Any]:
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch is not None and hasattr(torch, "get_num_threads") else os.cpu_count() or 1
    return {"kind": RECORDED, "description": f"{_library()}, recorded from Python {platform.python_version()}", "threads": int(threads)}


def versions() -> Dict[str, str]:
    found = {"saddlescope-python": VERSION, "python": platform.python_version(), "numpy": np.__version__}
    for module in ("torch", "jax"):
        loaded = sys.modules.get(module)
        if loaded is not None and hasattr(loaded, "__version__"):
            found[module] = str(loaded.__version__)
    return found
