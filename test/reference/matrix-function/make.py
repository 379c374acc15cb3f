"""Writes reference.json: poles and weights of Zolotarev's approximation of 1/|x| from mpmath's elliptic functions, and d(T)v of small tridiagonal matrices
from 50-digit eigenpairs, for every damping rule. Run: python make.py (needs mpmath)."""
import json
import pathlib
from mpmath import mp, mpf, ellipfun, ellipk, eigsy, matrix, pi

mp.dps = 50
RULES = {
    "abs-of-shifted": lambda x, d: 1 / abs(x + d),
    "shifted-abs": lambda x, d: 1 / (abs(x) + d),
    "clamp": lambda x, d: 1 / max(abs(x), d),
    "shifted": lambda x, d: 1 / (x + d),
}


def inverse_root(smallest, largest, count):
    """The N-point midpoint rule for 2/pi int ds/(s^2 + x^2) in s = smallest * sc(t, k')."""
    smallest, largest = mpf(smallest), mpf(largest)
    k = smallest / largest
    m = 1 - k * k
    quarter = ellipk(m)
    poles, weights = [], []
    for j in range(count):
        t = (j + mpf(1) / 2) * quarter / count
        sn, cn, dn = (ellipfun(name, t, m=m) for name in ("sn", "cn", "dn"))
        poles.append(smallest * sn / cn)
        weights.append(2 / pi * quarter / count * smallest * dn / cn**2)
    return {"smallest": float(smallest), "largest": float(largest), "poles": [float(x) for x in poles], "weights": [float(x) for x in weights]}


def functions(name, diagonal, off, damping):
    """The numbers are doubles, taken exactly."""
    n = len(diagonal)
    t = matrix(n, n)
    for i in range(n):
        t[i, i] = mpf(diagonal[i])
    for i in range(n - 1):
        t[i, i + 1] = t[i + 1, i] = mpf(off[i])
    v = [float(mp.cos(3 * i + 1)) for i in range(n)]
    values, vectors = eigsy(t)
    image = [sum(vectors[i, k] * mpf(v[i]) for i in range(n)) for k in range(n)]
    results = {}
    for rule, d in RULES.items():
        factors = [d(values[k], mpf(damping)) for k in range(n)]
        results[rule] = {
            "result": [float(sum(vectors[i, k] * factors[k] * image[k] for k in range(n))) for i in range(n)],
            "largest": float(max(abs(f) for f in factors)),
        }
    return {
        "name": name, "diagonal": diagonal, "offDiagonal": off, "damping": damping, "vector": v,
        "eigenvalues": sorted(float(x) for x in values), "results": results,
    }


def cases():
    n = 16
    plain = [float(mp.sin(i * i + 1)) for i in range(n)], [float(mp.cos(2 * i)) for i in range(n - 1)]
    yield functions("indefinite", *plain, 0.1)
    yield functions("indefinite, small damping", *plain, 1e-6)
    # T of a chain with a node in the middle: pairs of eigenvalues that agree to rounding.
    yield functions("Wilkinson", [abs(i - 10.0) for i in range(21)], [1.0] * 20, 0.01)
    # Two thirds of the spectrum around zero, one third around 1.
    yield functions("cluster at zero", [1.0 if i % 3 == 0 else 1e-14 * i for i in range(n)], [1e-9 * (i + 1) for i in range(n - 1)], 1e-3)
    yield functions("graded", [float(mpf(10) ** (-i)) * (-1) ** i for i in range(n)], [float(mpf(10) ** (-i)) / 3 for i in range(n - 1)], 1e-4)
    yield functions("decoupled", [2.0, -1.0, 0.0, 0.5], [0.0, 0.0, 0.0], 0.25)


here = pathlib.Path(__file__).parent
roots = [inverse_root("1", "100", 9), inverse_root("1e-3", "1e3", 20), inverse_root("1e-16", "1", 145)]
# Rows whose eigenvalues lie within 1e-6 of a pole are left out by the tests, for the rules that have one.
text = json.dumps({"inverseRoots": roots, "functions": list(cases())}, separators=(",", ":"))
(here / "reference.json").write_text(text + "\n")
