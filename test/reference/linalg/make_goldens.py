# Makes goldens.json: eigenvalues, singular values and least-squares figures of a few matrices by SciPy's LAPACK.
# Run: python test/reference/linalg/make_goldens.py (numpy, scipy). The matrices are those of gallery.ts and factor.ts, built from the same integers.
import json, pathlib
import numpy as np, scipy, scipy.linalg as sl

def uniform(seed, count):
    out, state = np.empty(count), seed
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = state / 2**31 - 1
    return out

def random(rows, columns, seed):
    return uniform(seed, rows * columns).reshape(rows, columns)

def symmetric(n, seed):
    a = np.zeros((n, n)); at = 0; values = uniform(seed, n * (n + 1) // 2)
    for i in range(n):
        a[i, : i + 1] = a[: i + 1, i] = values[at : at + i + 1]; at += i + 1
    return a

def wilkinson(n):
    return np.diag(np.abs(np.arange(n) - (n - 1) / 2)) + np.diag(np.ones(n - 1), 1) + np.diag(np.ones(n - 1), -1)

def rbf(n):
    i = np.arange(n)
    return np.exp(-(((i[:, None] - i[None]) / n) ** 2) / 0.02)

def hilbert(n):
    i = np.arange(n)
    return 1 / (i[:, None] + i[None] + 1)

def graded(n):
    i = np.arange(n)
    return symmetric(n, 13) * 10.0 ** ((-12 * (i[:, None] + i[None])) / n)

cases = {"random": (symmetric(64, 11), 64), "Wilkinson": (wilkinson(101), 101), "RBF": (rbf(50), 50), "Hilbert": (hilbert(40), 40), "graded": (graded(40), 40)}
low = random(30, 6, 51) @ random(6, 20, 52)
tall, wide, side = random(30, 20, 53), random(12, 25, 54), random(30, 2, 55)
def solve(a, b):
    x, _, rank, s = sl.lstsq(a, b, cond=max(a.shape) * np.finfo(float).eps, lapack_driver="gelsd")
    return {"solution": x.ravel().tolist(), "rank": int(rank)}
document = {
    "madeWith": f"numpy {np.__version__}, scipy {scipy.__version__}",
    "symmetric": {name: {"n": n, "eigenvalues": sl.eigh(a, eigvals_only=True, driver="evd").tolist()} for name, (a, n) in cases.items()},
    "singularValues": {"tall": sl.svdvals(tall).tolist(), "wide": sl.svdvals(wide).tolist(), "low": sl.svdvals(low).tolist()},
    "leastSquares": {"tall": solve(tall, side), "wide": solve(wide, side[:12]), "low": solve(low, side)},
    "choleskyCondition": float(np.linalg.cond(tall.T @ tall + np.eye(20), 1)),
}
pathlib.Path(__file__).with_name("goldens.json").write_text(json.dumps(document, indent=0) + "\n")
