// Layers as a chain: exponents against products with known singular values, χ against mean-field theory, coupling against a Hessian by differences.
import { describe, expect, it } from 'vitest'
import { depth } from '../../../../src/engine/analyses/depth'
import {
  criticalLine,
  chiAt,
  fixedPoint,
  fixedVariance,
  phaseDiagram,
  slopeMean,
  squareMean
} from '../../../../src/engine/analyses/depth/mean-field'
import { chainExponents, type Transfer } from '../../../../src/engine/analyses/depth/transfer'
import { matrix, openLinalg, type Linalg, type Matrix } from '../../../../src/engine/linalg'
import { activationFunction } from '../../../../src/engine/nn/activations'
import { forward } from '../../../../src/engine/nn/forward'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { depth as facts } from '../../../../src/shared/analyses/depth'
import { networkSpecSchema } from '../../../../src/shared/spec/schema'
import reference from '../../../reference/depth/mean-field.json'
import { build, openPlain, product, transposed } from '../../../reference/linalg/plain'
import { centralDifference, largest, makeCase, type CaseOptions } from '../nn/nets'
import { chainNet } from './depth-nets'
import { dataOf, faults, networkSource, quiet } from './source'

const plain = openPlain()
const { signal } = quiet
const random = randomStream(7, 'depth-test')
const gaussian = (rows: number, columns: number): Matrix => matrix(rows, columns, fillNormal(random, new Float64Array(rows * columns)))
const orthogonal = async (n: number) => (await plain.qr(gaussian(n, n))).q

/** T = U D Vᵀ of a rectangular D, as a site: W = Tᵀ without slopes. */
function site(u: Matrix, d: readonly number[], v: Matrix): Transfer {
  const scaled = build(v.rows, u.rows, (i, j) => (i === j && i < d.length ? d[i] : 0))
  return { weights: product(product(v, scaled), transposed(u)), slopes: new Float64Array(u.rows).fill(1) }
}

async function bothBackends(work: (linalg: Linalg) => Promise<void>) {
  for (const linalg of [plain, await openLinalg({ backend: 'wasm', threads: 2 }), await openLinalg()])
    try {
      await work(linalg)
    } finally {
      if (linalg !== plain) await linalg.dispose()
    }
}

describe('exponents', () => {
  it('are those of singular values that no double could hold side by side, through layers of unlike widths', async () => {
    const widths = [9, 6, 12, 7, ...Array.from({ length: 80 }, (_, k) => [8, 10, 6, 9][k % 4])]
    const frames = await Promise.all(widths.map(orthogonal))
    const factors = [2, 1.2, 1, 0.5, 0.25, 0.01]
    const chain = widths.slice(1).map((_, l) => site(frames[l + 1], factors, frames[l]))
    await bothBackends(async (linalg) => {
      const { values, byLayer, change } = await chainExponents(linalg, chain, { count: 6, sweeps: 100, signal })
      expect(largest(values.map((value, i) => value - Math.log(factors[i])))).toBeLessThan(1e-12)
      expect(largest(byLayer.map((value, k) => value - Math.log(factors[k % 6])))).toBeLessThan(1e-9)
      expect(change).toBeLessThanOrEqual(1e-10)
      // Fewer than there are: the leading ones.
      const { values: leading } = await chainExponents(linalg, chain, { count: 2, sweeps: 100, signal })
      expect(largest(leading.map((value, i) => value - Math.log(factors[i])))).toBeLessThan(1e-12)
    })
  })

  it('are −∞ where units at slope zero pass nothing on', async () => {
    const chain = [5, 5, 5].map(() => ({ weights: gaussian(5, 5), slopes: Float64Array.of(1, 0, 1, 0, 1) }))
    const { values } = await chainExponents(plain, chain, { count: 5, sweeps: 100, signal })
    expect([...values].map(Number.isFinite)).toEqual([true, true, true, false, false])
    const singular = await plain.singularValues(
      chain.reduce(
        (below, { weights, slopes }) => {
          const t = build(5, 5, (i, j) => slopes[i] * weights.data[j * 5 + i])
          return below === null ? t : product(t, below)
        },
        null as Matrix | null
      ) as Matrix
    )
    for (const i of [0, 1, 2]) expect(values[i]).toBeCloseTo(Math.log(singular[i]) / 3, 9)
  })

  it('of a deep linear net are the singular values of the product of its weights', async () => {
    const linear: CaseOptions = { layers: [6, 5, 7, 5, 6, 4], activation: { kind: 'identity' }, loss: 'mse', bias: true, samples: 3 }
    const made = makeCase(plain, linear)
    const spec = networkSpec(linear)
    await bothBackends(async (linalg) => {
      const found = await depth.work({ ...networkSource(linalg, makeCase(linalg, linear)), spec }, facts.options.parse({}), quiet)
      expect(faults(found)).toEqual([])
      const weights = made.network.layers.map(({ offset, inputs, outputs }) =>
        matrix(inputs, outputs, made.parameters.slice(offset, offset + inputs * outputs))
      )
      const singular = await plain.singularValues(weights.reduce((left, right) => product(left, right)))
      const exponents = dataOf(found, 'exponents')
      expect(exponents).toHaveLength(4)
      exponents.forEach((value, i) => expect(Math.abs(value - Math.log(singular[i]) / 5)).toBeLessThan(1e-10))
      // The same for every sample: a linear net has one product.
      expect(largest(dataOf(found, 'spread'))).toBeLessThan(1e-12)
    })
  })
})

const networkSpec = (
  { layers, activation, loss, bias }: Pick<CaseOptions, 'layers' | 'activation' | 'loss' | 'bias'>,
  init: unknown = { kind: 'npz', path: 'w.npz' }
) =>
  networkSpecSchema.parse({
    schemaVersion: 1,
    name: 'test',
    data: { dataset: 'mnist10' },
    model: { layers, activation, bias, init },
    loss,
    optimizer: { kind: 'gd' },
    budget: { steps: 1 }
  })

describe('mean-field theory', () => {
  it.each(reference.integrals)('has the integrals of $kind at q = $q', ({ kind, q, square, slope }) => {
    const activation = activationFunction({ kind: kind as 'tanh' })
    expect(squareMean(activation, q) / square).toBeCloseTo(1, 10)
    expect(slopeMean(activation, q) / slope).toBeCloseTo(1, 8)
  })

  it.each(reference.fixedPoints)(
    'has the fixed points of $kind at σ_w = $sigmaW, σ_b = $sigmaB',
    ({ kind, q, chi, c, xiC, ...ensemble }) => {
      const found = fixedPoint(activationFunction({ kind: kind as 'tanh' }), ensemble)
      expect(found.q / q).toBeCloseTo(1, 10)
      expect(found.chi / chi).toBeCloseTo(1, 10)
      expect(found.c).toBeCloseTo(c, 6)
      expect((found.xiC ?? 0) / xiC).toBeCloseTo(1, 5)
    }
  )

  it('is critical for tanh at σ_w = 1 without biases, and for ReLU at √2, where variances with biases grow without bound', () => {
    const tanh = activationFunction({ kind: 'tanh' })
    expect(fixedPoint(tanh, { sigmaW: 1, sigmaB: 0 })).toEqual({ q: 0, chi: expect.closeTo(1, 12), c: 1, xiC: Infinity })
    expect(fixedVariance(tanh, { sigmaW: 1.1, sigmaB: 0 })).toBeGreaterThan(0.1)
    const relu = activationFunction({ kind: 'relu' })
    expect(fixedPoint(relu, { sigmaW: Math.SQRT2, sigmaB: 0.1 })).toMatchObject({ q: Infinity, chi: expect.closeTo(1, 14), c: null })
    // q = σ_b² / (1 − σ_w²/2) below.
    expect(fixedVariance(relu, { sigmaW: 1, sigmaB: 0.3 })).toBeCloseTo(0.18, 14)
  })

  it('has a critical line on which χ₁ is 1, between the phases of its diagram', () => {
    const tanh = activationFunction({ kind: 'tanh' })
    const line = criticalLine(tanh, { sigmaW: 3, sigmaB: 1 })
    expect(line.length).toBeGreaterThan(200)
    for (let k = 40; k < line.length; k += 14) {
      const ensemble = { sigmaW: line[k], sigmaB: line[k + 1] }
      expect(chiAt(tanh, ensemble, fixedVariance(tanh, ensemble))).toBeCloseTo(1, 6)
    }
    const { sigmaW, chi } = phaseDiagram(tanh, { sigmaW: 3, sigmaB: 1 }, 12)
    // Without biases: q* = 0 and χ₁ = σ_w² up to 1, chaos beyond.
    sigmaW.forEach((w, column) => (w <= 1 ? expect(chi[column]).toBeCloseTo(w * w, 10) : expect(chi[column]).toBeGreaterThan(1)))
  })
})

describe('growth through a net', () => {
  it('is the norm of the derivative of the next net input, by differences', async () => {
    const shape: CaseOptions = { layers: [4, 5, 3, 4], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 2 }
    const made = makeCase(plain, shape)
    const found = await depth.work({ ...networkSource(plain, made), spec: networkSpec(shape) }, facts.options.parse({ samples: 2 }), quiet)
    expect(faults(found)).toEqual([])
    const { nets } = await forward(plain, made.network, made.batch.inputs, made.parameters)
    /** From the net input of layer `from` on to that of layer `to`, by loops of this test. */
    const onward = (from: number, to: number) => async (net: Float64Array) => {
      let here = net
      for (let l = from; l < to; l++) {
        const { offset, inputs, outputs } = made.network.layers[l + 1]
        const before = here.map(Math.tanh)
        here = Float64Array.from({ length: outputs }, (_, j) => {
          let sum = made.parameters[offset + inputs * outputs + j]
          for (let i = 0; i < inputs; i++) sum += before[i] * made.parameters[offset + i * outputs + j]
          return sum
        })
      }
      return here
    }
    const squaredNorm = async (from: number, to: number) => {
      let sum = 0
      for (let n = 0; n < 2; n++) {
        const { columns, data } = nets[from]
        const net = data.slice(n * columns, (n + 1) * columns)
        for (let c = 0; c < columns; c++)
          sum += (await centralDifference(onward(from, to), net, c, 1e-3)).reduce((s, x) => s + x * x, 0) / 2
      }
      return sum / nets[to].columns
    }
    const [chi, jacobian] = [dataOf(found, 'chi'), dataOf(found, 'jacobian')]
    expect(chi[0]).toBeCloseTo(await squaredNorm(0, 1), 9)
    expect(chi[1]).toBeCloseTo(await squaredNorm(1, 2), 9)
    expect(jacobian[2]).toBeCloseTo(await squaredNorm(0, 2), 9)
    expect([...dataOf(found, 'variance')]).toEqual(
      nets.map(({ data }) => expect.closeTo(data.reduce((s, x) => s + x * x, 0) / data.length, 12))
    )
    // Given weights: σ_w and σ_b are theirs, and the notes say so.
    const [first] = made.network.layers
    const square = made.parameters.slice(0, first.inputs * first.outputs).reduce((s, x) => s + x * x, 0) / first.outputs
    expect(dataOf(found, 'sigmas')[0]).toBeCloseTo(Math.sqrt(square), 12)
    expect(found.notes.join(' ')).toContain('of the weights as they are')
  })

  it('is what mean-field theory says at q of the iterated map, in wide nets drawn anew', async () => {
    for (const sigmaW of [0.8, 1, 1.5]) {
      const { chi, predicted, fixedChi } = await chainNet({ width: 100, layers: 10, sigmaW, seeds: 8 })
      const apart = chi.map((value, l) => value / predicted[l] - 1)
      expect(largest(apart), `σ_w = ${sigmaW}`).toBeLessThan(0.08)
      // At σ_w = 1 it is not yet that of the fixed point, which is approached only algebraically.
      if (sigmaW === 1) expect(largest(chi.map((value) => value / fixedChi - 1))).toBeGreaterThan(0.1)
    }
  }, 60_000)
})

describe('coupling of layers', () => {
  const shape: CaseOptions = { layers: [3, 3, 2, 2], activation: { kind: 'tanh' }, loss: 'softmax-cross-entropy', bias: true, samples: 6 }

  it('is that of a Hessian by differences of the gradient, and its response that of the inverse by elimination', async () => {
    const damping = 0.7
    await bothBackends(async (linalg) => {
      const made = makeCase(linalg, shape)
      const found = await depth.work({ ...networkSource(linalg, made), spec: networkSpec(shape) }, facts.options.parse({ damping }), quiet)
      expect(faults(found)).toEqual([])
      const size = made.parameters.length
      const gradient = async (w: Float64Array) => {
        const g = new Float64Array(size)
        await made.objective.gradient(w, g)
        return g
      }
      const columns: Float64Array[] = []
      for (let c = 0; c < size; c++) columns.push(await centralDifference(gradient, made.parameters, c, 1e-3))
      const check = (entry: (i: number, j: number) => number, name: 'coupling' | 'response') => {
        const norms = made.network.blocks.map((a) =>
          made.network.blocks.map((b) => {
            let sum = 0
            for (let i = 0; i < a.rows * a.columns; i++)
              for (let j = 0; j < b.rows * b.columns; j++) sum += entry(a.offset + i, b.offset + j) ** 2
            return Math.sqrt(sum)
          })
        )
        const ratios = dataOf(found, name)
        norms.forEach((row, l) =>
          row.forEach((value, m) => expect(ratios[3 * l + m]).toBeCloseTo(value / Math.sqrt(norms[l][l] * norms[m][m]), 7))
        )
        expect([...dataOf(found, `${name}Self`)]).toEqual(norms.map((row, l) => expect.closeTo(row[l], 7)))
        expect(dataOf(found, `${name}ByDistance`)[1]).toBeCloseTo((ratios[1] + ratios[5]) / 2, 12)
      }
      check((i, j) => columns[j][i], 'coupling')
      const inverse = inverted(columns.map((column, j) => [...column].map((x, i) => x + (i === j ? damping : 0))))
      check((i, j) => inverse[i][j], 'response')
      expect(found.figures.negative).toBe(
        (await plain.eigenvalues(matrix(size, size, Float64Array.from(columns.flatMap((column) => [...column]))))).filter(
          (x) => x < -damping
        ).length
      )
    })
  })

  it('is left out with the reason where all eigenvectors would take too long, or when not asked for', async () => {
    const made = makeCase(plain, { ...shape, layers: [70, 70, 20, 2] })
    const found = await depth.work({ ...networkSource(plain, made), spec: networkSpec(shape) }, facts.options.parse({ samples: 1 }), quiet)
    expect(found.arrays).not.toHaveProperty('coupling')
    expect(found.notes.join(' ')).toMatch(/left out: they need all eigenvectors of the Hessian of 6432 weights/)
    const small = makeCase(plain, shape)
    const without = await depth.work(
      { ...networkSource(plain, small), spec: networkSpec(shape) },
      facts.options.parse({ coupling: false }),
      quiet
    )
    expect(without.arrays).not.toHaveProperty('coupling')
  })
})

describe('refusals', () => {
  const shape = { parameterCount: 10, samples: 5, outputs: 2, steps: 1 }
  const refuse = (layers: number[], options: Record<string, unknown> = {}) =>
    depth.refusal?.(networkSpec({ layers, activation: { kind: 'tanh' }, loss: 'mse', bias: false }), shape, facts.options.parse(options))

  it('name what is there and what would do', () => {
    expect(refuse([4, 2])).toContain('this net has one layer')
    expect(refuse([4, 3, 2], { chain: 'hidden' })).toContain('take chain net')
    expect(refuse([4, 3, 2], { seeds: 5 })).toBe(
      'seeds must be 0 where the start weights are given (model.init is npz): there is nothing to draw anew, got 5'
    )
    expect(refuse([4, 3, 2])).toBeNull()
  })
})

/** By Gauss–Jordan elimination with row pivots. */
function inverted(rows: readonly (readonly number[])[]): number[][] {
  const n = rows.length
  const work = rows.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))])
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(work[i][k]) > Math.abs(work[pivot][k])) pivot = i
    ;[work[k], work[pivot]] = [work[pivot], work[k]]
    work[k] = work[k].map((x) => x / work[k][k])
    for (let i = 0; i < n; i++) {
      const factor = work[i][k]
      if (i !== k && factor !== 0) work[i] = work[i].map((x, j) => x - factor * work[k][j])
    }
  }
  return work.map((row) => row.slice(n))
}
