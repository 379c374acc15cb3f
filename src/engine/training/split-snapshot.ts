// A snapshot by layers that takes an output layer apart by unit where its outputs do not mix: the same spectrum and eigenvectors from small problems.
import {
  chosenVectors,
  type SnapshotBlock,
  type SnapshotContents,
  type SnapshotOptions,
  type TakenSnapshot,
  takeSnapshot
} from '../curvature/snapshot'
import { residualError, spectrumChecks } from '../curvature/checks'
import { matrix, releaseAll, type Linalg, type Matrix, type SymmetricEigen } from '../linalg'
import { sumOfSquares } from '../linalg/vectors'
import type { Objective } from '../objective'

interface Place {
  readonly unit: number
  readonly index: number
}

/** Eigenvectors of the whole block at the chosen places: a unit's own vector in the unit's rows, zero elsewhere. */
async function embed(linalg: Linalg, block: SnapshotBlock, hessian: Float64Array, places: readonly Place[]): Promise<Matrix> {
  const { size, units } = block
  const vectors = matrix(size * units, places.length)
  const owners = new Map<number, SymmetricEigen>()
  try {
    for (const [column, { unit, index }] of places.entries()) {
      const own =
        owners.get(unit) ??
        (await linalg.eigenSymmetric({ data: hessian, rows: size, columns: size, offset: unit * size * size, stride: size }))
      owners.set(unit, own)
      const { data, offset, stride } = own.vectors
      for (let i = 0; i < size; i++) vectors.data[(i * units + unit) * places.length + column] = data[offset + i * stride + index]
    }
    return vectors
  } finally {
    releaseAll(owners.values())
  }
}

/** Turns a block of `units` small spectra into the one block of the whole layer. */
async function join(
  linalg: Linalg,
  objective: Objective,
  parameters: Float64Array,
  block: SnapshotBlock,
  hessian: Float64Array,
  contents: SnapshotContents,
  options: SnapshotOptions
): Promise<SnapshotBlock> {
  const { size, units, eigenvalues, checks } = block
  if (eigenvalues === null) throw new Error(`snapshot of ${block.name}: the unit spectra are missing`)
  const total = size * units
  const order = Uint32Array.from({ length: total }, (_, i) => i).sort((a, b) => eigenvalues[a] - eigenvalues[b] || a - b)
  const values = Float64Array.from(order, (i) => eigenvalues[i])
  const { indices } = chosenVectors(total, contents.eigenvectors)
  const vectors =
    indices.length === 0
      ? null
      : await embed(
          linalg,
          block,
          hessian,
          indices.map((i) => ({ unit: Math.floor(order[i] / size), index: order[i] % size }))
        )
  const offset = objective.blocks[objective.blocks.length - 1].offset
  const scale = Math.max(Math.abs(values[0]), Math.abs(values[total - 1]))
  let trace = 0
  for (let unit = 0; unit < units; unit++) for (let i = 0; i < size; i++) trace += hessian[(unit * size + i) * size + i]
  const residual =
    vectors === null
      ? null
      : await residualError(
          objective,
          parameters,
          { offset, size: total },
          'hessian',
          vectors,
          Float64Array.from(indices, (i) => values[i]),
          scale,
          { signal: options.signal }
        )
  return {
    name: block.name,
    size: total,
    units: 1,
    eigenvalues: contents.eigenvalues ? values : null,
    eigenvectors: vectors,
    indices,
    checks: { ...checks, ...spectrumChecks({ trace, squares: sumOfSquares(hessian) }, values), residual }
  }
}

/** As `takeSnapshot` with scope `layer-blocks`, for an objective whose outputs do not mix, without `keepMatrix`. */
export async function takeSplitSnapshot(
  objective: Objective,
  parameters: Float64Array,
  contents: SnapshotContents,
  linalg: Linalg,
  options: SnapshotOptions
): Promise<TakenSnapshot> {
  const last = objective.blocks.length - 1
  const parts = await takeSnapshot(objective, parameters, { ...contents, eigenvalues: true }, 'unit-blocks', linalg, {
    ...options,
    holdUnits: true
  })
  try {
    const asAsked = (block: SnapshotBlock) => ({ ...block, eigenvalues: contents.eigenvalues ? block.eigenvalues : null })
    const matrices = parts.unitMatrices.get(parts.blocks[last].name)
    // A layer of one unit is its own block.
    if (matrices === undefined) return { ...parts, blocks: parts.blocks.map(asAsked) }
    const joined = await join(linalg, objective, parameters, parts.blocks[last], matrices, contents, options)
    return { ...parts, blocks: [...parts.blocks.slice(0, last).map(asAsked), joined] }
  } catch (error) {
    parts.release()
    throw error
  }
}
