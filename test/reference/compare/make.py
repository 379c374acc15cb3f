"""Writes scipy.json: Wasserstein-1 distances and Spearman correlations of small samples, by SciPy.

    python make.py > scipy.json
"""
import json
import numpy
import scipy
from scipy.stats import spearmanr, wasserstein_distance

random = numpy.random.default_rng(13)
pairs = [
    ([0.0, 1.0, 3.0], [5.0, 6.0, 8.0]),
    ([0.0, 1.0], [0.0, 1.0, 2.0]),
    ([-2.0], [1.0, 1.0, 4.0, -7.0, 0.5]),
    ([1.0, 1.0, 1.0], [1.0, 1.0]),
]
for n, m in [(7, 7), (10, 4), (13, 29), (30, 1)]:
    pairs.append((random.normal(0, 1, n).tolist(), (random.normal(0.3, 2, m) ** 3).tolist()))
ranked = [
    ([1.0, 2.0, 3.0, 4.0], [1.0, 8.0, 27.0, 64.0]),
    ([1.0, 2.0, 2.0, 3.0, 5.0], [2.0, 1.0, 4.0, 4.0, 9.0]),
    (random.normal(0, 1, 20).tolist(), random.normal(0, 1, 20).tolist()),
    (random.integers(0, 4, 15).astype(float).tolist(), random.integers(0, 4, 15).astype(float).tolist()),
]
print(
    json.dumps(
        {
            "origin": f"SciPy {scipy.__version__}, NumPy {numpy.__version__}: scipy.stats.wasserstein_distance, scipy.stats.spearmanr (make.py)",
            "wasserstein": [{"a": a, "b": b, "distance": float(wasserstein_distance(a, b))} for a, b in pairs],
            "spearman": [{"x": x, "y": y, "correlation": float(spearmanr(x, y).statistic)} for x, y in ranked],
        },
        indent=1,
    )
)
