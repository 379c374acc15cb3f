// Seeded random numbers: xoshiro128** (Blackman & Vigna 2021), seeded by SplitMix64 (Steele, Lea & Flood 2014), with a state that is plain JSON.

/** Everything the generator remembers; `spare` is the second of a pair of normal deviates, not handed out yet. */
export interface RandomState {
  readonly algorithm: 'xoshiro128**'
  readonly words: readonly [number, number, number, number]
  readonly spare: number | null
}

export interface RandomGenerator {
  /** Uniform on 0 … 2³² − 1. */
  nextUint32(): number
  /** Uniform on [0, 1) with 53 random bits. */
  uniform(): number
  /** Standard normal deviate by Marsaglia's polar method (1964); two uniforms a trial, two deviates an accepted trial. */
  normal(): number
  /** Uniform on 0 … n − 1 without bias (rejection). Throws unless n is an integer in 1 … 2³². */
  below(n: number): number
  /** The state after everything handed out so far; `restoreRandom` goes on from there. */
  save(): RandomState
}

const mask64 = (1n << 64n) - 1n
const golden = 0x9e3779b97f4a7c15n

/** SplitMix64's output function. */
function mix64(value: bigint): bigint {
  let z = value & mask64
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask64
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask64
  return z ^ (z >> 31n)
}

/** FNV-1a over the name's UTF-16 units, low byte first: names differ, hashes differ. */
function hashName(name: string): bigint {
  let hash = 0xcbf29ce484222325n
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    hash = ((hash ^ BigInt(unit & 0xff)) * 0x100000001b3n) & mask64
    hash = ((hash ^ BigInt(unit >>> 8)) * 0x100000001b3n) & mask64
  }
  return hash
}

/** Four state words for (seed, name). The seed is mixed before the name meets it, so neighbouring seeds share nothing. */
function seedWords(seed: number, name: string): [number, number, number, number] {
  const start = mix64(BigInt(seed) + golden) ^ hashName(name)
  const first = mix64(start + golden)
  const second = mix64(start + 2n * golden)
  const words: [number, number, number, number] = [
    Number(first & 0xffffffffn),
    Number(first >> 32n),
    Number(second & 0xffffffffn),
    Number(second >> 32n)
  ]
  // All zeros is the one state that xoshiro never leaves.
  return words.some((word) => word !== 0) ? words : [1, 0, 0, 0]
}

function generator(state: RandomState): RandomGenerator {
  let [s0, s1, s2, s3] = state.words
  let spare = state.spare

  const nextUint32 = (): number => {
    const times5 = Math.imul(s1, 5)
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0
    const t = s1 << 9
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << 11) | (s3 >>> 21)
    return result
  }
  const uniform = (): number => {
    const high = nextUint32() >>> 5
    const low = nextUint32() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }
  const normal = (): number => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    for (;;) {
      const u = 2 * uniform() - 1
      const v = 2 * uniform() - 1
      const s = u * u + v * v
      if (s >= 1 || s === 0) continue
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      spare = v * factor
      return u * factor
    }
  }
  const below = (n: number): number => {
    if (!Number.isInteger(n) || n < 1 || n > 4294967296)
      throw new Error(`random numbers below ${n}: the bound must be an integer in 1 … 4294967296`)
    const limit = 4294967296 - (4294967296 % n)
    for (;;) {
      const value = nextUint32()
      if (value < limit) return value % n
    }
  }
  const save = (): RandomState => ({ algorithm: 'xoshiro128**', words: [s0 >>> 0, s1 >>> 0, s2 >>> 0, s3 >>> 0], spare })
  return { nextUint32, uniform, normal, below, save }
}

/**
 * The stream of a run's seed with this name (`init`, `projection`, `batches`, …): streams are independent, and using more or less
 * of one never moves another. Throws unless seed is an integer in 0 … 2⁵³ − 1.
 */
export function randomStream(seed: number, name: string): RandomGenerator {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`seed: must be an integer from 0 to 9007199254740991, got ${seed}`)
  return generator({ algorithm: 'xoshiro128**', words: seedWords(seed, name), spare: null })
}

function isWord(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 4294967295
}

/** Goes on from a saved state (as read from JSON). Throws when it is not one of `save`. */
export function restoreRandom(state: unknown): RandomGenerator {
  const refuse = () => new Error('random state: must be {algorithm: "xoshiro128**", words: four integers below 2³², spare: number or null}')
  if (typeof state !== 'object' || state === null) throw refuse()
  const { algorithm, words, spare } = state as Record<string, unknown>
  if (algorithm !== 'xoshiro128**' || !Array.isArray(words) || words.length !== 4) throw refuse()
  const [a, b, c, d]: unknown[] = words
  if (!isWord(a) || !isWord(b) || !isWord(c) || !isWord(d) || (a | b | c | d) === 0) throw refuse()
  if (spare !== null && !(typeof spare === 'number' && Number.isFinite(spare))) throw refuse()
  return generator({ algorithm, words: [a, b, c, d], spare })
}
