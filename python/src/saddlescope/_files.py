"""Writing so that what has its final name is complete (docs/files.md): ``.partial``, sync, rename, sync of the folder."""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import shutil
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

import numpy as np

from .errors import SaddlescopeError

PARTIAL = ".partial"


def now_text() -> str:
    """ISO 8601, UTC, as JavaScript writes it."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def finite_json(value: Any) -> Any:
    """The value with NumPy's numbers as Python's, and what JSON has no number for as null."""
    if isinstance(value, Mapping):
        return {str(key): finite_json(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite_json(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return finite_json(value.tolist())
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value


def json_bytes(value: Any) -> bytes:
    """JSON for people and programs: two spaces, a newline at the end."""
    return (json.dumps(finite_json(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> Dict[str, Any]:
    """The object in a JSON file. Raises SaddlescopeError that names the file when it is missing, torn or no object."""
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise SaddlescopeError(f"{path}: is missing") from None
    except ValueError as error:
        raise SaddlescopeError(f"{path}: is no whole JSON ({error}); the file is damaged") from None
    if not isinstance(value, dict):
        raise SaddlescopeError(f"{path}: must hold an object")
    return value


def sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows has no such call, and needs none.
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # Some network drives refuse it.
    finally:
        os.close(handle)


def write_synced(path: Path, content: bytes) -> Dict[str, Any]:
    """Writes under its own name and syncs: only inside a folder that is itself ``.partial``. Returns its entry for a manifest."""
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return {"name": path.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _rename(source: Path, target: Path) -> None:
    """Again for up to 2 s where a virus scanner or a reader holds the file open on Windows."""
    pause, waited = 0.005, 0.0
    while True:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if os.name != "nt" or waited + pause > 2:
                raise
            time.sleep(pause)
            waited += pause
            pause = min(pause * 2, 0.25)


def write_atomically(path: Path, content: bytes) -> None:
    """Replaces the file: a reader, also after a crash, sees the old one or the new one, never half of one."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PARTIAL}")
    try:
        write_synced(partial, content)
        _rename(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    write_atomically(path, json_bytes(value))


def begin_folder(path: Path) -> Path:
    """A fresh ``.partial`` folder beside where ``path`` will be."""
    partial = path.with_name(path.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def publish_folder(partial: Path, path: Path) -> None:
    """Gives a finished ``.partial`` folder its final name; an older folder of that name goes."""
    sync_folder(partial)
    old: Optional[Path] = None
    if path.exists():
        old = path.with_name(f"{path.name}.old-{secrets.token_hex(4)}{PARTIAL}")
        _rename(path, old)
    _rename(partial, path)
    sync_folder(path.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def npy_bytes(array: np.ndarray) -> bytes:
    """Version 1.0, C order, little endian."""
    plain = np.ascontiguousarray(array)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, plain.astype(plain.dtype.newbyteorder("<"), copy=False), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    buffer = io.BytesIO()
    plain: Dict[str, Any] = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    np.savez(buffer, **plain)
    return buffer.getvalue()


def step_name(step: int) -> str:
    return f"step-{step:06d}"


def steps_in(folder: Path) -> List[int]:
    """Steps of the complete checkpoints or snapshots in a folder, ascending; leftovers are no steps."""
    if not folder.is_dir():
        return []
    names = [path.name[5:] for path in folder.iterdir() if path.name.startswith("step-")]
    return sorted(int(name) for name in names if name.isdigit() and len(name) >= 6)


def folder_bytes(path: Path) -> int:
    """Bytes of all files below; 0 when there is nothing. What goes away meanwhile is not counted."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                pass
    return total


def verify_files(folder: Path, files: List[Dict[str, Any]]) -> None:
    """Compares length and SHA-256 of every listed file. Raises SaddlescopeError that names the first that differs."""
    for entry in files:
        path = folder / str(entry["name"])
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SaddlescopeError(f"{path}: cannot be read ({error.strerror})") from None
        if len(content) != entry["bytes"] or hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise SaddlescopeError(f"{path}: is not what its checksum says; the file was changed or the disk is failing")
