"""A step of finite-difference Newton on a perceptron as the NumPy original takes it: four pseudoinverses, nothing kept between steps.

Argument: JSON {folder, samples, inputs, outputs, slope, r, learningRate}; the folder holds inputs.bin, targets.bin, weights.bin (doubles) and
gets update.bin. Prints one JSON line {version, seconds}.
"""
import json
import sys
import time

import numpy as np

request = json.loads(sys.argv[1])
samples, inputs, outputs, slope, r = (request[key] for key in ["samples", "inputs", "outputs", "slope", "r"])
load = lambda name, rows, columns: np.fromfile(f"{request['folder']}/{name}.bin").reshape(rows, columns)
x, y, w = load("inputs", samples, inputs), load("targets", samples, outputs), load("weights", inputs, outputs)


def inverse_gradient(gradient, d, y):
    d_net = np.linalg.pinv(x.T) @ gradient
    h = d_net / d + y
    return np.linalg.pinv(x) @ np.where(h > 0, h, h / slope)


clock = time.perf_counter
began = clock()
net = x @ w
d = np.where(net > 0, 1.0, slope)
gradient = x.T @ ((net * d - y) * d)
forward = inverse_gradient(gradient * (1 + r / 2), d, y)
backward = inverse_gradient(gradient * (1 - r / 2), d, y)
update = -request["learningRate"] * (forward - backward) / r
w = w + update
seconds = clock() - began
update.tofile(f"{request['folder']}/update.bin")
print(json.dumps({"version": np.__version__, "seconds": seconds}))
