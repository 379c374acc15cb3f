// Weights taken back through transforms: v·Δx must be w·Δ(transformed x), whatever the transforms.
import { expect, test } from 'vitest'
import { backProject } from '../../../../src/engine/data/back-projection'
import { readyTransforms } from '../../../../src/engine/data/transforms'
import { matrix, type Matrix } from '../../../../src/engine/linalg/matrix'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import type { Transform } from '../../../../src/shared/spec/schema'

const random = randomStream(7, 'back projection')
const normal = (count: number) => fillNormal(random, new Float64Array(count))
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, i) => sum + value * b[i], 0)

/** Written down apart from the engine's: x/divide − subtract, and the sum over i of x_i M_ij. */
function forward(x: Float64Array, transforms: readonly Transform[], matrices: readonly Matrix[]): Float64Array {
  let place = 0
  return transforms.reduce((current, transform) => {
    if (transform.kind === 'affine') return current.map((value) => value / transform.divide - transform.subtract)
    const m = matrices[place++]
    return Float64Array.from({ length: m.columns }, (_, j) => current.reduce((sum, value, i) => sum + value * m.data[i * m.columns + j], 0))
  }, x)
}

const affine = (divide: number, subtract: number): Transform => ({ kind: 'affine', divide, subtract })
const projection = (dim: number, path: string | null = null): Transform => ({ kind: 'random-projection', dim, matrix: path })

test.each<[string, Transform[], number, number]>([
  ['one projection', [projection(7)], 1, 1],
  ['pixels as the demonstration takes them', [affine(256, 0.5), projection(9)], 1 / 256, 1],
  [
    'two projections with affine maps before, between and after',
    [affine(4, 1), projection(11), affine(-2, 3), projection(5), affine(0.5, 1)],
    1 / 4,
    1
  ],
  ['a given matrix', [affine(255, 0), projection(6, 'given.npy')], 1 / 255, 1],
  ['no projection', [affine(10, 0.5), affine(2, 0)], 1 / 20, 0]
])('%s', async (_, transforms, scale, projected) => {
  const features = 30
  const ready = readyTransforms(transforms, [features], 3, { 'given.npy': matrix(features, 6, normal(features * 6)) })
  const matrices = ready.flatMap((transform) => (transform.kind === 'projection' ? [transform.matrix] : []))
  const units = 4
  const [a, b] = [normal(features), normal(features)]
  const [za, zb] = [forward(a, transforms, matrices), forward(b, transforms, matrices)]
  const weights = normal(za.length * units)
  const found = await backProject(ready, weights, units)
  expect(found.features).toBe(features)
  expect(found.scale).toBeCloseTo(scale, 14)
  expect(found.weights === weights).toBe(projected === 0)
  for (let unit = 0; unit < units; unit++) {
    const w = Float64Array.from(za, (__, j) => weights[j * units + unit])
    const v = Float64Array.from(a, (__, i) => found.weights[i * units + unit])
    const change = dot(w, za) - dot(w, zb)
    // Stored values count `scale` at the inputs before the projection.
    expect(Math.abs(found.scale * (dot(v, a) - dot(v, b)) - change)).toBeLessThan(1e-12 * Math.max(1, Math.abs(change)))
  }
})
