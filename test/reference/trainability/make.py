"""Sohl-Dickstein's picture (arXiv 2402.06184) at 64 x 64 in NumPy, by an implementation of its own: writes quick.json beside this file.

The preset `trainability-quick`: 8 inputs, 8 tanh units, 72 random samples, 100 steps of gradient descent with a rate for each layer. Samples and weights
come from the streams that the product names; all pixels are trained at once. usage: python make.py
"""
import json
from pathlib import Path

import numpy as np

M64, M32, GOLDEN = (1 << 64) - 1, (1 << 32) - 1, 0x9E3779B97F4A7C15
N, STEPS, COUNT, CAP = 8, 100, 64, 1e6


def mix(z):
    z &= M64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & M64
    return z ^ z >> 31


def words(seed, name):
    """xoshiro128** (Blackman & Vigna 2021) seeded by SplitMix64 from the seed and the stream's name (FNV-1a)."""
    h = 0xCBF29CE484222325
    for byte in name.encode("utf-16-le"):
        h = (h ^ byte) * 0x100000001B3 & M64
    start = mix(seed + GOLDEN) ^ h
    s = [part for word in (mix(start + GOLDEN), mix(start + 2 * GOLDEN)) for part in (word & M32, word >> 32)]

    def rotate(x, k):
        return (x << k | x >> (32 - k)) & M32

    while True:
        yield rotate(s[1] * 5 & M32, 7) * 9 & M32
        t = s[1] << 9 & M32
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 11)


def normals(seed, name, count):
    """Marsaglia's polar method, both deviates of a pair in turn."""
    numbers, found = words(seed, name), []

    def uniform():
        high = next(numbers) >> 5
        return (high * 67108864 + (next(numbers) >> 6)) / 9007199254740992

    while len(found) < count:
        u, v = 2 * uniform() - 1, 2 * uniform() - 1
        s = u * u + v * v
        if 0 < s < 1:
            factor = np.sqrt(-2 * np.log(s) / s)
            found += [u * factor, v * factor]
    return np.array(found[:count])


def main():
    samples = N * N + N
    x = normals(0, "random-samples x", samples * N).reshape(samples, N) * np.sqrt(2 / N)
    y = normals(0, "random-samples y", samples)
    start = normals(0, "init", N * N + N)
    rates = np.logspace(-3, 6, COUNT)
    first, second = [grid.reshape(-1, 1) for grid in np.meshgrid(rates, rates)]
    pixels = COUNT * COUNT
    w1 = np.repeat(start[: N * N].reshape(1, N, N), pixels, 0)
    w2 = np.repeat(start[N * N :].reshape(1, N), pixels, 0)
    losses = np.empty((STEPS, pixels))
    with np.errstate(all="ignore"):
        for step in range(STEPS):
            hidden = np.tanh(np.einsum("ni,pij->pnj", x, w1))
            error = np.einsum("pnj,pj->pn", hidden, w2) - y
            losses[step] = np.mean(error**2, 1)
            slope = 2 / samples * error
            g2 = np.einsum("pn,pnj->pj", slope, hidden)
            delta = slope[:, :, None] * w2[:, None, :] * (1 - hidden**2)
            w1 = w1 - first[:, :, None] * np.einsum("ni,pnj->pij", x, delta)
            w2 = w2 - second * g2
        v = losses / losses[0]
        v = np.clip(np.where(np.isfinite(v), v, CAP), -CAP, CAP)
    converged = v[-20:].mean(0) < 1
    value = np.where(converged, -v.sum(0), (1 / v).sum(0)).reshape(COUNT, COUNT)
    signs = ["".join("+" if one > 0 else "-" for one in row) for row in value]
    some = {"every": 8, "value": [[float(f"{one:.12g}") for one in row] for row in value[::8, ::8]]}
    there = Path(__file__).with_name("quick.json")
    there.write_text(json.dumps({"firstLoss": float(losses[0, 0]), "signs": signs, **some}, indent=1) + "\n")


if __name__ == "__main__":
    main()
