// Power series of networks: against repeated automatic differentiation in 50 digits, Hessian-vector products, and the identities that hold along any curve; chunks, backends, memory, cancelling.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { networkJets } from '../../../../src/engine/jets/network'
import { matrix, openLinalg, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import { lossFunction } from '../../../../src/engine/nn/losses'
import { createNetwork } from '../../../../src/engine/nn/network'
import type { CurveJet, Objective } from '../../../../src/engine/objective'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { scaledObjective } from '../../../../src/engine/objectives/scaled'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import type { Activation, LossKind } from '../../../../src/shared/spec/schema'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, gradientOf, losses, makeCase, relativeError, type CaseOptions } from '../nn/nets'

interface Golden {
  readonly layers: number[]
  readonly activation: Activation['kind']
  readonly lossKind: LossKind
  readonly bias: boolean
  readonly rows: number
  readonly seed: number
  readonly loss: number[]
  readonly gradient: number[][]
}
const goldens: Golden[] = JSON.parse(readFileSync('test/reference/jets/networks.json', 'utf8'))
const plain = openPlain()

/** The generator of test/reference/jets/make.py: multiples of 1/1024 in [−1, 1). */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 16807) % 2147483647
    return ((state % 2048) - 1024) / 1024
  }
}

/** The network, batch, weights and curve of a golden case, drawn in the order of make.py. */
function goldenCase({ layers, activation: kind, lossKind, bias, rows, seed }: Golden) {
  const activation: Activation = kind === 'leaky-relu' ? { kind, slope: 0.5 } : { kind }
  const network = createNetwork({ layers, activation, outputActivation: null, bias }, lossKind)
  const next = dice(seed)
  const draw = (length: number, factor = 1) => Float64Array.from({ length }, () => factor * next())
  const parameters = draw(network.parameterCount)
  const curve = matrix(rows, network.parameterCount, draw(rows * network.parameterCount, 0.5))
  const [samples, outputs] = [3, layers[layers.length - 1]]
  const inputs = matrix(samples, layers[0], draw(samples * layers[0]))
  const targets = matrix(samples, outputs, draw(samples * outputs))
  if (lossKind === 'softmax-cross-entropy') {
    targets.data.fill(0)
    for (let n = 0; n < samples; n++) targets.data[n * outputs + (n % outputs)] = 1
    targets.data.fill(0, (samples - 1) * outputs)
    targets.data.set([0.5, 0.25], (samples - 1) * outputs)
  }
  return { objective: networkObjective({ linalg: plain }, network, lossKind, { inputs, targets }), parameters, curve }
}

const normal = (length: number, seed: number, factor = 1) => fillNormal(randomStream(seed, 'jets'), new Float64Array(length), factor)
const gradientRow = ({ gradient }: CurveJet, k: number) => gradient.data.subarray(k * gradient.columns, (k + 1) * gradient.columns)

async function jetsOf(objective: Objective, parameters: Float64Array, curves: Matrix[], order: number, gradient = true) {
  const found = await objective.jets?.(parameters, curves, { order, gradient })
  if (!found) throw new Error('no jets')
  return found
}

/** Lines and curves of some coefficients through a case's parameters. */
const someCurves = (count: number): Matrix[] => [1, 3, 2].map((rows, place) => matrix(rows, count, normal(rows * count, 20 + place, 0.4)))

/** |k a_k − Σ_j j s_j · c_{k−j}| relative to the sum of the magnitudes: d/dt f(w(t)) = ∇f(w(t)) · w′(t). */
function chainRuleError(jet: CurveJet, curve: Matrix): number {
  let worst = 0
  for (let k = 1; k < jet.loss.length; k++) {
    let [sum, size] = [0, 1e-300]
    for (let j = 1; j <= Math.min(k, curve.rows); j++)
      for (let i = 0; i < curve.columns; i++) {
        const term = j * curve.data[(j - 1) * curve.columns + i] * gradientRow(jet, k - j)[i]
        sum += term
        size += Math.abs(term)
      }
    worst = Math.max(worst, Math.abs(k * jet.loss[k] - sum) / size)
  }
  return worst
}

describe('jets of networks', () => {
  it('agree with repeated automatic differentiation in 50 digits: every activation and loss, depth 1 to 3, order 6, to 1e-12', async () => {
    let compared = 0
    for (const golden of goldens) {
      const { objective, parameters, curve } = goldenCase(golden)
      const [jet] = await jetsOf(objective, parameters, [curve], 6)
      const name = `${golden.layers.join('→')} ${golden.activation} ${golden.lossKind}`
      const size = Math.max(...golden.loss.map(Math.abs))
      golden.loss.forEach((a, k) =>
        expect(Math.abs(jet.loss[k] - a) / Math.max(Math.abs(a), 1e-2 * size), `${name}: a_${k}`).toBeLessThan(1e-12)
      )
      golden.gradient.forEach((c, k) => {
        if (c.every((value) => value === 0))
          expect(
            gradientRow(jet, k).every((value) => value === 0),
            `${name}: c_${k}`
          ).toBe(true)
        else expect(relativeError(gradientRow(jet, k), c), `${name}: c_${k}`).toBeLessThan(1e-12)
      })
      compared += golden.loss.length + golden.gradient.flat().length
    }
    expect(goldens.length).toBe(54)
    expect(compared).toBe(goldens.reduce((sum, { gradient }) => sum + 7 * (1 + gradient[0].length), 0))
  })

  it('start with loss and gradient to the bit and go on with the Hessian’s product to 1e-12', async () => {
    for (const activation of activations)
      for (const loss of losses)
        for (const bias of [false, true]) {
          const { objective, parameters } = makeCase(plain, { layers: [3, 5, 4], activation, loss, bias, samples: 6 })
          const v = matrix(1, parameters.length, normal(parameters.length, 3))
          const [jet] = await jetsOf(objective, parameters, [v], 1)
          expect(jet.loss[0]).toBe(await objective.loss(parameters))
          expect(gradientRow(jet, 0)).toEqual(await gradientOf(objective, parameters))
          const product = await (await objective.products(parameters, 'hessian'))(v)
          expect(relativeError(gradientRow(jet, 1), product.data), `${activation.kind} ${loss}`).toBeLessThan(1e-12)
        }
  })

  it('satisfy d/dt f(w(t)) = ∇f(w(t))·w′(t) coefficient by coefficient, scaled and with weight decay too', async () => {
    for (const activation of activations)
      for (const loss of losses) {
        const { objective: bare, parameters } = makeCase(plain, { layers: [3, 4, 3, 3], activation, loss, bias: true, samples: 5 })
        for (const objective of [bare, scaledObjective(bare, -3), regularizedObjective(scaledObjective(bare, 0.5), 0.3)]) {
          const curves = someCurves(parameters.length)
          const jets = await jetsOf(objective, parameters, curves, 5)
          for (const [place, jet] of jets.entries())
            expect(chainRuleError(jet, curves[place]), `${activation.kind} ${loss}`).toBeLessThan(1e-13)
        }
      }
  })

  it('give ½·T₃[v, v] as c₂: symmetric in three directions, and H v along the curve differs from it as it must', async () => {
    const { objective, parameters } = makeCase(plain, {
      layers: [3, 4, 3],
      activation: { kind: 'tanh' },
      loss: 'mse',
      bias: true,
      samples: 6
    })
    const p = parameters.length
    const [u, v, w] = [1, 2, 3].map((seed) => normal(p, seed))
    const second = async (direction: Float64Array) => gradientRow((await jetsOf(objective, parameters, [matrix(1, p, direction)], 2))[0], 2)
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0)
    const plus = (a: Float64Array, b: Float64Array, sign: number) => a.map((x, i) => x + sign * b[i])
    // T₃[u, v, w] by polarization of the pair, with each of the three in the third place.
    const mixed = async (a: Float64Array, b: Float64Array, c: Float64Array) =>
      (dot(await second(plus(a, b, 1)), c) - dot(await second(plus(a, b, -1)), c)) / 2
    const values = [await mixed(u, v, w), await mixed(v, w, u), await mixed(w, u, v)]
    expect(Math.abs(values[1] - values[0]) / Math.abs(values[0])).toBeLessThan(1e-11)
    expect(Math.abs(values[2] - values[0]) / Math.abs(values[0])).toBeLessThan(1e-11)
    // A bend of the curve moves the gradient by H s_2 beside it.
    const [bent] = await jetsOf(objective, parameters, [matrix(2, p, Float64Array.of(...u, ...w))], 2)
    const hw = await (await objective.products(parameters, 'hessian'))(matrix(1, p, w))
    const expected = plus(await second(u), hw.data, 1)
    expect(relativeError(gradientRow(bent, 2), expected)).toBeLessThan(1e-13)
  })

  it('are exact where the loss is a polynomial: of a deep linear net along a line nothing is left beyond its degree', async () => {
    const { objective, parameters } = makeCase(plain, {
      layers: [3, 3, 2],
      activation: { kind: 'identity' },
      loss: 'half-sse',
      bias: true,
      samples: 4
    })
    const line = normal(parameters.length, 5)
    const [jet] = await jetsOf(objective, parameters, [matrix(1, parameters.length, line)], 6)
    expect([...jet.loss.subarray(5)]).toEqual([0, 0])
    expect([...gradientRow(jet, 4), ...gradientRow(jet, 5), ...gradientRow(jet, 6)].every((value) => value === 0)).toBe(true)
    for (const t of [-0.7, 1.5]) {
      const at = parameters.map((w, i) => w + t * line[i])
      const sum = jet.loss.reduce((total, a, k) => total + a * t ** k, 0)
      expect(relativeError([sum], [await objective.loss(at)])).toBeLessThan(1e-13)
    }
  })

  it('keep every coefficient’s digits where units are saturated and samples all but certain', async () => {
    // One weight w = 9 on an input of 1 through tanh: φ'(9 + t) by e^(−2|x|) in the test, against the jet of the mean squared error's gradient.
    const network = createNetwork({ layers: [1, 1], activation: { kind: 'tanh' }, outputActivation: null, bias: false }, 'half-sse')
    const one = (value: number) => matrix(1, 1, Float64Array.of(value))
    const objective = networkObjective({ linalg: plain }, network, 'half-sse', { inputs: one(1), targets: one(0) })
    const [jet] = await jetsOf(objective, Float64Array.of(9), [one(1)], 6)
    // tanh x = 1 − 2q + 2q² − …, q = e^(−2x): the derivative of ½ tanh² is 4q − 16q² + 36q³ − …, of which (−2n)^k/k! comes down at each order.
    const q = Math.exp(-18)
    for (let k = 0; k <= 6; k++) {
      const factorial = [1, 1, 2, 6, 24, 120, 720][k]
      const expected = [1, 2, 3, 4].reduce((sum, n) => sum + (-1) ** (n + 1) * 4 * n * n * q ** n * (-2 * n) ** k, 0) / factorial
      expect(relativeError(gradientRow(jet, k), [expected]), `coefficient ${k}`).toBeLessThan(1e-12)
    }
    // Cross-entropy of the class that leads by 30: log(1 + e^(−30−t)) has the coefficients (−1)^k e^(−30)/k! up to its square.
    const linear = createNetwork(
      { layers: [1, 2], activation: { kind: 'tanh' }, outputActivation: null, bias: false },
      'softmax-cross-entropy'
    )
    const certain = networkObjective({ linalg: plain }, linear, 'softmax-cross-entropy', {
      inputs: one(1),
      targets: matrix(1, 2, Float64Array.of(1, 0))
    })
    const [sure] = await jetsOf(certain, Float64Array.of(1030, 1000), [matrix(1, 2, Float64Array.of(1, 0))], 4)
    for (let k = 1; k <= 4; k++)
      expect(relativeError([sure.loss[k]], [((-1) ** k * Math.exp(-30)) / [1, 1, 2, 6, 24][k]])).toBeLessThan(1e-12)
  })

  it('are the same in chunks of any size, for several curves at once, and without the gradient', async () => {
    for (const loss of losses) {
      const options: CaseOptions = { layers: [4, 6, 3], activation: { kind: 'softplus' }, loss, bias: true, samples: 11 }
      const { objective, parameters } = makeCase(plain, options)
      const curves = someCurves(parameters.length)
      const together = await jetsOf(objective, parameters, curves, 4)
      const bare = await jetsOf(objective, parameters, curves, 4, false)
      for (const [place, curve] of curves.entries()) {
        expect((await jetsOf(objective, parameters, [curve], 4))[0]).toEqual(together[place])
        expect(bare[place].loss).toEqual(together[place].loss)
        expect(bare[place].gradient.rows).toBe(0)
      }
      for (const chunkSamples of [1, 3, 10]) {
        const chunked = await jetsOf(makeCase(plain, { ...options, chunkSamples }).objective, parameters, curves, 4)
        for (const [place, jet] of chunked.entries()) {
          expect(relativeError(jet.loss, together[place].loss)).toBeLessThan(1e-14)
          for (let k = 0; k <= 4; k++) expect(relativeError(gradientRow(jet, k), gradientRow(together[place], k))).toBeLessThan(1e-13)
        }
      }
    }
  })

  it('take views and leave out what a curve does not move', async () => {
    const { objective, parameters, network } = makeCase(plain, {
      layers: [3, 4, 3],
      activation: { kind: 'sigmoid' },
      loss: 'mse',
      bias: true,
      samples: 5
    })
    const p = parameters.length
    const wide = matrix(3, p + 5, normal(3 * (p + 5), 8))
    const view: Matrix = { ...wide, columns: p, offset: 2 }
    const copy = matrix(3, p)
    for (let r = 0; r < 3; r++) copy.data.set(wide.data.subarray(r * (p + 5) + 2, r * (p + 5) + 2 + p), r * p)
    // Within one layer only, and at the second power only.
    const sparse = matrix(2, p)
    sparse.data.set(normal(network.layers[1].rows * 3, 9), p + network.layers[1].offset)
    const rest = matrix(0, p)
    const before = parameters.slice()
    const [viewed, copied, still, moved] = await jetsOf(objective, parameters, [view, copy, rest, sparse], 4)
    expect(parameters).toEqual(before)
    expect(viewed).toEqual(copied)
    expect([...still.loss.subarray(1), ...still.gradient.data.subarray(p)].every((value) => value === 0)).toBe(true)
    expect(chainRuleError(moved, sparse)).toBeLessThan(1e-14)
    expect(moved.loss[3]).toBe(0)
    await expect(objective.jets?.(parameters, [matrix(1, p + 1)], { order: 2 })).rejects.toThrow(
      `curve 0 has ${p + 1} columns; there are ${p} parameters`
    )
    await expect(objective.jets?.(parameters, [rest], { order: 0 })).rejects.toThrow('the order must be a whole number from 1 on, got 0')
  })
})

describe('jets through the backends', () => {
  const opened: Linalg[] = []
  beforeAll(async () => {
    opened.push(await openLinalg({ backend: 'wasm', threads: 2 }))
    const lapack = await openLinalg({ backend: 'lapack', threads: 2 }).catch(() => null)
    if (lapack) opened.push(lapack)
  })
  afterAll(() => Promise.all(opened.map((linalg) => linalg.dispose())))

  const big: CaseOptions = {
    layers: [60, 70, 50, 10],
    activation: { kind: 'tanh' },
    loss: 'softmax-cross-entropy',
    bias: true,
    samples: 300
  }

  it('are the same as in plain loops, progress only grows, and all memory is given back', async () => {
    const expected = makeCase(plain, big)
    const curves = someCurves(expected.parameters.length)
    const reference = await jetsOf(expected.objective, expected.parameters, curves, 3)
    expect(opened.length).toBeGreaterThan(0)
    for (const linalg of opened)
      for (const chunkSamples of [undefined, 128]) {
        const { objective, parameters } = makeCase(linalg, { ...big, chunkSamples })
        const before = linalg.memory
        const progress: number[] = []
        const found = await objective.jets?.(parameters, curves, { order: 3, onProgress: (fraction) => progress.push(fraction) })
        for (const [place, jet] of (found ?? []).entries()) {
          expect(relativeError(jet.loss, reference[place].loss)).toBeLessThan(1e-13)
          for (let k = 0; k <= 3; k++) expect(relativeError(gradientRow(jet, k), gradientRow(reference[place], k))).toBeLessThan(1e-12)
        }
        const bare = (await objective.jets?.(parameters, curves, { order: 3, gradient: false })) ?? []
        expect(bare.map(({ loss }) => loss)).toEqual((found ?? []).map(({ loss }) => loss))
        expect(progress.length).toBe(chunkSamples ? 9 : 3)
        expect(progress).toEqual([...progress].sort((a, b) => a - b))
        expect(progress.at(-1)).toBe(1)
        expect(linalg.memory.allocations).toBeGreaterThan(before.allocations)
        expect(linalg.memory.heldBytes).toBe(before.heldBytes)
      }
  })

  it('stop when told to, give memory back, and refuse with bytes what does not fit', async () => {
    const [linalg] = opened
    const { objective, parameters, network, batch } = makeCase(linalg, big)
    const curves = Array.from({ length: 400 }, (_, seed) => matrix(1, parameters.length, normal(parameters.length, seed)))
    const stop = new AbortController()
    const held = linalg.memory.heldBytes
    let told = 0
    const running = objective.jets?.(parameters, curves, {
      order: 6,
      signal: stop.signal,
      onProgress() {
        told++
        stop.abort(new Error('enough'))
      }
    })
    await expect(running).rejects.toThrow('enough')
    // One of 400 curves was done, and none after it.
    expect(told).toBe(1)
    expect(linalg.memory.heldBytes).toBe(held)
    const small: Linalg = { ...linalg, availableBytes: 1e6 }
    const problem = { network, lossFunction: lossFunction(big.loss), batch, weight: 1 / 300 }
    await expect(networkJets(small, problem, parameters, curves.slice(0, 2), { order: 4 })).rejects.toThrow(
      /^jets of order 4 needs .+ \(\d+ bytes\), .+ \(1000000 bytes\) are available$/
    )
    expect(linalg.memory.heldBytes).toBe(held)
  })
})
