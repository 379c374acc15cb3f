"""Golden steps with weight decay in the objective: a softmax layer with biases, by NumPy alone.

    python test/reference/regularization/make.py     (needs numpy; writes numpy.json beside this file)

The objective is the mean cross-entropy plus l2/2 times the squared norm of all parameters, biases too. Parameters are [W row-major (in x out), b].
"""
import json
import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
inputs, outputs, samples, l2, steps = 3, 2, 10, 0.05, 6


def parts(w, x, y):
    ones = np.hstack([x, np.ones((len(x), 1))])
    z = ones @ w.reshape(inputs + 1, outputs)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -(y * np.log(p)).sum() / len(x) + l2 / 2 * w @ w
    gradient = (ones.T @ (p - y) / len(x)).ravel() + l2 * w
    hessian = l2 * np.eye(len(w))
    for n in range(len(x)):
        hessian += np.kron(np.outer(ones[n], ones[n]), np.diag(p[n]) - np.outer(p[n], p[n])) / len(x)
    return loss, gradient, hessian


def trajectory(kind, w, x, y):
    losses, smallest, m, v = [], [], np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        loss, g, h = parts(w, x, y)
        losses.append(float(loss))
        smallest.append(float(np.linalg.eigvalsh(h)[0]))
        if kind == "gd":
            w = w - 0.5 * g
        elif kind == "adam":
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            w = w - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        else:
            w = w - np.linalg.solve(h + 0.01 * np.eye(len(w)), g)
    return dict(losses=losses, smallest=smallest, weights=w.tolist())


def main():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(samples, inputs))
    y = np.eye(outputs)[(x[:, 0] > 0).astype(int)]
    w = 0.5 * rng.normal(size=(inputs + 1) * outputs)
    golden = dict(made=f"numpy {np.__version__}", l2=l2, inputs=x.ravel().tolist(), targets=y.ravel().tolist(), start=w.tolist())
    golden["runs"] = {kind: trajectory(kind, w, x, y) for kind in ["gd", "adam", "newton"]}
    (here / "numpy.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
