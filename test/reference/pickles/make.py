"""Makes pickles.json: small pickles written by Python itself, base64, with what they hold. Run: python make.py"""
import base64
import datetime
import json
import os
import pathlib
import pickle

import numpy


class Evil:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


class Plain:
    def __init__(self):
        self.value = 1


def encoded(data):
    return base64.b64encode(data).decode()


values = {
    "text": "fünf",
    "bytes": bytes(range(256)),
    "numbers": [0, 255, 256, 65535, 65536, -1, -(2**31), 2**40, -(2**40), 1.5, -0.0],
    "truth": [True, False, None],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    "data": numpy.arange(12, dtype=numpy.uint8).reshape(3, 4),
    "labels": numpy.array([5, -6, 7], dtype=numpy.int64),
    "big_endian": numpy.array([1.5, -2.25], dtype=">f8"),
    "floats": numpy.array([[0.5, 0.25]], dtype=numpy.float32),
    "fortran": numpy.asfortranarray(numpy.arange(6, dtype=">i2").reshape(2, 3)),
    "halves": numpy.array([0.5, -65504.0], dtype=numpy.float16),
    "scalars": [numpy.int64(7), numpy.uint8(200), numpy.float64(0.125)],
    "shared": None,
}
values["shared"] = values["labels"]
good = {}
for protocol in range(2, 6):
    data = pickle.dumps(values, protocol=protocol)
    good[f"protocol {protocol}"] = encoded(data)
    # Up to protocol 3 module names are lines of text, so NumPy 1's spelling is a replacement.
    if protocol < 4:
        good[f"protocol {protocol}, NumPy 1"] = encoded(data.replace(b"numpy._core", b"numpy.core"))

bad = {}
for protocol in (2, 4, 5):
    for name, value in {
        "os.system": Evil(os.system, "true"),
        "builtins.eval": Evil(eval, "1 + 1"),
        "builtins.getattr": Evil(getattr, "text", "upper"),
        "Plain": Plain(),
        "datetime": datetime.date(2026, 1, 1),
        "complex": 1j,
        "set": {1, 2},
        "objects": numpy.array([Evil(os.system, "true")], dtype=object),
        "structured": numpy.zeros(2, dtype=[("a", "i4"), ("b", "f8")]),
        "text array": numpy.array(["a", "b"]),
        "long": 2**100,
        "array subclass": numpy.matrix([[1]]),
    }.items():
        bad[f"{name}, protocol {protocol}"] = encoded(pickle.dumps(value, protocol=protocol))
for protocol in (0, 1):
    bad[f"protocol {protocol}"] = encoded(pickle.dumps({"a": [2**40, "x"]}, protocol=protocol))

# A batch in CIFAR's layout, two samples, re-pickled by a user of Python 3.
rng = numpy.random.default_rng(0)
pixels = rng.integers(0, 256, (2, 3072), dtype=numpy.uint8)
batch = {b"data": pixels, b"fine_labels": [49, 33], b"coarse_labels": [10, 17], b"filenames": [b"a.png", b"b.png"]}
cifar = {f"protocol {p}": encoded(pickle.dumps(batch, protocol=p)) for p in (2, 4, 5)}
cifar["Fortran order"] = encoded(pickle.dumps({**batch, b"data": numpy.asfortranarray(pixels)}, protocol=2))
result = {"good": good, "bad": bad, "cifar": {"pickles": cifar, "pixels": encoded(pixels.tobytes())}}
path = pathlib.Path(__file__).with_name("pickles.json")
path.write_text(json.dumps(result, indent=1, ensure_ascii=True) + "\n")
