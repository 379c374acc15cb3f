// The generator against its published recurrence (an independent Python program), frozen first values, and statistical sanity.
import { describe, expect, it } from 'vitest'
import { fillNormal, fillSigns, randomStream, restoreRandom, shuffledOrder } from '../../../../src/engine/random'

const draw = (n: number, next: () => number) => Array.from({ length: n }, next)

describe('generator', () => {
  it('gives the known first outputs of xoshiro128** from the state 1, 2, 3, 4', () => {
    const random = restoreRandom({ algorithm: 'xoshiro128**', words: [1, 2, 3, 4], spare: null })
    expect(draw(10, random.nextUint32)).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804
    ])
  })

  it('keeps its streams for ever', () => {
    const frozen: [number, string, number[], number[]][] = [
      [0, 'init', [3372932788, 3639658799, 1507993544, 3681951298], [699310734, 541019476, 2029560425, 3071202542]],
      [0, 'projection', [1924208489, 2759917903, 3835519606, 2827040359], [1453159027, 1052314734, 1976220668, 1088612814]],
      [0, 'batches', [857324927, 2812585280, 2754086282, 2356080308], [4169539899, 454847681, 1864194847, 451886201]],
      [12345, 'init', [2447681564, 3344060218, 1751965654, 2414481676], [3153501442, 771823877, 3120949986, 3832791919]]
    ]
    for (const [seed, name, words, outputs] of frozen) {
      const random = randomStream(seed, name)
      expect(random.save().words).toEqual(words)
      expect(draw(4, random.nextUint32)).toEqual(outputs)
    }
  })

  it('keeps uniforms, normals and orders for ever', () => {
    const normals = draw(4, randomStream(0, 'init').normal)
    const uniforms = draw(3, randomStream(0, 'init').uniform)
    const order = [...shuffledOrder(randomStream(0, 'batches'), 10)]
    expect({ normals, uniforms, order }).toMatchInlineSnapshot(`
      {
        "normals": [
          -1.2459794290629944,
          -0.10145880394388354,
          -1.2155832898771004,
          -2.5346811987231965,
        ],
        "order": [
          6,
          3,
          5,
          1,
          0,
          8,
          4,
          7,
          2,
          9,
        ],
        "uniforms": [
          0.16282096599017015,
          0.4725438633193825,
          0.8493607485718089,
        ],
      }
    `)
  })

  it('goes on from a saved state, through JSON, also between the two deviates of a pair', () => {
    for (const skip of [0, 1, 2, 7]) {
      const random = randomStream(7, 'init')
      for (let i = 0; i < skip; i++) random.normal()
      const copy = restoreRandom(JSON.parse(JSON.stringify(random.save())))
      expect(draw(20, copy.normal)).toEqual(draw(20, random.normal))
    }
  })

  it('refuses states and seeds that are none', () => {
    for (const state of [
      null,
      {},
      { algorithm: 'xoshiro128**', words: [0, 0, 0, 0], spare: null },
      { algorithm: 'xoshiro128**', words: [1, 2, 3, 2 ** 32], spare: null },
      { algorithm: 'xoshiro128**', words: [1, 2, 3, 4], spare: 'x' },
      { algorithm: 'mt19937', words: [1, 2, 3, 4], spare: null }
    ])
      expect(() => restoreRandom(state)).toThrow(/random state/)
    expect(() => randomStream(-1, 'init')).toThrow(/seed/)
    expect(() => randomStream(0.5, 'init')).toThrow(/seed/)
    expect(() => randomStream(0, 'init').below(0)).toThrow(/bound/)
  })
})

describe('statistics', () => {
  const n = 200_000

  it('uniforms fill [0, 1) evenly (chi-squared over 100 cells)', () => {
    const random = randomStream(1, 'test')
    const cells = new Float64Array(100)
    for (let i = 0; i < n; i++) cells[Math.floor(random.uniform() * 100)]++
    const chiSquared = cells.reduce((sum, count) => sum + (count - n / 100) ** 2 / (n / 100), 0)
    // 99 degrees of freedom: mean 99, standard deviation 14.
    expect(chiSquared).toBeGreaterThan(45)
    expect(chiSquared).toBeLessThan(165)
  })

  it('normals have moments 0, 1, 0, 3 and the tail of a normal', () => {
    const values = fillNormal(randomStream(2, 'test'), new Float64Array(n))
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / n
    // Five standard errors each.
    expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / n))
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n))
    expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / n))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n))
    const beyondTwo = values.filter((value) => Math.abs(value) > 2).length / n
    expect(Math.abs(beyondTwo - 0.0455003)).toBeLessThan(5 * Math.sqrt(0.0455 / n))
  })

  it('streams of one seed, and neighbouring seeds, are uncorrelated', () => {
    const base = fillNormal(randomStream(3, 'init'), new Float64Array(n))
    for (const other of [randomStream(3, 'projection'), randomStream(4, 'init'), randomStream(2, 'init')]) {
      const values = fillNormal(other, new Float64Array(n))
      const correlation = values.reduce((sum, value, i) => sum + value * base[i], 0) / n
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n))
    }
  })

  it('bounded integers and signs are even', () => {
    const random = randomStream(5, 'test')
    const counts = new Float64Array(6)
    for (let i = 0; i < 60_000; i++) counts[random.below(6)]++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(10_000))
    const signs = fillSigns(random, new Float64Array(10_000))
    expect(signs.every((sign) => Math.abs(sign) === 1)).toBe(true)
    expect(Math.abs(signs.reduce((sum, sign) => sum + sign, 0))).toBeLessThan(500)
  })

  it('every order of four is as likely as any other', () => {
    const random = randomStream(6, 'test')
    const counts = new Map<string, number>()
    for (let i = 0; i < 24_000; i++) {
      const key = shuffledOrder(random, 4).join('')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(24)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000))
  })
})
