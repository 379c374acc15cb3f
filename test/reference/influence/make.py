"""Credit by another way, with NumPy alone: the minimiser w(e) of f - e*l_n for complex e on a circle, and the Taylor coefficients of l_m(w(e)) by Cauchy's
integral; no Hessian products, no power series. Leaving a sample out is e = c. Run: python make.py > influence.json"""
import json

import numpy

rng = numpy.random.default_rng(20)


def unpack(w, layers):
    parts, at = [], 0
    for rows, columns in zip(layers, layers[1:]):
        size = (rows + 1) * columns
        block = w[at : at + size].reshape(rows + 1, columns)
        parts.append((block[:rows], block[rows]))
        at += size
    return parts


def losses_and_gradients(w, layers, x, y):
    """l_n and its gradient for every sample (n, and n x P), analytic in w: tanh units, softmax cross-entropy."""
    parts = unpack(w, layers)
    hidden = [x.astype(w.dtype)]
    for place, (weight, bias) in enumerate(parts):
        net = hidden[-1] @ weight + bias
        hidden.append(net if place == len(parts) - 1 else numpy.tanh(net))
    out = hidden[-1]
    shift = out.real.max(axis=1, keepdims=True)
    e = numpy.exp(out - shift)
    total = e.sum(axis=1, keepdims=True)
    losses = (numpy.log(total) + shift)[:, 0] - (y * out).sum(axis=1)
    delta = e / total - y
    rows = [None] * len(parts)
    for place in reversed(range(len(parts))):
        below = numpy.hstack([hidden[place], numpy.ones((len(x), 1))])
        rows[place] = (below[:, :, None] * delta[:, None, :]).reshape(len(x), -1)
        if place > 0:
            delta = (delta @ parts[place][0].T) * (1 - hidden[place] ** 2)
    return losses, numpy.hstack(rows)


def case(layers, samples, tests, l2, leave):
    inputs, classes = layers[0], layers[-1]
    x, xt = rng.standard_normal((samples, inputs)), rng.standard_normal((tests, inputs))
    y, yt = (numpy.eye(classes)[rng.integers(classes, size=k)] for k in (samples, tests))
    c = 1 / samples
    size = sum((a + 1) * b for a, b in zip(layers, layers[1:]))

    def gradient(w, epsilon=0, n=0):
        _, rows = losses_and_gradients(w, layers, x, y)
        return c * rows.sum(axis=0) + l2 * w - epsilon * rows[n]

    def hessian(w):
        h = 1e-30
        columns = []
        for j in range(size):
            moved = w.astype(complex)
            moved[j] += 1j * h
            columns.append(gradient(moved).imag / h)
        return numpy.array(columns).T

    w = 0.5 * rng.standard_normal(size)
    for _ in range(4000):
        w = w - 0.2 * gradient(w)
    for _ in range(20):
        w = w - numpy.linalg.solve(hessian(w), gradient(w))
    matrix = hessian(w)
    assert numpy.linalg.eigvalsh(matrix)[0] > 0, "not a minimum"
    inverse = numpy.linalg.inv(matrix)

    def minimizer(epsilon, n):
        """By the chord method: converges by a factor of about |epsilon| a step."""
        at = w.astype(complex)
        for _ in range(400):
            step = inverse @ gradient(at, epsilon, n)
            at = at - step
            if numpy.linalg.norm(step) < 1e-16:
                break
        return at

    points, radius = 32, 0.5 * c
    circle = radius * numpy.exp(2j * numpy.pi * numpy.arange(points) / points)
    orders, actual = [], []
    here, _ = losses_and_gradients(w, layers, xt, yt)
    for n in leave:
        values = numpy.array([losses_and_gradients(minimizer(e, n), layers, xt, yt)[0] for e in circle])
        a = [(values * circle[:, None] ** -k).mean(axis=0).real for k in range(4)]
        orders.append([(-sum(a[j] * c ** (j - 1) for j in range(1, k + 1))).tolist() for k in (1, 2, 3)])
        out, _ = losses_and_gradients(minimizer(c, n).real, layers, xt, yt)
        actual.append((-(out - here) / c).tolist())
    return {
        "layers": layers,
        "l2": l2,
        "inputs": x.tolist(),
        "targets": y.tolist(),
        "testInputs": xt.tolist(),
        "testTargets": yt.tolist(),
        "weights": w.tolist(),
        "leave": leave,
        "orders": orders,
        "actual": actual,
    }


print(json.dumps([case([6, 3], 40, 5, 0.1, [0, 7, 31]), case([4, 3, 3], 60, 4, 0.03, [2, 11])]))
