"""Newton's method on a power series in mpmath, for test/unit/engine/optimizers/series-newton.test.ts: orders of convergence in hundreds of digits,
and trajectories in 50 digits that the product must take step by step.

Nothing here is shared with the product: derivatives come from a class of truncated power series with products, exp and reciprocals alone
(tanh and softmax are quotients of exponentials), the Hessian from P series of order 1, eigenvectors from mpmath's eigsy.

Run: python test/reference/higher-order/make.py   (needs mpmath, faster with gmpy2; writes series.json beside this file; a minute or two)
"""

import json
import pathlib
import random

import mpmath
from mpmath import mp, mpf


class Series:
    """c_0 + c_1 t + ... + c_K t^K, truncated."""

    def __init__(self, c):
        self.c = c

    def __add__(self, other):
        if not isinstance(other, Series):
            return Series([self.c[0] + other] + self.c[1:])
        return Series([a + b for a, b in zip(self.c, other.c)])

    __radd__ = __add__

    def __neg__(self):
        return Series([-a for a in self.c])

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return (-self) + other

    def __mul__(self, other):
        if not isinstance(other, Series):
            return Series([a * other for a in self.c])
        return Series([sum(self.c[j] * other.c[k - j] for j in range(k + 1)) for k in range(len(self.c))])

    __rmul__ = __mul__

    def reciprocal(self):
        r = [1 / self.c[0]]
        for k in range(1, len(self.c)):
            r.append(-sum(self.c[j] * r[k - j] for j in range(1, k + 1)) / self.c[0])
        return Series(r)

    def exp(self):
        e = [mpmath.exp(self.c[0])]
        for k in range(1, len(self.c)):
            e.append(sum(j * self.c[j] * e[k - j] for j in range(1, k + 1)) / k)
        return Series(e)

    def tanh(self):
        e = (self * -2).exp()
        return (1 - e) * (1 + e).reciprocal()


# --- problems: each gives the gradient for weights that are series -----------------------------------------------------------------------


def rosenbrock(w):
    x, y = w
    inner = y - x * x
    return [-2 * (1 - x) - 400 * x * inner, 200 * inner]


def network(data, w):
    """Layers of tanh, the last one linear; mse or softmax cross-entropy, and l2/2 of all weights."""
    layers, l2 = data["layers"], mpf(data["l2"])
    samples, outputs = len(data["inputs"]), layers[-1]
    place, parts = 0, []
    for n_in, n_out in zip(layers, layers[1:]):
        parts.append((place, place + n_in * n_out))
        place += n_in * n_out + n_out
    gradient = [l2 * v for v in w]
    last = len(parts) - 1
    for x, y in zip(data["inputs"], data["targets"]):
        hidden = [[mpf(v) for v in x]]
        for l, (at, bias) in enumerate(parts):
            n_in, n_out = layers[l], layers[l + 1]
            net = [sum((hidden[-1][i] * w[at + i * n_out + j] for i in range(n_in)), w[bias + j] * 1) for j in range(n_out)]
            hidden.append(net if l == last else [a.tanh() for a in net])
        out = hidden[-1]
        if data["loss"] == "mse":
            delta = [(o - mpf(t)) * (mpf(2) / (samples * outputs)) for o, t in zip(out, y)]
        else:
            e = [o.exp() for o in out]
            total = sum(e[1:], e[0]).reciprocal()
            delta = [(v * total - mpf(t)) * (mpf(1) / samples) for v, t in zip(e, y)]
        for l in range(last, -1, -1):
            at, bias = parts[l]
            n_in, n_out = layers[l], layers[l + 1]
            for j in range(n_out):
                gradient[bias + j] = gradient[bias + j] + delta[j]
                for i in range(n_in):
                    k = at + i * n_out + j
                    gradient[k] = gradient[k] + delta[j] * hidden[l][i]
            if l > 0:
                back = [sum((delta[j] * w[at + i * n_out + j] for j in range(1, n_out)), delta[0] * w[at + i * n_out]) for i in range(n_in)]
                delta = [b * (1 - h * h) for b, h in zip(back, hidden[l])]
    return gradient


def decimals(generator, count, spread=1.0):
    return [round(generator.gauss(0, spread), 3) for _ in range(count)]


def samples_of(seed, layers, count, loss, l2):
    generator = random.Random(seed)
    inputs = [decimals(generator, layers[0]) for _ in range(count)]
    if loss == "mse":
        targets = [decimals(generator, layers[-1]) for _ in range(count)]
    else:
        targets = [[1.0 if j == n % layers[-1] else 0.0 for j in range(layers[-1])] for n in range(count)]
    return {"layers": layers, "inputs": inputs, "targets": targets, "loss": loss, "l2": l2}


NETS = {
    "softmax": samples_of(11, [3, 3], 9, "softmax-cross-entropy", 0.1),
    "tanh": samples_of(5, [2, 2, 1], 7, "mse", 0.01),
}
GRADIENTS = {"rosenbrock": rosenbrock, **{name: (lambda w, data=data: network(data, w)) for name, data in NETS.items()}}
SIZES = {"rosenbrock": 2, "softmax": 12, "tanh": 9}

# --- the method --------------------------------------------------------------------------------------------------------------------------


def coefficient(gradient, w, terms, k):
    """c_k of the gradient along w + sum s_j t^j."""
    curve = [Series([w[i]] + [s[i] for s in terms] + [mpf(0)] * (k - len(terms))) for i in range(len(w))]
    return [g.c[k] for g in gradient(curve)]


def hessian(gradient, w):
    n = len(w)
    rows = []
    for i in range(n):
        line = [mpf(1) if j == i else mpf(0) for j in range(n)]
        rows.append(coefficient(gradient, w, [line], 1))
    return mpmath.matrix([[(rows[i][j] + rows[j][i]) / 2 for j in range(n)] for i in range(n)])


def norm(v):
    return mpmath.sqrt(sum(x * x for x in v))


def pade(y, n=None):
    """Value at 1 of the [K - n / n] approximant, n = K // 2, of sum y_k t^k, of one degree less where four digits of its determinant cancel;
    None where it is not determined, or where the denominator vanishes on (0, 1] but for four digits that cancel."""
    K = len(y)
    n = K // 2 if n is None else n
    if n == 0:
        return None
    m = K - n
    term = lambda k: y[k - 1] if k >= 1 else mpf(0)
    if n == 1:
        if term(m) == 0:
            return None
        q = [mpf(1), -term(m + 1) / term(m)]
    else:
        a, b, c = term(m - 1), term(m), term(m + 1)
        if abs(b * b - a * c) <= mpf(10) ** -4 * (b * b + abs(a * c)):
            return pade(y, 1)
        solved = mpmath.lu_solve(mpmath.matrix([[b, a], [c, b]]), mpmath.matrix([-c, -term(m + 2)]))
        q = [mpf(1)] + list(solved)
    # D = 1 + q_1 x + q_2 x^2 is smallest at an end or where its slope vanishes.
    places = [mpf(1)] + ([-q[1] / (2 * q[2])] if n == 2 and q[2] != 0 else [])
    for x in places:
        parts = [c * x**j for j, c in enumerate(q)]
        if 0 < x <= 1 and sum(parts) <= mpf(10) ** -4 * sum(abs(v) for v in parts):
            return None
    p = [sum(q[j] * term(k - j) for j in range(min(k, n) + 1)) for k in range(m + 1)]
    return sum(p) / sum(q)


def step(gradient, w, order, saddle_free=True, damping=mpf(0), summation="taylor", guard=mpf(1) / 2, rate=mpf(1)):
    """One step by the eigendecomposition; returns the next point and t."""
    n, K = len(w), order - 1
    g = coefficient(gradient, w, [], 0)
    values, q = mpmath.eigsy(hessian(gradient, w))
    sign = [mpf(-1) if saddle_free and v < 0 else mpf(1) for v in values]
    inverse = [1 / (v + damping * s) for v, s in zip(values, sign)]
    into = lambda v: [sum(q[i, j] * v[i] for i in range(n)) for j in range(n)]
    out = lambda c: [sum(q[i, j] * c[j] for j in range(n)) for i in range(n)]
    basis = [[-inverse[j] * sign[j] * c for j, c in enumerate(into(g))]]
    terms = [out(basis[0])]
    while len(terms) < K:
        c = into(coefficient(gradient, w, terms, len(terms) + 1))
        basis.append([-inverse[j] * c[j] for j in range(n)])
        terms.append(out(basis[-1]))
    t = rate
    if guard is not None:
        for k in range(2, K + 1):
            if norm(terms[k - 1]) > 0:
                t = min(t, (guard * norm(terms[0]) / norm(terms[k - 1])) ** (mpf(1) / (k - 1)))
    total = []
    for j in range(n):
        y = [b[j] * t ** (k + 1) for k, b in enumerate(basis)]
        rational = pade(y) if summation == "pade" else None
        total.append(sum(y) if rational is None else rational)
    return [a + b for a, b in zip(w, out(total))], t


def plain_step(gradient, w, order):
    """The same where H is positive definite and t = 1: no eigenvectors, for many digits. Fails where H is not positive definite."""
    h = hessian(gradient, w)
    mpmath.cholesky(h)
    solve = lambda c: [-x for x in mpmath.lu_solve(h, mpmath.matrix(c))]
    terms = [solve(coefficient(gradient, w, [], 0))]
    while len(terms) < order - 1:
        terms.append(solve(coefficient(gradient, w, terms, len(terms) + 1)))
    for k in range(2, order):
        assert norm(terms[k - 1]) <= norm(terms[0]) / 2, "the guard would shorten this step"
    return [a + sum(s[i] for s in terms) for i, a in enumerate(w)]


def minimum(gradient, start, digits):
    """Down by damped saddle-free steps, then Newton of order 4 until the digits are there."""
    mp.dps = 40
    w = [mpf(v) for v in start]
    for _ in range(400):
        w, _ = step(gradient, w, 2, damping=mpf(1) / 20)
        if norm(coefficient(gradient, w, [], 0)) < mpf(10) ** -6:
            break
    else:
        raise AssertionError("no minimum found")
    mp.dps = digits
    while True:
        following = plain_step(gradient, w, 4)
        moved = norm([a - b for a, b in zip(following, w)])
        w = following
        if moved < mpf(10) ** (-digits // 3):
            return plain_step(gradient, w, 4)


# --- what is written ---------------------------------------------------------------------------------------------------------------------

# So many that the direction an error comes from, which changes from step to step, matters little in the logarithms.
DIGITS = {2: 300, 3: 600, 4: 1000, 5: 1000, 6: 1000}


def orders():
    rows = []
    for problem, gradient in GRADIENTS.items():
        generator = random.Random(3)
        start = [1.3, 0.8] if problem == "rosenbrock" else decimals(generator, SIZES[problem], 0.8)
        best = [mpf(1), mpf(1)] if problem == "rosenbrock" else minimum(gradient, start, 1100)
        mp.dps = 1100
        least = None
        if problem != "rosenbrock":
            mp.dps = 30
            least = float(min(mpmath.eigsy(hessian(gradient, best), eigvals_only=True)))
        # Rosenbrock's Hessian is positive definite only near its valley's floor.
        away = [1.0, 2.0] if problem == "rosenbrock" else decimals(generator, SIZES[problem], 1.0)
        for order in range(2, 7):
            mp.dps = DIGITS[order] * (4 if problem == "rosenbrock" else 1)
            w = [b + mpf(d) / 100 for b, d in zip(best, away)]
            errors = []
            while True:
                error = norm([a - b for a, b in zip(w, best)])
                if error == 0 or error < mpf(10) ** (20 - mp.dps) or len(errors) == 9:
                    break
                errors.append(float(mpmath.log10(error)))
                w = plain_step(gradient, w, order)
            a, b, c = errors[-3:]
            print(problem, order, [round(e, 2) for e in errors], (c - b) / (b - a))
            rows.append({"problem": problem, "order": order, "log10Errors": errors, "smallestEigenvalue": least})
    return rows


def trajectories():
    mp.dps = 50
    rows = []
    generator = random.Random(17)
    starts = {
        "rosenbrock": [[-1.2, 1.0], [0.0, 1.0]],
        "softmax": [decimals(generator, 12, 1.5)],
        "tanh": [decimals(generator, 9, 1.0), decimals(generator, 9, 0.4)],
    }
    options = [{"order": order} for order in range(2, 7)]
    options += [
        {"order": 4, "saddleFree": False},
        {"order": 3, "damping": 0.05},
        {"order": 5, "damping": 0.02, "learningRate": 0.7},
        {"order": 4, "guard": 0.2},
        {"order": 3, "summation": "pade"},
        {"order": 4, "summation": "pade", "guard": 1.0},
        {"order": 5, "summation": "pade", "guard": 1.0},
        {"order": 6, "summation": "pade", "guard": 1.0},
    ]
    for problem, gradient in GRADIENTS.items():
        for start in starts[problem]:
            for option in options:
                w = [mpf(v) for v in start]
                points, lengths = [], []
                for _ in range(6):
                    w, t = step(
                        gradient,
                        w,
                        option["order"],
                        option.get("saddleFree", True),
                        mpf(option.get("damping", 0)),
                        option.get("summation", "taylor"),
                        mpf(option.get("guard", 0.5)),
                        mpf(option.get("learningRate", 1)),
                    )
                    # The next step is taken from doubles: the product's step from the same point must end at the same place.
                    points.append([float(v) for v in w])
                    w = [mpf(v) for v in points[-1]]
                    lengths.append(float(t))
                rows.append({"problem": problem, "start": start, "options": option, "points": points, "t": lengths})
        print(problem, "trajectories done")
    return rows


if __name__ == "__main__":
    content = {"nets": NETS, "orders": orders(), "trajectories": trajectories()}
    path = pathlib.Path(__file__).parent / "series.json"
    rows = lambda name: "[\n" + ",\n".join(json.dumps(row) for row in content[name]) + "\n]"
    path.write_text('{"nets": ' + json.dumps(NETS) + ',\n"orders": ' + rows("orders") + ',\n"trajectories": ' + rows("trajectories") + "}\n")
    print(path.stat().st_size, "bytes")
