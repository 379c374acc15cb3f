// The first layer's part of a stored eigenvector as pictures: one pattern a unit, on the inputs before any random projection.
import { backProject } from '../engine/data/back-projection'
import { readyTransforms, type ReadyTransform } from '../engine/data/transforms'
import { projectionHash, readMatrices } from '../engine-process/prepare'
import type { UnitPatterns } from '../shared/api/contract'
import { layerName } from '../shared/model/layout'
import { piecesOf } from '../shared/model/pieces'
import { isFunctionSpec, type NetworkSpec } from '../shared/spec/schema'
import { readEigenvector, readMeta, readSpec, runFolder, withCopiedInputs, type Workspace } from '../store'
import { openManifest } from '../store/datasets'
import { Failure } from './failure'

interface Inputs {
  readonly transforms: readonly ReadyTransform[]
  readonly shape: readonly number[]
}

/** The transforms with their matrices, drawn again from the run's seed or read from its copies, and proved to be those it trained with. */
async function inputsOf(workspace: Workspace, run: string, spec: NetworkSpec, recorded: string | null): Promise<Inputs> {
  const manifest = await openManifest(workspace, spec.data.dataset)
  const matrices = await readMatrices(workspace, spec.data)
  const transforms = readyTransforms(spec.data.transforms, manifest.shape, spec.seed, matrices)
  const projections = transforms.flatMap((transform) => (transform.kind === 'projection' ? [transform.matrix] : []))
  if (projections.length > 0 && recorded !== null && projectionHash(projections) !== recorded)
    throw new Failure('conflict', `the projection of run "${run}" is not the one it recorded: its pictures would be wrong`)
  return { transforms, shape: manifest.shape }
}

/** Of the run that was last asked for: drawing a projection again takes its time. Shared by all who ask, so that none of them can cancel it. */
const last = new WeakMap<Workspace, { readonly key: string; readonly inputs: Promise<Inputs> }>()

async function inputsOnce(workspace: Workspace, run: string, spec: NetworkSpec): Promise<Inputs> {
  const { dataset, projection } = (await readMeta(workspace, run)).hashes
  // A run may be made again under its name.
  const key = JSON.stringify([run, spec.seed, spec.data, dataset, projection])
  const known = last.get(workspace)
  if (known?.key === key) return known.inputs
  const inputs = inputsOf(workspace, run, spec, projection)
  last.set(workspace, { key, inputs })
  inputs.catch(() => last.get(workspace)?.inputs === inputs && last.delete(workspace))
  return inputs
}

export interface PatternQuestion {
  readonly run: string
  readonly step: number
  readonly block: string
  readonly index: number
  readonly units: number
}

/** Throws Failure or StorageError: no network, another layer's block, a vector that was not stored, a dataset that is not there. */
export async function unitPatterns(
  workspace: Workspace,
  { run, step, block, index, units: wanted }: PatternQuestion,
  signal: AbortSignal
): Promise<UnitPatterns> {
  const spec = withCopiedInputs(runFolder(workspace, run), await readSpec(workspace, run))
  if (isFunctionSpec(spec)) throw new Failure('bad-request', `run "${run}" minimizes a function: it has no inputs to draw`)
  const { vector } = await readEigenvector(workspace, { run, step }, block, index)
  const piece = piecesOf(spec.model, block, vector.length)?.find(({ name }) => name === layerName(0))
  if (!piece) throw new Failure('bad-request', `block "${block}" of run "${run}" does not hold the weights of the inputs (${layerName(0)})`)
  const { transforms, shape } = await inputsOnce(workspace, run, spec)
  const units = Math.min(wanted, piece.columns)
  const weights = new Float64Array(piece.inputs * units)
  for (let input = 0; input < piece.inputs; input++)
    for (let unit = 0; unit < units; unit++) weights[input * units + unit] = vector[piece.offset + input * piece.columns + unit]
  const found = await backProject(transforms, weights, units, signal)
  const patterns = new Float64Array(found.weights.length)
  for (let feature = 0; feature < found.features; feature++)
    for (let unit = 0; unit < units; unit++) patterns[unit * found.features + feature] = found.weights[feature * units + unit]
  return {
    patterns,
    units,
    shape: [...shape],
    scale: found.scale,
    projections: transforms.flatMap((transform) =>
      transform.kind === 'projection' ? [{ rows: transform.matrix.rows, columns: transform.matrix.columns }] : []
    )
  }
}
