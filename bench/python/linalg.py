# SciPy's times for the bench linalg: one JSON row a routine and order. Argument: {"orders": [...]}, and if need be "routines" and "repeats".
import json
import sys
import time

import numpy as np
import scipy.linalg as sl


given = json.loads(sys.argv[1])


def median_seconds(work, n, prepare=lambda: None):
    repeats, allowance = (5, 5.0) if n < 2000 else (3, 10.0)
    repeats, allowance = (given["repeats"], 30.0) if "repeats" in given else (repeats, allowance)
    times, spent = [], 0.0
    for attempt in range(repeats + 1):
        fresh = prepare()
        start = time.perf_counter()
        work(fresh)
        seconds = time.perf_counter() - start
        spent += seconds
        if attempt > 0:
            times.append(seconds)
            if spent > allowance:
                break
    return float(np.median(times))


for n in given["orders"]:
    random = np.random.default_rng(1)
    a, b = random.uniform(-1, 1, (n, n)), random.uniform(-1, 1, (n, n))
    c = np.empty((n, n))
    symmetric = np.triu(a) + np.triu(a, 1).T
    positive = symmetric.copy()
    np.fill_diagonal(positive, n)
    side = random.uniform(-1, 1, n)
    syrk = sl.get_blas_funcs("syrk", (a,))

    def full_syrk(_):
        c = syrk(1.0, a.T)
        upper = np.triu(c, 1)
        c += upper.T

    routines = {
        "gemm": lambda _: np.matmul(a, b, out=c),
        "syrk": full_syrk,
        "cholesky": lambda _: sl.cholesky(positive, lower=True, check_finite=True),
        "eigenvalues": lambda _: sl.eigh(symmetric, eigvals_only=True, driver="evd"),
        "eigen-vectors": lambda _: sl.eigh(symmetric, driver="evd"),
        "least-squares": lambda _: sl.lstsq(a, side, lapack_driver="gelsy"),
    }
    for routine in given.get("routines", routines):
        work = routines[routine]
        print(json.dumps({"routine": routine, "n": n, "seconds": median_seconds(work, n)}), flush=True)
