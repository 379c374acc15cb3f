"""A run folder, read: metrics, spectra, Hessians, weights and analyses as NumPy arrays. Everything is read anew at each call, so a run that grows may be read while it does."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

import numpy as np

from ._files import read_json, step_name, steps_in, verify_files
from ._metrics import Metrics, read_metrics, whole_lines
from .command import call
from .errors import SaddlescopeError


class Block(NamedTuple):
    """What a snapshot holds of one block: ``units`` matrices of ``size`` rows, from parameter ``offset`` on."""

    name: str
    offset: int
    size: int
    units: int
    #: Places of the stored eigenvectors among the ascending eigenvalues.
    indices: Tuple[int, ...]
    #: Relative errors; None where a check was not made.
    checks: Mapping[str, Optional[float]]
    files: Mapping[str, Optional[str]]


class Snapshot:
    """The curvature after ``step`` steps, on the next step's batch."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.manifest = read_json(folder / "manifest.json")
        self.step = int(self.manifest["step"])
        self.blocks = [
            Block(
                entry["name"],
                entry["offset"],
                entry["size"],
                entry["units"],
                tuple(entry["indices"]),
                entry["checks"],
                {kind: entry[kind] for kind in ("eigenvalues", "eigenvectors", "hessian", "overview")},
            )
            for entry in self.manifest["blocks"]
        ]

    def __repr__(self) -> str:
        return f"Snapshot(step={self.step}, blocks={[block.name for block in self.blocks]})"

    def block(self, name: Optional[str] = None) -> Block:
        """By its name; left out where there is only one."""
        if name is None and len(self.blocks) == 1:
            return self.blocks[0]
        for block in self.blocks:
            if block.name == name:
                return block
        names = ", ".join(block.name for block in self.blocks) or "none"
        asked = "which block is asked for must be said" if name is None else f'there is no block "{name}"'
        raise SaddlescopeError(f"{self.folder}: {asked}; it has {names}")

    def _array(self, kind: str, block: Optional[str]) -> np.ndarray:
        found = self.block(block)
        file = found.files[kind]
        if file is None:
            kept = ", ".join(name for name, value in found.files.items() if value) or "nothing"
            raise SaddlescopeError(f"{self.folder}: block {found.name} keeps no {kind}; it keeps {kept}")
        array: np.ndarray = np.load(self.folder / file, mmap_mode="r", allow_pickle=False)
        return array

    def eigenvalues(self, block: Optional[str] = None) -> np.ndarray:
        """Ascending, float64: ``(size,)``, or ``(units, size)`` for unit blocks. A read-only memmap."""
        return self._array("eigenvalues", block)

    def eigenvectors(self, block: Optional[str] = None) -> np.ndarray:
        """``(size, k)``: column c belongs to eigenvalue number ``block.indices[c]``. A read-only memmap."""
        return self._array("eigenvectors", block)

    def hessian(self, block: Optional[str] = None) -> np.ndarray:
        """``(size, size)``, or ``(units, size, size)``; rows and columns in the parameters' order. A read-only memmap: slice it, and only that is read."""
        return self._array("hessian", block)

    def verify(self) -> None:
        """Compares every file with its checksum. Raises SaddlescopeError."""
        verify_files(self.folder, self.manifest["files"])


class Analysis:
    """What `saddlescope analyse` made of a step: figures, checks and arrays."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.manifest = read_json(folder / "manifest.json")
        self.kind = str(self.manifest["kind"])
        self.step: Optional[int] = self.manifest["step"]
        self.options: Mapping[str, Any] = self.manifest["options"]
        self.figures: Mapping[str, Optional[float]] = self.manifest["figures"]
        self.checks: Mapping[str, Mapping[str, Any]] = self.manifest["checks"]

    def __repr__(self) -> str:
        return f"Analysis(kind={self.kind!r}, step={self.step}, arrays={list(self.manifest['arrays'])})"

    def array(self, name: str) -> np.ndarray:
        """An array of the analysis, a read-only memmap; its meaning and unit are in ``manifest["arrays"][name]``."""
        entry = self.manifest["arrays"].get(name)
        if entry is None:
            raise SaddlescopeError(f'{self.folder}: has no array "{name}"; it has {", ".join(self.manifest["arrays"]) or "none"}')
        array: np.ndarray = np.load(self.folder / entry["file"], mmap_mode="r", allow_pickle=False)
        return array

    def verify(self) -> None:
        """Compares every file with its checksum. Raises SaddlescopeError."""
        verify_files(self.folder, self.manifest["files"])


class Curvature:
    """What `saddlescope hessian` computed: read-only memmaps of files in ``folder``."""

    def __init__(self, folder: Path, report: Dict[str, Any], kept: Optional["tempfile.TemporaryDirectory[str]"] = None):
        self.folder = folder
        self._kept = kept
        #: As the command reports it: ``P``, ``loss``, ``blocks``, ``checks`` (relative errors by block), ``backend``.
        self.report = report
        self.loss = float(report["loss"])

    def _array(self, name: str) -> np.ndarray:
        array: np.ndarray = np.load(self.folder / name, mmap_mode="r", allow_pickle=False)
        return array

    @property
    def gradient(self) -> np.ndarray:
        return self._array("gradient.npy")

    def eigenvalues(self, block: str = "full") -> np.ndarray:
        """Ascending."""
        return self._array(f"eigenvalues.{block}.npy")

    def eigenvectors(self, block: str = "full") -> np.ndarray:
        """Columns; only where vectors were asked for."""
        return self._array(f"eigenvectors.{block}.npy")

    def hessian(self, block: str = "full") -> np.ndarray:
        return self._array("hessian.npy" if block == "full" else f"hessian.{block}.npy")


class Run:
    """One run folder. ``Run(path)`` opens any, also outside a workspace; ``Workspace().run(id)`` one by its id."""

    def __init__(self, folder: Union[str, Path]):
        self.folder = Path(folder).absolute()
        self.id = self.folder.name
        if not (self.folder / "spec.json").exists():
            raise SaddlescopeError(f"{self.folder}: is no run; a run is a folder with a spec.json")

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    @property
    def spec(self) -> Dict[str, Any]:
        """What was asked, complete."""
        return read_json(self.folder / "spec.json")

    @property
    def meta(self) -> Dict[str, Any]:
        """Name, tags, notes, group, colour, lineage."""
        return read_json(self.folder / "meta.json")

    @property
    def status(self) -> Dict[str, Any]:
        """State, step, times, versions, backend, figures."""
        return read_json(self.folder / "status.json")

    @property
    def name(self) -> str:
        return str(self.meta["name"])

    @property
    def state(self) -> str:
        return str(self.status["state"])

    @property
    def metrics(self) -> Metrics:
        """Figures by name, an array each with one entry a step; ``metrics.to_pandas()`` makes a DataFrame of them."""
        return read_metrics(self.folder / "metrics.ndjson")

    @property
    def log(self) -> List[Tuple[str, str]]:
        """Time and message of what happened."""
        return [(str(line.get("time")), str(line.get("message"))) for line in whole_lines(self.folder / "log.ndjson")]

    @property
    def histograms(self) -> List[Dict[str, Any]]:
        """One object an evaluation, `{step, layers}`; empty where the spec asks for none."""
        return list(whole_lines(self.folder / "histograms.ndjson"))

    @property
    def snapshots(self) -> List[int]:
        """Steps whose curvature is stored, ascending."""
        return steps_in(self.folder / "snapshots")

    @property
    def checkpoints(self) -> List[int]:
        """Steps whose state is stored, ascending."""
        return steps_in(self.folder / "checkpoints")

    @property
    def analyses(self) -> List[Analysis]:
        """By name."""
        parent = self.folder / "analyses"
        folders = sorted(parent.iterdir()) if parent.is_dir() else []
        return [Analysis(folder) for folder in folders if not folder.name.endswith(".partial") and (folder / "manifest.json").exists()]

    def snapshot(self, step: Optional[int] = None) -> Snapshot:
        """Of a step; left out: the newest."""
        steps = self.snapshots
        wanted = steps[-1] if step is None and steps else step
        if wanted not in steps:
            asked = "no snapshot" if step is None else f"no snapshot of step {step}"
            raise SaddlescopeError(f'run "{self.id}" has {asked}; it has {", ".join(map(str, steps)) or "none"}')
        return Snapshot(self.folder / "snapshots" / step_name(int(wanted)))

    def spectrum(self, step: Optional[int] = None, block: Optional[str] = None) -> np.ndarray:
        """The stored eigenvalues of a step (left out: the newest) and block (left out where there is only one), ascending."""
        return self.snapshot(step).eigenvalues(block)

    def hessian(self, step: Optional[int] = None, block: Optional[str] = None) -> np.ndarray:
        """The stored Hessian as a read-only memmap: slicing reads that part alone."""
        return self.snapshot(step).hessian(block)

    def weights(self, step: Optional[int] = None) -> Dict[str, np.ndarray]:
        """The weights after ``step`` steps (left out: the newest that are stored), from a checkpoint or a snapshot: W1 (inputs × units), b1, W2, …; x of a function. Of a recorded run without a network: the arrays by the names they were recorded under."""
        found = {at: kind for kind in ("snapshots", "checkpoints") for at in steps_in(self.folder / kind) if self._has_weights(kind, at)}
        wanted = max(found) if step is None and found else step
        if wanted not in found:
            asked = "no weights" if step is None else f"no weights of step {step}"
            raise SaddlescopeError(f'run "{self.id}" has {asked}; it has {", ".join(map(str, sorted(found))) or "none"}')
        with np.load(self.folder / found[wanted] / step_name(int(wanted)) / "weights.npz", allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return self._named(arrays)

    def _has_weights(self, kind: str, step: int) -> bool:
        return (self.folder / kind / step_name(step) / "weights.npz").exists()

    def _named(self, arrays: Dict[str, np.ndarray]) -> Dict[str, np.ndarray]:
        pieces = self.status.get("recordedArrays")
        if not pieces or set(arrays) != {"x"}:
            return arrays
        named, start = {}, 0
        for piece in pieces:
            count = int(np.prod(piece["shape"], dtype=np.int64))
            named[piece["name"]] = arrays["x"][start : start + count].reshape(piece["shape"])
            start += count
        return named

    def curvature(
        self, step: Optional[int] = None, *, out: Union[str, Path, None] = None, scope: str = "full", vectors: bool = False
    ) -> Curvature:
        """Computes gradient, Hessian and eigenvalues exactly at a stored step (left out: the newest checkpoint), by the product: on the first batch of the training data, which is all of them where the batch is full. ``out``: a folder for the files; left out, they go with the returned object. Nothing is stored in the run. Needs the command `saddlescope`."""
        steps = sorted({*self.checkpoints, *self.snapshots})
        at = steps[-1] if step is None and steps else step
        if at not in steps:
            raise SaddlescopeError(f'run "{self.id}" has no weights of step {at}; it has {", ".join(map(str, steps)) or "none"}')
        kept = tempfile.TemporaryDirectory(prefix="saddlescope-") if out is None else None
        folder = Path(kept.name) / "curvature" if kept is not None else Path(out or ".").absolute()
        words = ["hessian", str(self.folder / "spec.json"), "--at", f"{self.id}:{at}", "--scope", scope, "--out", str(folder), "--json"]
        answer = call([*words, *(["--vectors"] if vectors else [])], workspace=self.folder.parent.parent)
        return Curvature(folder, json.loads(answer), kept)
