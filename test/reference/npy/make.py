# Makes the NumPy files that the .npy codec is tested against: python make.py (writes beside itself).
import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
a = np.arange(24).reshape(2, 3, 4)
np.save(here / "f8.npy", a * 0.5)
np.save(here / "f4.npy", (a * 0.5).astype("<f4"))
np.save(here / "f8-big-endian.npy", (a * 0.5).astype(">f8"))
np.save(here / "f8-fortran.npy", np.asfortranarray(a * 0.5))
np.save(here / "i8.npy", a - 7)
np.save(here / "i4.npy", (a - 7).astype("i4"))
np.save(here / "u1.npy", a.astype("u1"))
np.save(here / "bool.npy", a % 3 == 0)
np.save(here / "scalar.npy", np.float64(1.25))
np.save(here / "empty.npy", np.zeros((0, 3)))
np.save(here / "object.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
np.save(here / "structured.npy", np.zeros(2, dtype=[("x", "f8"), ("y", "i4")]))
np.save(here / "complex.npy", np.zeros(2, dtype="c16"))
np.lib.format.write_array(open(here / "version-2.npy", "wb"), a * 0.5, version=(2, 0))
np.savez(here / "stored.npz", W1=a[0] * 0.5, b1=np.arange(4.0))
np.savez_compressed(here / "deflated.npz", W1=a[0] * 0.5, b1=np.arange(4.0), zeros=np.zeros((50, 50)))
