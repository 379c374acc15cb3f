"""One step of each of the two programs of Lee (2019) from the pixels of a small archive in CIFAR-100's layout, in NumPy.

For test/integration/cli/demonstration.test.ts, which makes the same archive, imports it, and runs both presets from given weights.
Everything random comes from an integer hash that the test computes too, so that only results are stored.
Run: python test/reference/cli/make.py   (writes golden.json beside this file)
"""

import json
import pathlib

import numpy as np

SAMPLES, PIXELS, WIDTH, CLASSES = 16, 3072, 8, 100


def hashed(count, salt):
    """Numbers in [0, 1): the high bits of a multiplicative hash of 1 + index, salted."""
    index = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(1_000_003 * salt)
    mixed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    mixed = ((mixed ^ (mixed >> np.uint64(15))) * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed = ((mixed ^ (mixed >> np.uint64(13))) * np.uint64(3266489917)) & np.uint64(0xFFFFFFFF)
    return (mixed ^ (mixed >> np.uint64(16))).astype(np.float64) / 2.0**32


def centred(rows, columns, salt, scale):
    return (hashed(rows * columns, salt) - 0.5).reshape(rows, columns) * scale


x = np.floor(hashed(SAMPLES * PIXELS, 1) * 256).reshape(SAMPLES, PIXELS) / 256 - 0.5
y = np.eye(CLASSES)[np.floor(hashed(SAMPLES, 2) * CLASSES).astype(int)]


def f(net):
    return np.where(net > 0, net, 0.5 * net)


def slope(net):
    return np.where(net > 0, 1.0, 0.5)


def slow_net():
    """Both layers' own Hessians column by column (derivative of the gradient along one weight), eigh, |1/(λ + 0.1)|, rate 0.1."""
    inputs = x @ centred(PIXELS, WIDTH, 3, 2 / np.sqrt(PIXELS))
    w1, w2 = centred(WIDTH, WIDTH, 4, 1.0), centred(WIDTH, CLASSES, 5, 1.0)
    net1 = inputs @ w1
    h1 = f(net1)
    net2 = h1 @ w2
    delta2 = (f(net2) - y) * slope(net2)
    delta1 = (delta2 @ w2.T) * slope(net1)
    gradients = [inputs.T @ delta1, h1.T @ delta2]
    hessians = []
    for layer, w in enumerate([w1, w2]):
        columns = []
        for k in range(w.size):
            direction = np.zeros(w.size)
            direction[k] = 1
            direction = direction.reshape(w.shape)
            along = (inputs @ direction * slope(net1)) @ w2 if layer == 0 else h1 @ direction
            change = along * slope(net2) ** 2
            columns.append(((inputs.T @ ((change @ w2.T) * slope(net1))) if layer == 0 else h1.T @ change).ravel())
        hessians.append(np.array(columns).T)
    updates = []
    for gradient, hessian in zip(gradients, hessians):
        values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
        updates.append(-0.1 * vectors @ (np.abs(1 / (values + 0.1)) * (vectors.T @ gradient.ravel())))
    loss = 0.5 * float(((f(net2) - y) ** 2).sum())
    return {"loss": loss, "W1": updates[0].tolist(), "W2": updates[1].tolist()}


def fast_net(r):
    w = centred(PIXELS, CLASSES, 6, 0.1)
    net = x @ w
    gradient = x.T @ ((f(net) - y) * slope(net))

    def inverse(g):
        goal = np.linalg.pinv(x.T) @ g / slope(net) + y
        return np.linalg.pinv(x) @ np.where(goal > 0, goal, goal / 0.5)

    difference = (inverse(gradient * (1 + r / 2)) - inverse(gradient * (1 - r / 2))) / r
    limit = np.linalg.pinv(x) @ ((f(net) - y) / slope(net))
    return -0.1 * difference, -0.1 * limit


difference, limit = fast_net(1e-6)
entries = list(range(0, PIXELS * CLASSES, 1499))
result = {
    "samples": SAMPLES,
    "width": WIDTH,
    "slow": slow_net(),
    "fast": {
        "entries": entries,
        "norm": float(np.linalg.norm(limit)),
        "limit": limit.ravel()[entries].tolist(),
        "difference": difference.ravel()[entries].tolist(),
        "columnSums": limit.sum(axis=0).tolist(),
    },
}
target = pathlib.Path(__file__).with_name("golden.json")
target.write_text(json.dumps(result) + "\n")
print(target, target.stat().st_size, "bytes")
