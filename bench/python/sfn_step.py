"""A step of saddle-free Newton by layer blocks as the NumPy original takes it: Hessian columns by the R-operator, eigh of both blocks, dense products.

Argument: JSON {net: path, damping, learningRate, out: path of a .npy}. Prints one JSON line with seconds of each part.
"""
import json
import sys
import time

import numpy as np

request = json.loads(sys.argv[1])
net = json.load(open(request["net"]))
layers, samples, slope = net["layers"], net["samples"], net["slope"]
x = np.array(net["inputs"]).reshape(samples, layers[0])
y = np.array(net["targets"]).reshape(samples, layers[-1])
flat = np.array(net["parameters"])
cut = layers[0] * layers[1]
w1, w2 = flat[:cut].reshape(layers[0], layers[1]), flat[cut:].reshape(layers[1], layers[2])

clock = time.perf_counter
began = clock()

net1 = x @ w1
d1 = np.where(net1 > 0, 1.0, slope)
h1 = net1 * d1
net2 = h1 @ w2
d2 = np.where(net2 > 0, 1.0, slope)
h2 = net2 * d2
delta2 = (h2 - y) * d2
delta1 = (delta2 @ w2.T) * d1
g1, g2 = x.T @ delta1, h1.T @ delta2

# Column by column: the direction is one weight, its R-forward and R-backward pass give one column (slopes are constant, phi'' = 0).
hessian1 = np.empty((w1.size, w1.size))
direction = np.zeros_like(w1)
for column in range(w1.size):
    direction.flat[column] = 1
    r_h1 = (x @ direction) * d1
    r_delta2 = (r_h1 @ w2) * d2 * d2
    hessian1[:, column] = (x.T @ ((r_delta2 @ w2.T) * d1)).ravel()
    direction.flat[column] = 0
hessian2 = np.empty((w2.size, w2.size))
direction = np.zeros_like(w2)
for column in range(w2.size):
    direction.flat[column] = 1
    r_delta2 = (h1 @ direction) * d2 * d2
    hessian2[:, column] = (h1.T @ r_delta2).ravel()
    direction.flat[column] = 0
assembled = clock()

updates, eigen_seconds, product_seconds = [], 0.0, 0.0
for hessian, gradient in ((hessian1, g1), (hessian2, g2)):
    mark = clock()
    values, vectors = np.linalg.eigh(hessian)
    decomposed = clock()
    eigen_seconds += decomposed - mark
    inverse = vectors @ np.diag(np.abs(1 / (values + request["damping"]))) @ vectors.T
    updates.append(-request["learningRate"] * (inverse @ gradient.ravel()))
    product_seconds += clock() - decomposed
total = clock() - began
np.save(request["out"], np.concatenate(updates))
print(json.dumps({"version": np.__version__, "seconds": total, "assembly": assembled - began, "eigen": eigen_seconds, "products": product_seconds}), flush=True)
