# Makes the NumPy files that the .npy codec is tested against: python make.py (writes beside itself). goldens.json holds a file of every kind, order,
# byte order, shape and version, with the entries that NumPy itself reads from it.
import json
import pathlib
import sys

import numpy as np

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parents[2] / "bench" / "python"))
import npy_files as files  # noqa: E402

a = np.arange(24).reshape(2, 3, 4)
np.save(here / "f8.npy", a * 0.5)
np.save(here / "f4.npy", (a * 0.5).astype("<f4"))
np.savez(here / "stored.npz", W1=a[0] * 0.5, b1=np.arange(4.0))
np.savez_compressed(here / "deflated.npz", W1=a[0] * 0.5, b1=np.arange(4.0), zeros=np.zeros((50, 50)))

rng = np.random.default_rng(20260101)
cases = []
for kind in files.numbers:
    for big in (False, True) if kind[1] != "1" else (False,):
        for order in "CF":
            cases.append(files.case(rng, kind, (2, 3), order, big))
for shape in [(), (0,), (5,), (0, 3), (1, 4), (4, 1), (3, 4, 2), (2, 1, 3, 2)]:
    for order in "CF" if len(shape) > 1 else "C":
        for big in (False, True):
            cases.append(files.case(rng, "f8", shape, order, big))
for version in [(1, 0), (2, 0), (3, 0)]:
    cases.append(files.case(rng, "f8", (3, 2), "F", True, version))
for kind in files.others:
    cases.append(files.case(rng, kind, (2,)))
for kind, value in [("<i8", -(2**53) - 1), (">i8", 2**63 - 1), ("<u8", 2**64 - 1)]:
    raw = files.written(np.array([1, value], dtype=kind))
    cases.append(
        {"writer": "numpy.save", "variant": f"{kind} beyond 2^53", "file": files.text(raw), "shape": [2], "values": None}
    )
lines = ",\n".join(json.dumps(case) for case in cases)
(here / "goldens.json").write_text(f"[\n{lines}\n]\n")
