"""One step of each of the two programs of Lee (2019) on synthetic pixels in CIFAR's layout, in NumPy, for test/unit/engine/optimizers.

Everything random comes from an integer hash that the test computes too, so that only results are stored.
Run: python test/reference/optimizers/make_lee.py   (writes lee.json beside this file)
"""

import json
import pathlib

import numpy as np

SAMPLES, PIXELS, INPUTS, HIDDEN, OUTPUTS = 12, 3072, 10, 10, 20


def hashed(count, salt):
    """Numbers in [0, 1): the high bits of a multiplicative hash of 1 + index, salted."""
    index = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(1_000_003 * salt)
    mixed = (index * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    mixed = ((mixed ^ (mixed >> np.uint64(15))) * np.uint64(2246822519)) & np.uint64(0xFFFFFFFF)
    mixed = ((mixed ^ (mixed >> np.uint64(13))) * np.uint64(3266489917)) & np.uint64(0xFFFFFFFF)
    return (mixed ^ (mixed >> np.uint64(16))).astype(np.float64) / 2.0**32


def centred(rows, columns, salt, scale):
    return (hashed(rows * columns, salt) - 0.5).reshape(rows, columns) * scale


pixels = np.floor(hashed(SAMPLES * PIXELS, 1) * 256).reshape(SAMPLES, PIXELS) / 256 - 0.5
labels = np.floor(hashed(SAMPLES, 2) * OUTPUTS).astype(int)
y = np.eye(OUTPUTS)[labels]


def f(x):
    return np.where(x > 0, x, 0.5 * x)


def slope(x):
    return np.where(x > 0, 1.0, 0.5)


def f_inverse(x):
    return np.where(x > 0, x, x / 0.5)


def slow_net():
    x = pixels @ centred(PIXELS, INPUTS, 3, 2 / np.sqrt(PIXELS))
    weights = [centred(INPUTS, HIDDEN, 4, 1.0), centred(HIDDEN, OUTPUTS, 5, 1.0)]
    net1 = x @ weights[0]
    h1 = f(net1)
    net2 = h1 @ weights[1]
    h2 = f(net2)
    delta2 = (h2 - y) * slope(net2)
    delta1 = (delta2 @ weights[1].T) * slope(net1)
    gradients = [x.T @ delta1, h1.T @ delta2]

    # Column by column: the derivative of each layer's gradient along each of its weights (R-operator), the other layer fixed.
    blocks = []
    for layer, weight in enumerate(weights):
        columns = []
        for k in range(weight.size):
            direction = np.zeros(weight.size)
            direction[k] = 1
            direction = direction.reshape(weight.shape)
            if layer == 0:
                r_net1 = x @ direction
                r_h1 = r_net1 * slope(net1)
                r_net2 = r_h1 @ weights[1]
            else:
                r_h1 = np.zeros_like(h1)
                r_net2 = h1 @ direction
            r_delta2 = r_net2 * slope(net2) * slope(net2)
            if layer == 0:
                columns.append((x.T @ ((r_delta2 @ weights[1].T) * slope(net1))).ravel())
            else:
                columns.append((h1.T @ r_delta2).ravel())
        blocks.append(np.array(columns).T)

    result = {"loss": 0.5 * float(((h2 - y) ** 2).sum())}
    for name, gradient, block in zip(["W1", "W2"], gradients, blocks):
        values, vectors = np.linalg.eigh((block + block.T) / 2)
        step = vectors @ (np.abs(1 / (values + 0.1)) * (vectors.T @ gradient.ravel()))
        result[name] = {
            "gradient": gradient.ravel().tolist(),
            "update": (-0.1 * step).tolist(),
            "smallest": float(values[0]),
            "largest": float(values[-1]),
        }
    return result


def fast_net(r):
    w = centred(PIXELS, OUTPUTS, 6, 0.1)
    net = pixels @ w
    h = f(net)
    gradient = pixels.T @ ((h - y) * slope(net))

    def inverse(g):
        d_net = np.linalg.pinv(pixels.T) @ g
        return np.linalg.pinv(pixels) @ f_inverse(d_net / slope(net) + y)

    step = (inverse(gradient * (1 + r / 2)) - inverse(gradient * (1 - r / 2))) / r
    limit = np.linalg.pinv(pixels) @ ((h - y) / slope(net))
    return step, limit


step, limit = fast_net(1e-6)
chosen = list(range(0, PIXELS * OUTPUTS, 997))
result = {
    "samples": SAMPLES,
    "pixels": PIXELS,
    "inputs": INPUTS,
    "hidden": HIDDEN,
    "outputs": OUTPUTS,
    "slow": slow_net(),
    "fast": {
        "norm": float(np.linalg.norm(limit)),
        "entries": chosen,
        "limit": limit.ravel()[chosen].tolist(),
        "difference": step.ravel()[chosen].tolist(),
        "columnSums": limit.sum(axis=0).tolist(),
    },
}
target = pathlib.Path(__file__).with_name("lee.json")
target.write_text(json.dumps(result) + "\n")
print(target, target.stat().st_size, "bytes; differencing error in NumPy", float(np.linalg.norm(step - limit) / np.linalg.norm(limit)))
