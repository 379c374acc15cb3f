"""Checkpoints and snapshots, written whole under their final names."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import numpy as np

from ._files import PARTIAL, begin_folder, json_bytes, npy_bytes, npz_bytes, publish_folder, step_name, steps_in, write_synced
from .errors import SaddlescopeError


def write_checkpoint(folder: Path, state: Mapping[str, Any], weights: Mapping[str, np.ndarray]) -> None:
    """``state``: the keys of state.json but ``files``."""
    path = folder / "checkpoints" / step_name(int(state["step"]))
    partial = begin_folder(path)
    files = [write_synced(partial / "weights.npz", npz_bytes(weights)), write_synced(partial / "optimizer.npz", npz_bytes({}))]
    write_synced(partial / "state.json", json_bytes({**state, "files": files}))
    publish_folder(partial, path)


def drop_checkpoints(folder: Path, keep: int) -> None:
    """The first and the newest always stay; of the others the newest ``keep``."""
    parent = folder / "checkpoints"
    steps = steps_in(parent)
    for step in steps[1 : max(1, len(steps) - max(keep, 1))]:
        gone = parent / (step_name(step) + PARTIAL)
        (parent / step_name(step)).replace(gone)
        shutil.rmtree(gone)


def overview(matrix: np.ndarray) -> np.ndarray:
    """The levels of the pyramid one after the other, float32: each keeps, of four entries, the one of largest magnitude (docs/files.md)."""
    levels: List[np.ndarray] = []
    level = np.asarray(matrix)
    while not levels or max(level.shape) > 512:
        rows, columns = -(-level.shape[0] // 2), -(-level.shape[1] // 2)
        padded = np.pad(level, ((0, 2 * rows - level.shape[0]), (0, 2 * columns - level.shape[1])), mode="edge")
        quarters = padded.reshape(rows, 2, columns, 2).transpose(0, 2, 1, 3).reshape(rows, columns, 4)
        largest = np.abs(quarters).argmax(axis=2)
        level = np.take_along_axis(quarters, largest[:, :, None], axis=2)[:, :, 0].astype(np.float32)
        levels.append(level)
    return np.concatenate([one.reshape(-1) for one in levels])


def _block(partial: Path, files: List[Dict[str, Any]], name: str, offset: int, given: Mapping[str, Any]) -> Dict[str, Any]:
    """Writes one block's arrays and returns its entry in the manifest."""

    def put(kind: str, array: Optional[np.ndarray]) -> Optional[str]:
        if array is None:
            return None
        file = f"hessian.{name}.overview.npy" if kind == "overview" else f"{kind}.{name}.npy"
        files.append(write_synced(partial / file, npy_bytes(array)))
        return file

    matrix, vectors = given.get("hessian"), given.get("vectors", 0)
    checks: Dict[str, Optional[float]] = dict.fromkeys(("symmetry", "trace", "frobenius", "residual", "finiteDifference"))
    indices: List[int] = []
    chosen = None
    if matrix is not None:
        symmetric = (matrix + matrix.T) / 2
        values, basis = np.linalg.eigh(symmetric)
        size = len(values)
        peak, spread = np.abs(matrix).max(), np.abs(values).max()
        checks["symmetry"] = float(np.abs(matrix - matrix.T).max() / peak) if peak else 0.0
        checks["trace"] = float(abs(np.trace(symmetric) - values.sum()) / np.abs(values).sum()) if spread else 0.0
        checks["frobenius"] = float(abs((symmetric**2).sum() - (values**2).sum()) / (values**2).sum()) if spread else 0.0
        low = min(vectors, size) // 2
        indices = [*range(low), *range(size - (min(vectors, size) - low), size)]
        chosen = basis[:, indices] if indices else None
        if chosen is not None:
            residual = np.linalg.norm(symmetric @ chosen - chosen * values[indices], axis=0).max()
            checks["residual"] = float(residual / spread) if spread else 0.0
        matrix = symmetric
    else:
        values = np.sort(np.asarray(given["eigenvalues"], dtype=np.float64).reshape(-1))
    keeps = matrix is not None and given.get("keep", True)
    return {
        "name": name,
        "offset": offset,
        "size": len(values),
        "units": 1,
        "eigenvalues": put("eigenvalues", values),
        "eigenvectors": put("eigenvectors", chosen),
        "indices": indices if chosen is not None else [],
        "hessian": put("hessian", matrix if keeps else None),
        "overview": put("overview", overview(matrix) if keeps and matrix is not None else None),
        "checks": checks,
    }


def write_snapshot(
    folder: Path,
    step: int,
    parameters: int,
    blocks: Mapping[str, Mapping[str, Any]],
    offsets: Mapping[str, int],
    weights: Optional[Mapping[str, np.ndarray]],
) -> None:
    """``blocks`` by name: {hessian, vectors, keep} or {eigenvalues}. Replaces an older snapshot of that step."""
    path = folder / "snapshots" / step_name(step)
    partial = begin_folder(path)
    files: List[Dict[str, Any]] = []
    try:
        if weights is not None:
            files.append(write_synced(partial / "weights.npz", npz_bytes(weights)))
        entries = [_block(partial, files, name, offsets[name], given) for name, given in blocks.items()]
        manifest = {
            "schemaVersion": 1,
            "run": folder.name,
            "step": step,
            "parameterCount": parameters,
            "scope": "imported",
            "precision": "float64",
            "blocks": entries,
            "files": files,
        }
        write_synced(partial / "manifest.json", json_bytes(manifest))
        publish_folder(partial, path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def checked_matrix(value: Any, size: Optional[int], where: str) -> np.ndarray:
    """Raises SaddlescopeError unless it is a finite square matrix of that size, symmetric to 1e-6 of its largest entry."""
    matrix = np.asarray(value, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0 or (size is not None and len(matrix) != size):
        wanted = "square" if size is None else f"{size} × {size}, the block's parameters"
        raise SaddlescopeError(f"{where}: must be {wanted}, got shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise SaddlescopeError(f"{where}: has entries that are not finite")
    if np.abs(matrix - matrix.T).max() > 1e-6 * np.abs(matrix).max():
        raise SaddlescopeError(f"{where}: is not symmetric (to 1e-6 of its largest entry); a Hessian is")
    return matrix
