# Reads what a run wrote with NumPy and pandas, and fails where a file is not what CONTRACT and manifest say:
#   python read_with_python.py WORKSPACE/runs/ID
# Arrays are opened with mmap_mode="r", checksums and shapes compared with the manifests, metrics read with read_json(lines=True).
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

run = Path(sys.argv[1])
spec = json.loads((run / "spec.json").read_text())
status = json.loads((run / "status.json").read_text())
count = {"arrays": 0, "snapshots": 0, "checkpoints": 0}


def checksums(folder, files):
    for entry in files:
        data = (folder / entry["name"]).read_bytes()
        assert len(data) == entry["bytes"], (folder, entry["name"])
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], (folder, entry["name"])


def mapped(path, shape=None, dtype=None):
    array = np.load(path, mmap_mode="r")
    assert isinstance(array, np.memmap) or array.size == 0, path
    assert array.flags["C_CONTIGUOUS"], path
    assert shape is None or array.shape == tuple(shape), (path, array.shape, shape)
    assert dtype is None or array.dtype == np.dtype(dtype), (path, array.dtype)
    count["arrays"] += 1
    return array


metrics = pd.read_json(run / "metrics.ndjson", lines=True)
assert list(metrics["step"]) == list(range(1, len(metrics) + 1))
assert len(metrics) == status["step"] or status["state"] == "interrupted"
for column in ["epoch", "seconds", "loss", "gradNorm", "stepNorm"]:
    assert metrics[column].notna().all(), column

parameters = None
for folder in sorted((run / "checkpoints").iterdir()):
    state = json.loads((folder / "state.json").read_text())
    assert folder.name == f"step-{state['step']:06d}"
    checksums(folder, state["files"])
    weights = np.load(folder / "weights.npz")
    total = sum(weights[name].size for name in weights.files)
    parameters = parameters or total
    assert total == parameters
    optimizer = np.load(folder / "optimizer.npz")
    count["arrays"] += len(weights.files) + len(optimizer.files)
    count["checkpoints"] += 1

for folder in sorted((run / "snapshots").iterdir()):
    manifest = json.loads((folder / "manifest.json").read_text())
    checksums(folder, manifest["files"])
    listed = {entry["name"] for entry in manifest["files"]}
    assert listed == {path.name for path in folder.iterdir()} - {"manifest.json"}
    for block in manifest["blocks"]:
        size, units = block["size"], block["units"]
        if block["eigenvalues"]:
            values = mapped(folder / block["eigenvalues"], (size,) if units == 1 else (units, size), "<f8")
            assert (np.diff(values, axis=-1) >= 0).all(), "ascending"
        if block["eigenvectors"]:
            vectors = mapped(folder / block["eigenvectors"], (size, len(block["indices"])))
        if block["hessian"]:
            hessian = mapped(folder / block["hessian"], (size, size) if units == 1 else (units, size, size))
            overview = mapped(folder / block["overview"], dtype="<f4")
            assert np.abs(overview).max() == np.abs(np.asarray(hessian, dtype=np.float32)).max(), "no entry disappears"
            if block["eigenvalues"] and units == 1:
                # LAPACK on the stored matrix gives the stored spectrum.
                again = np.linalg.eigvalsh(np.asarray(hessian, dtype=float))
                scale = np.abs(again).max()
                tolerance = 1e-10 if hessian.dtype == np.float64 else 1e-5
                assert np.abs(again - values).max() <= tolerance * scale, np.abs(again - values).max() / scale
                if block["eigenvectors"]:
                    residual = np.asarray(hessian) @ vectors - np.asarray(vectors) * values[block["indices"]]
                    assert np.abs(residual).max() <= max(tolerance, 1e-9) * scale, np.abs(residual).max() / scale
    count["snapshots"] += 1

print(f"{run.name}: {len(metrics)} metrics lines, {count['checkpoints']} checkpoints, {count['snapshots']} snapshots, {count['arrays']} arrays: all as they say")
