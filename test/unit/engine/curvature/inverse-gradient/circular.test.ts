// The circular equations: their layer-by-layer inverse, four methods of solving them, and the joint step against a direct solution.
import { describe, expect, test } from 'vitest'
import { blockInverse, circularEquations } from '../../../../../src/engine/curvature/inverse-gradient/circular'
import { invertNetwork } from '../../../../../src/engine/curvature/inverse-gradient/deep'
import { jointTolerance, solveJoint } from '../../../../../src/engine/curvature/inverse-gradient/joint'
import {
  anderson,
  minres,
  observedRate,
  relax,
  ritzRange,
  type Equations
} from '../../../../../src/engine/curvature/inverse-gradient/relaxation'
import { matrix } from '../../../../../src/engine/linalg'
import { linearize } from '../../../../../src/engine/nn/forward'
import { lossFunction } from '../../../../../src/engine/nn/losses'
import { createOptimizer } from '../../../../../src/engine/optimizers'
import { fillNormal, randomStream } from '../../../../../src/engine/random'
import { optimizerSchema, type Activation } from '../../../../../src/shared/spec/schema'
import { jacobi, openPlain } from '../../../../reference/linalg/plain'
import { gradientOf, makeCase, relativeError, type Case, type CaseOptions } from '../../nn/nets'

const linalg = openPlain()
const leaky: Activation = { kind: 'leaky-relu', slope: 0.5 }
const tanh: Activation = { kind: 'tanh' }
const squareNet = (layers: number, width: number, activation: Activation, more: Partial<CaseOptions> = {}) =>
  makeCase(linalg, {
    layers: Array<number>(layers + 1).fill(width),
    activation,
    loss: 'half-sse',
    bias: false,
    samples: width,
    seed: 5,
    ...more
  })

const random = (length: number, seed: number) => fillNormal(randomStream(seed, 'vector'), new Float64Array(length))
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0)
const size = (a: Float64Array) => Math.sqrt(dot(a, a))
const minus = (a: Float64Array, b: Float64Array) => a.map((x, i) => x - b[i])

/** H with these eigenvalues along the axes, M = 1. */
const axes = (eigenvalues: readonly number[], g: readonly number[]): Equations => ({
  hessian: async (v) => v.map((x, i) => eigenvalues[i] * x),
  preconditioner: async (v) => v.slice(),
  g: Float64Array.from(g)
})

/** A symmetric H of `n` rows with M⁻¹ a positive diagonal, and what they are as numbers. */
function dense(n: number, shift: number, seed: number) {
  const entries = random(n * n, seed)
  const h = matrix(n, n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) h.data[i * n + j] = (entries[i * n + j] + entries[j * n + i]) / 2 + (i === j ? shift : 0)
  const m = Float64Array.from({ length: n }, (_, i) => 0.5 + ((i * 7) % 5) / 4)
  const times = (v: Float64Array) => v.map((_, i) => dot(h.data.subarray(i * n, (i + 1) * n), v))
  const equations: Equations = {
    hessian: async (v) => times(v),
    preconditioner: async (v) => v.map((x, i) => x * m[i]),
    g: random(n, seed + 1)
  }
  return { equations, times, m, h }
}

async function joint(net: Case, system: 'joint' | 'layer' = 'joint') {
  const { network, batch, parameters, loss, objective } = net
  const f = lossFunction(loss)
  const state = await linearize(linalg, network, f, batch, f.weight(batch.inputs.rows, batch.targets.columns), parameters)
  const inverted = await invertNetwork(linalg, state)
  const g = await gradientOf(objective, parameters)
  const multiply = await objective.products(parameters, 'hessian')
  return { equations: await circularEquations(linalg, state, inverted, { system, multiply, g }), state, inverted, g }
}

/** Hᵀ assembled, and H⁻¹ g from its eigenvectors by Jacobi, far from the code under test. */
async function directly({ objective, parameters }: Case, g: Float64Array): Promise<Float64Array> {
  const [block] = await objective.curvature(parameters, { scope: 'full' })
  const { values, vectors } = jacobi(matrix(block.size, block.size, block.data.slice()))
  const solution = new Float64Array(block.size)
  for (let k = 0; k < block.size; k++) {
    let along = 0
    for (let i = 0; i < block.size; i++) along += vectors.data[i * block.size + k] * g[i]
    for (let i = 0; i < block.size; i++) solution[i] += (along / values[k]) * vectors.data[i * block.size + k]
  }
  return solution
}

describe('relaxation', () => {
  test('contracts by the spectral radius of 1 − M⁻¹H, and damped by (κ − 1)/(κ + 1)', async () => {
    const plain = await relax(axes([0.5, 1.5], [1, 0.3]))
    expect(plain.outcome).toBe('converged')
    expect(observedRate(plain.residuals)).toBeCloseTo(0.5, 6)
    expect([...plain.solution]).toEqual([expect.closeTo(2, 8), expect.closeTo(0.2, 8)])
    const wide = axes([1, 4, 9], [1, 1, 1])
    expect((await relax(wide)).outcome).toBe('diverged')
    const damped = await relax(wide, { omega: 2 / 10 })
    expect(damped.outcome).toBe('converged')
    expect(observedRate(damped.residuals)).toBeCloseTo(8 / 10, 3)
  })

  test('a gradient of zero is solved by zero', async () => {
    for (const found of [
      await relax(axes([1, 2], [0, 0])),
      await minres(axes([1, 2], [0, 0])),
      await anderson(linalg, axes([1, 2], [0, 0]))
    ])
      expect(found).toMatchObject({ outcome: 'converged', residuals: [0], solution: Float64Array.of(0, 0) })
  })

  test('stops when told so, and says that it has not converged', async () => {
    const found = await relax(axes([0.001, 1.5], [1, 1]), { hopeless: (residuals) => residuals.length === 4 })
    expect(found).toMatchObject({ outcome: 'unfinished' })
    expect(found.residuals).toHaveLength(4)
  })
})

describe('Anderson acceleration', () => {
  test('untruncated on linear equations: iterate k + 1 is a plain step from iterate k of GMRES', async () => {
    const n = 12
    const { equations, times, m } = dense(n, 1, 11)
    const corrections = (x: Float64Array) => minus(equations.g, times(x)).map((r, i) => r * m[i])
    const b = corrections(new Float64Array(n))
    // GMRES on M⁻¹H x = M⁻¹g by its definition: smallest Euclidean residual over the Krylov space, with a basis made orthonormal.
    const basis: Float64Array[] = []
    for (let k = 0; k < 8; k++) {
      let next = k === 0 ? b.slice() : times(basis[k - 1]).map((x, i) => x * m[i])
      for (let pass = 0; pass < 2; pass++)
        for (const one of basis) {
          const along = dot(one, next)
          next = next.map((x, i) => x - along * one[i])
        }
      const length = size(next)
      basis.push(next.map((x) => x / length))
      const images = matrix(n, k + 1)
      for (const [j, one] of basis.entries()) times(one).forEach((x, i) => (images.data[i * (k + 1) + j] = x * m[i]))
      const found = await linalg.leastSquares(images, matrix(n, 1, b))
      let gmres = new Float64Array(n)
      for (const [j, one] of basis.entries()) gmres = gmres.map((x, i) => x + found.solution.data[j] * one[i])
      const expected = corrections(gmres).map((x, i) => x + gmres[i])
      const { solution } = await anderson(linalg, equations, { memory: n, iterations: k + 2 })
      expect(relativeError(solution, expected), `iterate ${k + 2}`).toBeLessThan(1e-9)
    }
  })

  test('truncated: solves what plain relaxation does not', async () => {
    const spread = axes([0.01, 0.2, 1, 3, 5, 9], [1, 1, 1, 1, 1, 1])
    expect((await relax(spread)).outcome).toBe('diverged')
    const found = await anderson(linalg, spread, { memory: 6 })
    expect(found.outcome).toBe('converged')
    expect(relativeError(found.solution, [100, 5, 1, 1 / 3, 0.2, 1 / 9])).toBeLessThan(1e-8)
  })
})

describe('MINRES', () => {
  test('solves an indefinite system in at most as many iterations as unknowns, its residuals as measured', async () => {
    const { equations, times } = dense(20, 0, 3)
    const found = await minres(equations, { tolerance: 1e-12 })
    const measured = await minres(equations, { tolerance: 1e-12, measured: true })
    expect(found.outcome).toBe('converged')
    expect(found.residuals.length - 1).toBeLessThanOrEqual(20)
    expect(relativeError(times(found.solution), equations.g)).toBeLessThan(1e-11)
    expect(relativeError(found.residuals.slice(0, -1), measured.residuals.slice(0, found.residuals.length - 1))).toBeLessThan(1e-11)
  })

  test('makes rᵀM⁻¹r smallest over the Krylov space', async () => {
    const { equations, times, m } = dense(9, 0, 8)
    const b = equations.g
    const basis = [b.map((x, i) => x * m[i])]
    for (let k = 1; k < 4; k++) basis.push(times(basis[k - 1]).map((x, i) => x * m[i]))
    const images = matrix(9, 4)
    for (const [j, one] of basis.entries()) times(one).forEach((x, i) => (images.data[i * 4 + j] = x * Math.sqrt(m[i])))
    const best = await linalg.leastSquares(
      images,
      matrix(
        9,
        1,
        b.map((x, i) => x * Math.sqrt(m[i]))
      )
    )
    const expected = new Float64Array(9)
    for (const [j, one] of basis.entries()) one.forEach((x, i) => (expected[i] += best.solution.data[j] * x))
    expect(relativeError((await minres(equations, { iterations: 4 })).solution, expected)).toBeLessThan(1e-9)
  })

  test('says so where M⁻¹ is not positive definite', async () => {
    const bad: Equations = { ...axes([1, 2], [1, 1]), preconditioner: async (v) => v.map((x, i) => (i === 0 ? -3 * x : x)) }
    await expect(minres(bad)).rejects.toThrow('M⁻¹ is not positive definite')
  })

  test('Lanczos sees the ends of the spectrum from within', async () => {
    const found = await ritzRange(linalg, axes([-2, 0.5, 1, 7], [1, 1, 1, 1]), 10)
    expect([found.smallest, found.largest]).toEqual([expect.closeTo(-2, 10), expect.closeTo(7, 10)])
    const few = await ritzRange(linalg, axes([-2, 0.5, 1, 7], [1, 1, 1, 1]), 2)
    expect(few.smallest).toBeGreaterThan(-2)
    expect(few.largest).toBeLessThan(7)
  })
})

describe('the layer-by-layer inverse', () => {
  test.each([
    ['half-sse', false],
    ['mse', false],
    ['mse', true]
  ] as const)('M⁻¹ is the inverse of the GGN’s diagonal blocks, symmetric to rounding and positive (%s, bias %s)', async (loss, bias) => {
    const net = squareNet(2, 4, tanh, { loss, bias, samples: bias ? 5 : 4 })
    const { state, inverted } = await joint(net)
    const preconditioner = await blockInverse(linalg, state, inverted)
    const [u, v] = [random(net.parameters.length, 9), random(net.parameters.length, 8)]
    const [mu, mv] = [await preconditioner(u), await preconditioner(v)]
    expect(Math.abs(dot(u, mv) - dot(v, mu)) / (size(u) * size(mv))).toBeLessThan(1e-13)
    expect(dot(v, mv)).toBeGreaterThan(0)
    const back = new Float64Array(v.length)
    for (const block of await net.objective.curvature(net.parameters, { scope: 'layer-blocks', kind: 'ggn' }))
      for (let i = 0; i < block.size; i++)
        for (let j = 0; j < block.size; j++) back[block.offset + i] += block.data[i * block.size + j] * mv[block.offset + j]
    expect(relativeError(back, v)).toBeLessThan(1e-8)
  })

  test('layer by layer and piecewise linear M⁻¹H is the identity: one correction is enough, however many layers; jointly it is not', async () => {
    const net = squareNet(3, 4, leaky)
    const found = await relax((await joint(net, 'layer')).equations, { tolerance: 1e-8 })
    expect(found).toMatchObject({ outcome: 'converged' })
    expect(found.residuals).toHaveLength(2)
    expect((await relax((await joint(net)).equations)).outcome).toBe('diverged')
  })

  test('the products of a system are those of the assembled Hessian', async () => {
    const net = squareNet(2, 4, tanh)
    const v = random(net.parameters.length, 4)
    for (const [system, scope] of [
      ['joint', 'full'],
      ['layer', 'layer-blocks']
    ] as const) {
      const product = await (await joint(net, system)).equations.hessian(v)
      const expected = new Float64Array(v.length)
      for (const block of await net.objective.curvature(net.parameters, { scope }))
        for (let i = 0; i < block.size; i++)
          for (let j = 0; j < block.size; j++) expected[block.offset + i] += block.data[i * block.size + j] * v[block.offset + j]
      expect(relativeError(product, expected), system).toBeLessThan(1e-12)
    }
  })
})

describe('mode joint', () => {
  test.each([
    ['plain', [0.8, 1, 1.3], [1, 1, 1]],
    ['damped', [1, 2, 4, 5], [1, 1, 1, 1]],
    ['anderson', [0.02, 0.02, 1, 1, 40], [1, 2, 1, 2, 1]],
    ['minres', Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (0.1 + i)), Array<number>(40).fill(1)]
  ] as const)('%s is the first to converge where it should be', async (method, eigenvalues, g) => {
    const found = await solveJoint(linalg, axes(eigenvalues, g))
    expect(found.method).toBe(method)
    expect(
      relativeError(
        found.solution,
        g.map((x, i) => x / eigenvalues[i])
      )
    ).toBeLessThan(1e-6)
  })

  test('where nothing converges there is a sentence and no step', async () => {
    await expect(solveJoint(linalg, axes([3, 2, -1, 0], [1, 1, 1, 1]))).rejects.toThrow(
      /^fd-newton: mode joint does not come to a residual of 1e-9 by any method \(plain: .*damped: M⁻¹H has an eigenvalue that is not positive; anderson: .*minres: residual .*take mode limit, or damped-newton$/
    )
  })

  test.each([
    [1, 6, tanh],
    [2, 6, tanh],
    [2, 6, leaky],
    [3, 5, { kind: 'sigmoid' } as Activation],
    [2, 8, { kind: 'softplus' } as Activation]
  ] as const)('%d layers of %d units, %j: H⁻¹g of the whole Hessian', async (layers, width, activation) => {
    const net = squareNet(layers, width, activation)
    const found = await net.objective.inverseGradient?.(net.parameters, { mode: 'joint', r: 0 })
    if (!found) throw new Error('no inverse')
    const g = await gradientOf(net.objective, net.parameters)
    expect(found.figures.residual).toBeLessThanOrEqual(jointTolerance)
    expect(found.notes[0]).toMatch(/^the circular equations of all layers, solved by (plain|damped|anderson|minres)$/)
    const exact = await directly(net, g)
    expect(size(minus(found.direction, exact)) / size(exact)).toBeLessThan(1e-7)
  })

  test('the step of the optimizer is −η of it', async () => {
    const net = squareNet(2, 5, tanh, { loss: 'mse' })
    const gradient = await gradientOf(net.objective, net.parameters)
    const optimizer = createOptimizer(optimizerSchema.parse({ kind: 'fd-newton', mode: 'joint', learningRate: 0.25 }))
    const { objective, parameters } = net
    const { update, diagnostics } = await optimizer.step(optimizer.init(parameters.length), {
      linalg,
      parameters,
      objective,
      curvatureObjective: objective,
      gradient,
      loss: await objective.loss(parameters),
      step: 1,
      epoch: 0,
      learningRate: 0.25,
      damping: 0,
      wantSpectrum: false
    })
    const exact = await directly(net, gradient)
    expect(
      relativeError(
        update,
        exact.map((x) => -0.25 * x)
      )
    ).toBeLessThan(1e-7)
    expect(diagnostics?.notes?.[0]).toContain('circular equations')
  })

  test.each([
    [
      squareNet(2, 6, tanh, { samples: 5 }),
      'mode joint needs square matrices, and the batch of inputs X is 5 × 6; a batch of 6 samples would do'
    ],
    [squareNet(2, 6, tanh, { layers: [6, 6, 4] }), 'mode joint needs square matrices, and W2 is 6 × 4; 6 units would do, or mode limit'],
    [squareNet(1, 6, tanh, { samples: 4 }), 'the batch of inputs X is 4 × 6'],
    [squareNet(2, 6, { kind: 'relu' }), 'relu of W1 is not one-to-one'],
    [squareNet(2, 6, tanh, { loss: 'softmax-cross-entropy' }), 'softmax-cross-entropy mixes the outputs']
  ] as [Case, string][])('refuses %#', async (net, message) => {
    await expect(net.objective.inverseGradient?.(net.parameters, { mode: 'joint', r: 0 })).rejects.toThrow(message)
  })
})
