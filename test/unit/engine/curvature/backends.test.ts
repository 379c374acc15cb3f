// The same curvature on the real backends, at sizes where they do the work: every scope against the plain reference, chunks, memory given back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extremeEigenpairs } from '../../../../src/engine/curvature/lanczos'
import { takeSnapshot } from '../../../../src/engine/curvature/snapshot'
import { assembleCurvature } from '../../../../src/engine/curvature/hessian'
import { block, matrix, openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { lossFunction } from '../../../../src/engine/nn/losses'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { openPlain, product } from '../../../reference/linalg/plain'
import { lapackFault } from '../../../reference/linalg/lapack-here'
import { gradientOf, makeCase, relativeError, type CaseOptions } from '../nn/nets'

const plain = openPlain()
const nets: Omit<CaseOptions, 'seed'>[] = [
  { layers: [20, 13, 17], activation: { kind: 'leaky-relu', slope: 0.5 }, loss: 'half-sse', bias: false, samples: 40 },
  { layers: [9, 11, 8, 10, 7], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 61 },
  { layers: [30, 6, 12], activation: { kind: 'softplus' }, loss: 'softmax-cross-entropy', bias: true, samples: 45 },
  { layers: [40, 12], activation: { kind: 'sigmoid' }, loss: 'half-sse', bias: true, samples: 33 }
]
// Where no LAPACK is installed the accelerator cannot be tested; test/unit/engine/linalg fails then where it is required.
const hasLapack = (await lapackFault()) === null

describe.each(['wasm', ...(hasLapack ? (['lapack'] as const) : [])] as const)('curvature on %s', (backend) => {
  let linalg: Linalg
  beforeAll(async () => {
    linalg = await openLinalg({ backend, threads: 2 })
  })
  afterAll(() => linalg?.dispose())

  it.each(nets)('$layers $loss: all scopes and kinds as on the plain reference, in chunks too', async (net) => {
    const { network, batch, parameters } = makeCase(plain, net)
    const f = lossFunction(net.loss)
    const problem = { network, lossFunction: f, batch, weight: f.weight(net.samples, batch.targets.columns) }
    const before = linalg.availableBytes
    for (const scope of ['full', 'layer-blocks', 'unit-blocks'] as const)
      for (const kind of ['hessian', 'ggn'] as const) {
        if (scope === 'unit-blocks' && !f.elementwise) continue
        const expected = await assembleCurvature(plain, problem, parameters, { scope, kind, plainFlops: 1e12 })
        const found = await assembleCurvature(linalg, problem, parameters, { scope, kind, plainFlops: 0 })
        const again = await assembleCurvature(linalg, problem, parameters, { scope, kind, plainFlops: 0, chunkSamples: 16, reuse: found })
        again.forEach((part, place) => {
          expect(relativeError(part.data, expected[place].data)).toBeLessThan(1e-13)
          expect(part.positiveSemidefinite).toBe(expected[place].positiveSemidefinite)
          const { size, units, data } = part
          for (let u = 0; u < units; u++)
            for (let r = 0; r < size; r++)
              for (let c = 0; c < r; c++)
                if (data[(u * size + r) * size + c] !== data[(u * size + c) * size + r]) throw new Error(`not symmetric at (${r}, ${c})`)
          linalg.release(data)
        })
      }
    expect(linalg.availableBytes).toBe(before)
  })

  it('the full Hessian of a net large enough for batches of native products, in chunks too', async () => {
    const net: CaseOptions = { layers: [30, 30, 40], activation: { kind: 'softplus' }, loss: 'half-sse', bias: true, samples: 120 }
    const { network, batch, parameters } = makeCase(plain, net)
    const problem = { network, lossFunction: lossFunction(net.loss), batch, weight: 1 }
    const [expected] = await assembleCurvature(plain, problem, parameters, { scope: 'full', plainFlops: 1e12 })
    // Garbage in the memory that is used again must not show.
    const reuse = [{ ...expected, data: linalg.allocate(expected.data.length).fill(NaN) }]
    for (const chunkSamples of [120, 64]) {
      const [found] = await assembleCurvature(linalg, problem, parameters, { scope: 'full', chunkSamples, reuse })
      expect(found.data).toBe(reuse[0].data)
      expect(relativeError(found.data, expected.data)).toBeLessThan(1e-13)
      expect(found.asymmetry).toBeLessThan(1e-13)
      for (let r = 0; r < found.size; r++)
        for (let c = 0; c < r; c++)
          if (found.data[r * found.size + c] !== found.data[c * found.size + r]) throw new Error(`not symmetric at (${r}, ${c})`)
    }
    linalg.release(reuse[0].data)
  })

  it.each(nets)('$layers $loss: gradients, products and snapshots agree', async (net) => {
    const { objective, parameters } = makeCase(linalg, net)
    const reference = makeCase(plain, net)
    expect(relativeError(await gradientOf(objective, parameters), await gradientOf(reference.objective, parameters))).toBeLessThan(1e-13)
    const [{ data, size }] = await objective.curvature(parameters, { scope: 'full' })
    const vectors = matrix(3, size, fillNormal(randomStream(2, 'vectors'), new Float64Array(3 * size)))
    const products = await (await objective.products(parameters, 'hessian'))(vectors)
    expect(relativeError(products.data, product(vectors, matrix(size, size, data)).data)).toBeLessThan(1e-12)
    linalg.release(data)
    const before = linalg.availableBytes
    const snapshot = await takeSnapshot(objective, parameters, { eigenvalues: true, eigenvectors: 16 }, 'full', linalg, {
      step: 1
    })
    const [{ checks, eigenvectors, eigenvalues }] = snapshot.blocks
    expect(checks.trace).toBeLessThan(1e-12)
    expect(checks.frobenius).toBeLessThan(1e-12)
    expect(checks.residual).toBeLessThan(1e-11)
    expect(checks.finiteDifference).toBeLessThan(1e-6)
    expect(eigenvectors?.columns).toBe(16)
    const extreme = await extremeEigenpairs(linalg, await objective.products(parameters, 'hessian'), size, {
      random: randomStream(1, 'lanczos'),
      smallest: 1,
      largest: 2
    })
    const ends = [eigenvalues?.[0], eigenvalues?.[size - 2], eigenvalues?.[size - 1]].map(Number)
    expect(relativeError(extreme.values, ends)).toBeLessThan(1e-9)
    expect(block(extreme.vectors, 0, 0, 1, size).columns).toBe(size)
    snapshot.release()
    expect(linalg.availableBytes).toBe(before)
  })
})
