// A snapshot: curvature at a point, its spectrum, chosen eigenvectors, and the checks that travel with them.
import type { SnapshotManifestChecks } from '../../shared/run/schema'
import { vectorCount } from '../../shared/run/snapshot-size'
import type { Scope, SnapshotsSpec } from '../../shared/spec/schema'
import { matrix, releaseAll, type CallOptions, type Linalg, type Matrix, type Owned } from '../linalg'
import type { CurvatureBlock, CurvatureKind, Objective } from '../objective'
import { columnsInMemory, finiteDifferenceError, matrixFigures, snapshotChecks } from './checks'
import { curvatureBytes, requireBytes } from './memory'

export interface SnapshotBlock {
  readonly name: string
  readonly size: number
  readonly units: number
  /** Ascending (units × size for unit blocks, each row ascending). */
  readonly eigenvalues: Float64Array | null
  /** size × k, columns are eigenvectors; `indices` are their places in `eigenvalues`. Null for unit blocks. */
  readonly eigenvectors: Matrix | null
  readonly indices: readonly number[]
  readonly checks: SnapshotManifestChecks
}

export interface Snapshot {
  readonly step: number
  readonly parameters: Float64Array
  readonly blocks: readonly SnapshotBlock[]
}

export type SnapshotContents = Pick<SnapshotsSpec, 'eigenvalues' | 'eigenvectors'>

export interface SnapshotOptions extends CallOptions {
  readonly step: number
  readonly kind?: CurvatureKind
  readonly onPhase?: (phase: string) => void
  /** Memory of earlier blocks of the same scope; the snapshot takes it over, also when it fails. */
  readonly reuse?: readonly CurvatureBlock[]
  /** False leaves out the checks that cost products and gradients (default true). */
  readonly check?: boolean
  /**
   * Gets each block before it is decomposed in its own memory: units × size × size, valid only during the call, to be left as it is. So a matrix that is
   * kept takes no second one. What it throws ends the snapshot.
   */
  readonly keepMatrix?: (block: CurvatureBlock) => Promise<void>
  /** True: matrices of several units stay in memory until `release`, as `unitMatrices`. */
  readonly holdUnits?: boolean
}

/** Places of the `count` eigenvectors to keep among n ascending eigenvalues: half of them the smallest (one more when odd), half the largest. */
export function chosenVectors(
  n: number,
  count: number | 'all'
): { readonly smallest: number; readonly largest: number; readonly indices: number[] } {
  const kept = vectorCount({ size: n, units: 1 }, count)
  const smallest = Math.ceil(kept / 2)
  const largest = kept - smallest
  const indices = Array.from({ length: kept }, (_, i) => (i < smallest ? i : n - largest + (i - smallest)))
  return { smallest, largest, indices }
}

/** A snapshot with the memory of its big arrays, to be given back once it has been written. */
export interface TakenSnapshot extends Snapshot, Owned {
  /** By block name, units × size × size: those that `holdUnits` asked for. */
  readonly unitMatrices: ReadonlyMap<string, Float64Array>
}

interface Decomposition extends Owned {
  /** True where the vectors lie in the block's own memory. */
  readonly inPlace: boolean
  readonly eigenvalues: Float64Array | null
  readonly vectors: Matrix | null
  readonly vectorValues: Float64Array | null
  readonly indices: readonly number[]
}

const nothing: Decomposition = {
  eigenvalues: null,
  vectors: null,
  vectorValues: null,
  indices: [],
  inPlace: false,
  release: () => undefined
}

/** The columns of `from` at these places. */
function columnsOf(from: Matrix, indices: readonly number[]): Matrix {
  const to = matrix(from.rows, indices.length)
  for (let r = 0; r < from.rows; r++)
    indices.forEach((column, k) => (to.data[r * indices.length + k] = from.data[from.offset + r * from.stride + column]))
  return to
}

async function decompose(linalg: Linalg, block: CurvatureBlock, contents: SnapshotContents, options: CallOptions): Promise<Decomposition> {
  const { size, units, data } = block
  const { signal, onProgress } = options
  const whole = (unit: number): Matrix => ({ data, rows: size, columns: size, offset: unit * size * size, stride: size })
  if (units > 1) {
    if (!contents.eigenvalues) return nothing
    const eigenvalues = new Float64Array(units * size)
    for (let unit = 0; unit < units; unit++) {
      eigenvalues.set(await linalg.eigenvalues(whole(unit), { signal }), unit * size)
      onProgress?.((unit + 1) / units)
    }
    return { ...nothing, eigenvalues }
  }
  const { smallest, largest, indices } = chosenVectors(size, contents.eigenvectors)
  if (indices.length === 0)
    return contents.eigenvalues
      ? { ...nothing, eigenvalues: await linalg.eigenvalues(whole(0), { signal, onProgress, overwrite: true }) }
      : nothing
  const all = indices.length === size
  const found = await linalg.eigenSymmetric(whole(0), {
    signal,
    onProgress,
    overwrite: true,
    select: all ? undefined : { smallest, largest }
  })
  const { values } = found
  const spectrum = {
    eigenvalues: contents.eigenvalues ? values : null,
    vectorValues: Float64Array.from(indices, (i) => values[i]),
    indices
  }
  if (found.vectors.columns === indices.length)
    return { ...spectrum, vectors: found.vectors, inPlace: found.inPlace, release: found.release }
  // A backend may give more vectors than were selected.
  const vectors = columnsOf(found.vectors, indices)
  found.release()
  return { ...nothing, ...spectrum, vectors }
}

/**
 * Curvature of `objective` at `parameters`: eigenvalues (ascending), eigenvectors (16 = the 8 smallest and the 8 largest) and the
 * checks. Big arrays stay in the backend's memory until the snapshot's `release`. Throws LinalgError `out-of-memory` with needed and
 * available bytes before anything is allocated.
 */
export async function takeSnapshot(
  objective: Objective,
  parameters: Float64Array,
  contents: SnapshotContents,
  scope: Scope,
  linalg: Linalg,
  options: SnapshotOptions
): Promise<TakenSnapshot> {
  const { step, kind = 'hessian', signal, onPhase, onProgress, reuse, check = true, keepMatrix, holdUnits = false } = options
  const eigen =
    contents.eigenvectors === 'all'
      ? 'all'
      : contents.eigenvectors > 0
        ? 'some'
        : contents.eigenvalues
          ? ('values' as const)
          : ('none' as const)
  const { peak } = curvatureBytes(objective.blocks, scope, { eigen })
  const reused = reuse?.reduce((sum, block) => sum + 8 * block.data.length, 0) ?? 0
  let blocks: CurvatureBlock[]
  try {
    requireBytes(`a snapshot of scope ${scope}`, peak - reused, linalg.availableBytes)
    onPhase?.('curvature')
    blocks = await objective.curvature(parameters, { scope, kind, reuse, signal, onProgress })
  } catch (error) {
    for (const { data } of reuse ?? []) linalg.release(data)
    throw error
  }
  const done: SnapshotBlock[] = []
  const unitMatrices = new Map<string, Float64Array>()
  /** What has been decomposed, and the matrices that nothing lies in. */
  const held: Owned[] = []
  const matrices = new Set(blocks.map((block) => block.data))
  const release = () => {
    releaseAll(held.splice(0))
    for (const data of matrices) linalg.release(data)
    matrices.clear()
  }
  try {
    for (const block of blocks) {
      onPhase?.(`checks ${block.name}`)
      const figures = await matrixFigures(block, { signal })
      const finiteDifference =
        check && kind === 'hessian'
          ? await finiteDifferenceError(objective, parameters, block, columnsInMemory(block), figures.largest, { signal })
          : null
      if (keepMatrix) {
        onPhase?.(`matrix ${block.name}`)
        await keepMatrix(block)
      }
      onPhase?.(`eigendecomposition ${block.name}`)
      const found = await decompose(linalg, block, contents, { signal, onProgress })
      held.push(found)
      const { eigenvalues, vectors, indices } = found
      if (check && vectors !== null) onPhase?.(`residuals ${block.name}`)
      const checks = await snapshotChecks(
        objective,
        parameters,
        block,
        kind,
        check ? found : { ...found, vectors: null },
        { figures, finiteDifference },
        { signal, onProgress }
      )
      if (holdUnits && block.units > 1) unitMatrices.set(block.name, block.data)
      else if (!found.inPlace) {
        matrices.delete(block.data)
        linalg.release(block.data)
      }
      done.push({ name: block.name, size: block.size, units: block.units, eigenvalues, eigenvectors: vectors, indices, checks })
    }
  } catch (error) {
    release()
    throw error
  }
  return { step, parameters, blocks: done, unitMatrices, release }
}
