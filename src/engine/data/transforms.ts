// Transforms of samples on their way to the network: pixels to doubles, affine maps, random projections; in chunks, so that a stop is heard.
import { fillNormal, randomStream, type RandomGenerator } from '../random'
import { matrix, type Matrix } from '../linalg/matrix'
import type { CallOptions, Linalg } from '../linalg'
import type { Transform } from '../../shared/spec/schema'
import { shapeAfter, sizeOf } from '../../shared/spec/transforms'
import type { DatasetSplit } from './dataset'
import { resizeMatrix } from './resize'

/** A transform with everything it needs: projections have their matrix (in × dim) */
export type ReadyTransform =
  | { readonly kind: 'affine'; readonly divide: number; readonly subtract: number }
  | { readonly kind: 'projection'; readonly matrix: Matrix }

/**
 * Draws or takes the projections' matrices, in order. Drawn ones are randn(in, dim) / √in, row by row, from the run's stream `projection`;
 * given ones come from `matrices` by the spec's path; a resize of images is a matrix too. `shape`: of a sample. Throws when a matrix is missing or has
 * another shape, and where there is no image to resize.
 */
export function readyTransforms(
  transforms: readonly Transform[],
  shape: readonly number[],
  seed: number,
  matrices: Readonly<Record<string, Matrix>>
): ReadyTransform[] {
  const random: RandomGenerator = randomStream(seed, 'projection')
  let known: readonly number[] = shape
  return transforms.map((transform, index) => {
    if (transform.kind === 'affine') return transform
    const after = shapeAfter(known, transform, `data.transforms.${index}`)
    const [rows, width] = [sizeOf(known), sizeOf(after)]
    const before = known
    known = after
    if (transform.kind === 'resize') return { kind: 'projection', matrix: resizeMatrix(before, transform) }
    if (transform.matrix === null)
      return {
        kind: 'projection',
        matrix: matrix(rows, width, fillNormal(random, new Float64Array(rows * width), 1 / Math.sqrt(rows)))
      }
    const given = matrices[transform.matrix]
    const place = `data.transforms.${index}.matrix`
    if (!given) throw new Error(`${place}: the matrix ${transform.matrix} was not loaded`)
    if (given.rows !== rows || given.columns !== width)
      throw new Error(`${place}: ${transform.matrix} is ${given.rows} × ${given.columns}, but the projection needs ${rows} × ${width}`)
    return { kind: 'projection', matrix: given }
  })
}

function applyAffine(values: Float64Array, from: number, to: number, divide: number, subtract: number): void {
  for (let i = from; i < to; i++) values[i] = values[i] / divide - subtract
}

/** Samples a chunk; fixed, so that results do not depend on how many samples are taken. */
const chunkRows = 1024

/** The part of a backend that projections need. */
export type ProjectionLinalg = Pick<Linalg, 'gemm' | 'allocate' | 'release'>

/** Memory in which a chunk passes through the projections: its samples, then each product. */
interface Workspace {
  readonly stages: readonly Matrix[]
  readonly projections: readonly Matrix[]
  release(): void
}

/** In the backend's own memory, so that no product copies its operands. */
function openWorkspace(features: number, projections: readonly Matrix[], linalg: ProjectionLinalg): Workspace {
  const taken: Float64Array[] = []
  const take = (rows: number, columns: number): Matrix => {
    const data = linalg.allocate(rows * columns)
    taken.push(data)
    return matrix(rows, columns, data)
  }
  const copy = (from: Matrix): Matrix => {
    const to = take(from.rows, from.columns)
    for (let row = 0; row < from.rows; row++) {
      const start = from.offset + row * from.stride
      to.data.set(from.data.subarray(start, start + from.columns), row * from.columns)
    }
    return to
  }
  return {
    stages: [features, ...projections.map((m) => m.columns)].map((width) => take(chunkRows, width)),
    projections: projections.map(copy),
    release: () => {
      for (const data of taken) linalg.release(data)
    }
  }
}

/** One chunk of samples, already at the start of the first stage, through all transforms; returns the last stage's matrix. */
async function transformChunk(
  rows: number,
  transforms: readonly ReadyTransform[],
  workspace: Workspace,
  linalg: ProjectionLinalg,
  signal: AbortSignal | undefined
): Promise<Matrix> {
  let stage = 0
  let current: Matrix = { ...workspace.stages[0], rows }
  for (const transform of transforms) {
    if (transform.kind === 'affine') {
      applyAffine(current.data, 0, rows * current.columns, transform.divide, transform.subtract)
      continue
    }
    const projection = workspace.projections[stage]
    const target: Matrix = { ...workspace.stages[++stage], rows }
    await linalg.gemm(current, projection, target, { signal })
    current = target
  }
  return current
}

/** The first `count` samples after all transforms, as a contiguous matrix. Cancelled within a chunk's time. */
export async function transformedInputs(
  split: DatasetSplit,
  count: number,
  transforms: readonly ReadyTransform[],
  linalg: ProjectionLinalg,
  options: CallOptions
): Promise<Matrix> {
  const { features } = split
  const projections = transforms.flatMap((transform) => (transform.kind === 'projection' ? [transform.matrix] : []))
  const width = projections.at(-1)?.columns ?? features
  const result = matrix(count, width)
  const workspace = openWorkspace(features, projections, linalg)
  try {
    for (let start = 0; start < count; start += chunkRows) {
      const rows = Math.min(chunkRows, count - start)
      workspace.stages[0].data.set(split.x.subarray(start * features, (start + rows) * features))
      const chunk = await transformChunk(rows, transforms, workspace, linalg, options.signal)
      result.data.set(chunk.data.subarray(0, rows * width), start * width)
      options.onProgress?.((start + rows) / count)
      await new Promise(setImmediate)
      options.signal?.throwIfAborted()
    }
  } finally {
    workspace.release()
  }
  return result
}
