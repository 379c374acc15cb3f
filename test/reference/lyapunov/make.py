# Lyapunov exponents of a small tanh net's training, from the loss alone in 60 digits: goldens for the analysis `lyapunov`.
# Run: python make.py > network.json (NumPy, mpmath). Gradient, Hessian and third derivatives are differences of the loss written out here; each optimizer's
# step is written out a second time, its tangent map is central differences of that whole step, and the exponents come from Gram–Schmidt in 60 digits.
import json
import mpmath as mp
import numpy as np

mp.mp.dps = 60
rng = np.random.default_rng(11)
widths = [2, 2, 1]
samples = 4
l2 = mp.mpf("0.05")
x = rng.standard_normal((samples, widths[0])).round(3)
y = rng.standard_normal((samples, widths[2])).round(3)
w = (0.8 * rng.standard_normal(9)).round(3)
inputs = [[mp.mpf(float(v)) for v in row] for row in x]
targets = [[mp.mpf(float(v)) for v in row] for row in y]
P = len(w)
steps = 10


def gradient(theta):
    """Of half the sum of squared errors and l2/2 |w|^2, backward pass written out; checked below against differences of the loss."""
    w1 = [[theta[i * 2 + j] for j in range(2)] for i in range(2)]
    b1 = theta[4:6]
    w2, b2 = theta[6:8], theta[8]
    g = [l2 * t for t in theta]
    for row, (target,) in zip(inputs, targets):
        h = [mp.tanh(row[0] * w1[0][j] + row[1] * w1[1][j] + b1[j]) for j in range(2)]
        out = mp.tanh(h[0] * w2[0] + h[1] * w2[1] + b2)
        d = (out - target) * (1 - out**2)
        for j in range(2):
            g[6 + j] += d * h[j]
            e = d * w2[j] * (1 - h[j] ** 2)
            for i in range(2):
                g[i * 2 + j] += e * row[i]
            g[4 + j] += e
        g[8] += d
    return g


def loss(theta):
    total = l2 / 2 * mp.fsum(t**2 for t in theta)
    for row, (target,) in zip(inputs, targets):
        h = [mp.tanh(row[0] * theta[j] + row[1] * theta[2 + j] + theta[4 + j]) for j in range(2)]
        out = mp.tanh(h[0] * theta[6] + h[1] * theta[7] + theta[8])
        total += (out - target) ** 2 / 2
    return total


def moved(theta, by, d):
    return [t + d * b for t, b in zip(theta, by)]


axes = [[mp.mpf(int(i == j)) for j in range(P)] for i in range(P)]
start = [mp.mpf(float(v)) for v in w]
d = mp.mpf(10) ** -20
for axis, g in zip(axes, gradient(start)):
    assert abs((loss(moved(start, axis, d)) - loss(moved(start, axis, -d))) / (2 * d) - g) < mp.mpf(10) ** -35


def hessian(theta):
    H = mp.zeros(P)
    for j, axis in enumerate(axes):
        up, down = gradient(moved(theta, axis, d)), gradient(moved(theta, axis, -d))
        for i in range(P):
            H[i, j] = (up[i] - down[i]) / (2 * d)
    return (H + H.T) / 2


def solve(A, b):
    return list(mp.lu_solve(A, mp.matrix(b)))


def gd(o, state, n):
    (theta,) = state
    return [[t - o["learningRate"] * g for t, g in zip(theta, gradient(theta))]]


def momentum(o, state, n, nesterov=False):
    theta, v = state
    g = gradient(theta)
    v = [o["momentum"] * a + b for a, b in zip(v, g)]
    move = [b + o["momentum"] * a for a, b in zip(v, g)] if nesterov else v
    return [[t - o["learningRate"] * m for t, m in zip(theta, move)], v]


def nesterov(o, state, n):
    return momentum(o, state, n, True)


def adam(o, state, n, decoupled=False):
    theta, m, v = state
    decay = o.get("weightDecay", 0)
    g = [a + (0 if decoupled else decay * t) for a, t in zip(gradient(theta), theta)]
    m = [o["beta1"] * a + (1 - o["beta1"]) * b for a, b in zip(m, g)]
    v = [o["beta2"] * a + (1 - o["beta2"]) * b**2 for a, b in zip(v, g)]
    c1, c2 = 1 - o["beta1"] ** n, 1 - o["beta2"] ** n
    if decoupled:
        theta = [t - o["learningRate"] * decay * t for t in theta]
    return [[t - o["learningRate"] * (a / c1) / (mp.sqrt(b / c2) + o["epsilon"]) for t, a, b in zip(theta, m, v)], m, v]


def adamw(o, state, n):
    return adam(o, state, n, True)


def damped_newton(o, state, n):
    (theta,) = state
    x = solve(hessian(theta) + o["damping"] * mp.eye(P), gradient(theta))
    return [[t - o["learningRate"] * s for t, s in zip(theta, x)]]


def sfn(o, state, n):
    (theta,) = state
    values, Q = mp.eigsy(hessian(theta))
    g = gradient(theta)
    rule = {
        "shifted-abs": lambda a: abs(a) + o["damping"],
        "abs-of-shifted": lambda a: abs(a + o["damping"]),
        "clamp": lambda a: max(abs(a), o["damping"]),
    }[o["rule"]]
    inside = [mp.fsum(Q[i, k] * g[i] for i in range(P)) / rule(values[k]) for k in range(P)]
    return [[t - o["learningRate"] * mp.fsum(Q[i, k] * inside[k] for k in range(P)) for i, t in enumerate(theta)]]


def series_newton(o, state, n):
    """Order 3: s_1 and s_2, without the guard."""
    (theta,) = state
    A = hessian(theta) + o["damping"] * mp.eye(P)
    g = gradient(theta)
    s1 = [-s for s in solve(A, g)]
    e = mp.mpf(10) ** -12
    up, down = gradient(moved(theta, s1, e)), gradient(moved(theta, s1, -e))
    c2 = [(a + b - 2 * c) / (2 * e**2) for a, b, c in zip(up, down, g)]
    s2 = [-s for s in solve(A, c2)]
    t = o["learningRate"]
    return [[a + t * b + t**2 * c for a, b, c in zip(theta, s1, s2)]]


def exponents(rule, options, arrays, r):
    state = [list(start)] + [[mp.mpf(0)] * P for _ in range(arrays - 1)]
    D = arrays * P
    Q = [[mp.mpf(int(i == j)) for j in range(D)] for i in range(D)]
    sums = [mp.mpf(0)] * D
    flat = lambda s: [v for part in s for v in part]
    parts = lambda v: [v[k * P : (k + 1) * P] for k in range(arrays)]
    for n in range(1, steps + 1):
        here = flat(state)
        images = []
        for q in Q:
            up = flat(rule(options, parts(moved(here, q, r)), n))
            down = flat(rule(options, parts(moved(here, q, -r)), n))
            images.append([(a - b) / (2 * r) for a, b in zip(up, down)])
        Q = []
        for k, v in enumerate(images):
            for _ in range(2):
                for q in Q:
                    c = mp.fsum(a * b for a, b in zip(q, v))
                    v = [a - c * b for a, b in zip(v, q)]
            length = mp.sqrt(mp.fsum(a * a for a in v))
            sums[k] += mp.log(length)
            Q.append([a / length for a in v])
        state = rule(options, state, n)
    return [float(s / steps) for s in sums], [float(v) for v in state[0]]


F = mp.mpf
adam_options = {"learningRate": F("0.05"), "beta1": F("0.9"), "beta2": F("0.99"), "epsilon": F("1e-8")}
cases = [
    ("gd", gd, {"learningRate": F("0.3")}, 1),
    ("momentum", momentum, {"learningRate": F("0.1"), "momentum": F("0.8")}, 2),
    ("nesterov", nesterov, {"learningRate": F("0.1"), "momentum": F("0.8")}, 2),
    ("adam", adam, {**adam_options, "weightDecay": F("0.1")}, 3),
    ("adamw", adamw, {**adam_options, "weightDecay": F("0.1")}, 3),
    ("damped-newton", damped_newton, {"learningRate": F("0.5"), "damping": F(2)}, 1),
    ("sfn", sfn, {"learningRate": F("0.5"), "damping": F("0.2"), "rule": "shifted-abs"}, 1),
    ("sfn", sfn, {"learningRate": F("0.5"), "damping": F("0.2"), "rule": "abs-of-shifted"}, 1),
    ("sfn", sfn, {"learningRate": F("0.5"), "damping": F("0.6"), "rule": "clamp"}, 1),
    ("series-newton", series_newton, {"learningRate": F("0.5"), "damping": F(3)}, 1),
]
out = {"widths": widths, "l2": float(l2), "steps": steps, "inputs": x.tolist(), "targets": y.tolist(), "parameters": w.tolist(), "cases": []}
for name, rule, options, arrays in cases:
    # Where eigenvectors or second differences are inside, fewer digits are left.
    r = mp.mpf(10) ** (-15 if name in ("gd", "momentum", "nesterov", "adam", "adamw") else -8)
    found, weights = exponents(rule, options, arrays, r)
    written = {k: v if isinstance(v, str) else float(v) for k, v in options.items()}
    out["cases"].append({"kind": name, "options": written, "exponents": found, "weights": weights})
print(json.dumps(out))
