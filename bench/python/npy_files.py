# NumPy files of every order, byte order, kind and version, with what NumPy reads back: for test/reference/npy/make.py and `bench fuzz`.
import base64
import io

import numpy as np

numbers = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"]
others = ["c8", "c16", "g", "U3", "S3", "V4", "M8[s]", "m8[s]", "O", "structured"]


def text(raw):
    return base64.b64encode(raw).decode()


def values(rng, kind, shape):
    """Values at the edges of the kind's range among ordinary ones."""
    count = int(np.prod(shape))
    if kind == "b1":
        return rng.integers(0, 2, shape).astype(bool)
    if kind[0] == "f":
        edges = [0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(kind).max, np.finfo(kind).smallest_subnormal]
        plain = rng.standard_normal(count) * 10.0 ** rng.integers(-3, 4, count)
        chosen = rng.random(count) < 0.2
        return np.where(chosen, rng.choice(edges, count), plain).astype(kind).reshape(shape)
    if kind[0] in "iu":
        info = np.iinfo(kind)
        low, high = max(info.min, -(2**53) + 1), min(info.max, 2**53 - 1)
        edges = np.array([low, high, 0, 1], dtype=kind)
        plain = rng.integers(max(low, -1000), min(high, 1000) + 1, count).astype(kind)
        return np.where(rng.random(count) < 0.2, rng.choice(edges, count), plain).astype(kind).reshape(shape)
    if kind == "structured":
        return np.zeros(shape, dtype=[("x", "f8"), ("y", "i4")])
    if kind == "O":
        return np.full(shape, None, dtype=object)
    return np.zeros(shape, dtype=kind)


def written(array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version, allow_pickle=True)
    return stream.getvalue()


def case(rng, kind, shape, order="C", big=False, version=None):
    """One file and what NumPy reads from it: the entries in C order as doubles (little endian), or null for what is to be refused."""
    array = np.asarray(values(rng, kind, shape), order=order)
    if big:
        array = array.astype(array.dtype.newbyteorder(">"), order=order)
    raw = written(array, version)
    variant = f"{array.dtype.str if array.dtype.names is None else 'structured'} {order} {shape} version {raw[6]}.{raw[7]}"
    if kind in others:
        return {"writer": "numpy.save", "variant": variant, "file": text(raw), "shape": list(shape), "values": None}
    back = np.load(io.BytesIO(raw))
    return {
        "writer": "numpy.save",
        "variant": variant,
        "file": text(raw),
        "shape": list(back.shape),
        "values": text(np.ascontiguousarray(back).astype("<f8").tobytes()),
    }


def random_case(rng):
    shape = tuple(int(n) for n in rng.integers(0 if rng.random() < 0.1 else 1, 6, rng.integers(5)))
    kind = str(rng.choice(numbers if rng.random() < 0.9 else others))
    version = [None, (1, 0), (2, 0), (3, 0)][rng.integers(4)]
    return case(rng, kind, shape, str(rng.choice(["C", "F"])), bool(rng.random() < 0.5), version)
