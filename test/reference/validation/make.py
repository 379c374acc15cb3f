"""Which samples `data.validation` splits off, by an implementation of its own: prints the goldens of test/unit/engine/data/split.test.ts.

xoshiro128** (Blackman & Vigna 2021) seeded by SplitMix64 from the seed and the stream's name (FNV-1a), Durstenfeld's shuffle, its first `count` places.
"""
M64, M32, GOLDEN = (1 << 64) - 1, (1 << 32) - 1, 0x9E3779B97F4A7C15


def mix(z):
    z &= M64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & M64
    return z ^ z >> 31


def stream(seed, name):
    h = 0xCBF29CE484222325
    for byte in name.encode("utf-16-le"):
        h = (h ^ byte) * 0x100000001B3 & M64
    start = mix(seed + GOLDEN) ^ h
    words = [mix(start + GOLDEN), mix(start + 2 * GOLDEN)]
    s = [part for word in words for part in (word & M32, word >> 32)]

    def rotate(x, k):
        return (x << k | x >> (32 - k)) & M32

    while True:
        result = rotate(s[1] * 5 & M32, 7) * 9 & M32
        t = s[1] << 9 & M32
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 11)
        yield result


def split(samples, count, seed):
    numbers = stream(seed, "validation")
    order = list(range(samples))
    for i in range(samples - 1, 0, -1):
        n = i + 1
        limit = 2**32 - 2**32 % n
        j = next(x for x in numbers if x < limit) % n
        order[i], order[j] = order[j], order[i]
    return sorted(order[:count])


if __name__ == "__main__":
    for arguments in ((20, 5, 3), (20, 5, 4), (250, 12, 3)):
        print(arguments, split(*arguments))
