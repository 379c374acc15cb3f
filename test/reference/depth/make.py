"""Mean-field integrals and fixed points for test/unit/engine/analyses/depth.test.ts: one-dimensional ones by mpmath to 25 digits,
two-dimensional ones by adaptive quadrature of SciPy. Run with mpmath and SciPy: python make.py > mean-field.json"""
import json
import mpmath as mp
import numpy as np
from scipy.integrate import dblquad
from scipy.optimize import brentq

mp.mp.dps = 25
functions = {
    "tanh": (mp.tanh, lambda x: mp.sech(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), lambda x: 1 / (2 + mp.exp(x) + mp.exp(-x))),
    "softplus": (lambda x: mp.log(1 + mp.exp(x)), lambda x: 1 / (1 + mp.exp(-x))),
}


def mean(f):
    return mp.quad(lambda z: f(z) * mp.npdf(z), [-14, -6, -3, -1, -0.3, 0, 0.3, 1, 3, 6, 14])


def moments(kind, q):
    value, slope = functions[kind]
    root = mp.sqrt(q)
    return mean(lambda z: value(root * z) ** 2), mean(lambda z: slope(root * z) ** 2)


def pair(f, q, c):
    s, r = np.sqrt(q), np.sqrt(1 - c * c)
    density = lambda a, b: np.exp(-(a * a + b * b) / 2) / (2 * np.pi)
    return dblquad(lambda b, a: f(s * a) * f(s * (c * a + r * b)) * density(a, b), -9, 9, -9, 9, epsabs=1e-9, epsrel=1e-9)[0]


numpy_functions = {
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: 1 / (2 + np.exp(x) + np.exp(-x))),
}


def fixed(kind, w, b):
    q = mp.findroot(lambda q: w * w * moments(kind, q)[0] + b * b - q, (0.05, 20), solver="anderson", tol=1e-18)
    chi = w * w * moments(kind, q)[1]
    c, xi = 1.0, None
    if chi > 1:
        value, slope = numpy_functions[kind]
        c = brentq(lambda c: (w * w * pair(value, float(q), c) + b * b) / float(q) - c, 0, 0.999, xtol=1e-9)
        xi = -1 / np.log(w * w * pair(slope, float(q), c))
    else:
        xi = float(-1 / mp.log(chi))
    return {"kind": kind, "sigmaW": w, "sigmaB": b, "q": float(q), "chi": float(chi), "c": float(c), "xiC": float(xi)}


rows = []
for kind in functions:
    for q in [0.05, 0.5, 2, 8, 16]:
        square, slope = moments(kind, q)
        rows.append({"kind": kind, "q": q, "square": float(square), "slope": float(slope)})
points = [fixed("tanh", 0.8, 0.5), fixed("tanh", 1.5, 0.3), fixed("tanh", 2.5, 0.1), fixed("sigmoid", 4, 0.5)]
print(json.dumps({"integrals": rows, "fixedPoints": points}, indent=1))
