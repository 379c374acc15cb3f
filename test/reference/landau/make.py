# Coefficients of a tanh network's loss along Hessian eigenvectors, from the loss alone in 60 digits: goldens for the analysis `landau`.
# Run: python make.py > network.json (NumPy, mpmath). The loss is written out here a second time, in mpmath; no derivative rule of the product is used.
import json
import mpmath as mp
import numpy as np

mp.mp.dps = 60
rng = np.random.default_rng(7)
widths = [2, 3, 2]
samples = 5
x = rng.standard_normal((samples, widths[0])).round(3)
y = rng.standard_normal((samples, widths[2])).round(3)
w = (0.8 * rng.standard_normal(widths[0] * widths[1] + widths[1] + widths[1] * widths[2] + widths[2])).round(3)


def loss(theta):
    at = 0
    h = [[mp.mpf(float(v)) for v in row] for row in x]
    for a, b in zip(widths, widths[1:]):
        weight = [[theta[at + i * b + j] for j in range(b)] for i in range(a)]
        bias = [theta[at + a * b + j] for j in range(b)]
        at += a * b + b
        h = [[mp.tanh(mp.fsum(row[i] * weight[i][j] for i in range(a)) + bias[j]) for j in range(b)] for row in h]
    return mp.fsum((h[n][k] - mp.mpf(float(y[n, k]))) ** 2 for n in range(samples) for k in range(widths[2])) / 2


theta = [mp.mpf(float(v)) for v in w]
P = len(theta)


def unit(i, s):
    return [t + (s if k == i else 0) for k, t in enumerate(theta)]


# Hessian by differences with a step of 1e-15 in 60 digits: good to 1e-28.
d = mp.mpf(10) ** -15
f0 = loss(theta)
plus = [loss(unit(i, d)) for i in range(P)]
minus = [loss(unit(i, -d)) for i in range(P)]
H = mp.zeros(P)
for i in range(P):
    H[i, i] = (plus[i] + minus[i] - 2 * f0) / d**2
    for j in range(i):
        both = [t + (d if k in (i, j) else 0) for k, t in enumerate(theta)]
        neither = [t - (d if k in (i, j) else 0) for k, t in enumerate(theta)]
        H[i, j] = H[j, i] = (loss(both) + loss(neither) - plus[i] - plus[j] - minus[i] - minus[j] + 2 * f0) / (2 * d**2)
values, vectors = mp.eigsy(H)
order = sorted(range(P), key=lambda k: values[k])

out = {"widths": widths, "inputs": x.tolist(), "targets": y.tolist(), "parameters": w.tolist(), "directions": []}
for k in order:
    q = [vectors[i, k] for i in range(P)]
    big = max(range(P), key=lambda i: abs(q[i]))
    if q[big] < 0:
        q = [-v for v in q]
    along = lambda t: loss([a + t * b for a, b in zip(theta, q)])
    # Polynomial through 17 points at distance 1e-4: the coefficient of t^6 is known to better than 1e-16.
    h = mp.mpf(10) ** -3
    places = [mp.mpf(i) * h for i in range(-8, 9)]
    A = mp.matrix(len(places))
    b = mp.matrix(len(places), 1)
    for r, t in enumerate(places):
        for c in range(len(places)):
            A[r, c] = (t / h) ** c
        b[r] = along(t)
    a = mp.lu_solve(A, b)
    out["directions"].append({
        "eigenvalue": mp.nstr(values[k], 20),
        "coefficients": [mp.nstr(a[c] / h**c, 20) for c in range(7)],
    })
print(json.dumps(out, indent=1))
