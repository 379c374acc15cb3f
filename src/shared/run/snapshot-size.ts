// How large a snapshot is on disk: asked before a run is started, before a snapshot is made, and true of its files to the byte.
import { blockShapes, weightArrays, type BlockShape, type ParameterBlock } from '../model/layout'
import { itemBytes } from '../npy/dtype'
import { formatNpyHeader } from '../npy/header'
import { storedZipBytes } from '../npy/zip-write'
import { scopeOf } from '../spec/optimizers'
import { isFunctionSpec, type RunSpec, type Scope, type SnapshotsSpec } from '../spec/schema'
import { overviewCount, overviewLevels } from './overview'

/** A full spectrum of more parameters than this would hold the run up for minutes at every snapshot. */
const mostForFull = 6000

/** The optimizer's own scope where it has one; else the whole matrix when it is small enough to be decomposed in passing, else by layers. A function has one block. */
export function snapshotScope(spec: RunSpec, parameters: number): Scope {
  if (isFunctionSpec(spec)) return 'full'
  return scopeOf(spec.optimizer) ?? (parameters <= mostForFull ? 'full' : 'layer-blocks')
}

/** How many eigenvectors of a block are kept; none of unit blocks. */
export function vectorCount({ size, units }: Pick<BlockShape, 'size' | 'units'>, kept: number | 'all'): number {
  if (units > 1) return 0
  return kept === 'all' ? size : Math.min(kept, size)
}

export interface FileSize {
  readonly name: string
  readonly bytes: number
}

function npyBytes(type: 'f8' | 'f4', shape: readonly number[]): number {
  const count = shape.reduce((product, length) => product * length, 1)
  return formatNpyHeader(type, shape).length + count * itemBytes(type)
}

/** The files of one block, in no particular order. Eigenvalues are doubles and overviews are floats, whatever the precision. */
function blockFiles(shape: BlockShape, contents: SnapshotsSpec): FileSize[] {
  const { name, size, units } = shape
  const precision = contents.precision === 'float64' ? 'f8' : 'f4'
  const vectors = vectorCount(shape, contents.eigenvectors)
  const files: FileSize[] = []
  const add = (kind: string, type: 'f8' | 'f4', dimensions: readonly number[]) =>
    files.push({ name: kind, bytes: npyBytes(type, dimensions) })
  if (contents.eigenvalues) add(`eigenvalues.${name}.npy`, 'f8', units === 1 ? [size] : [units, size])
  if (vectors > 0) add(`eigenvectors.${name}.npy`, precision, [size, vectors])
  if (contents.hessian) {
    add(`hessian.${name}.npy`, precision, units === 1 ? [size, size] : [units, size, size])
    add(`hessian.${name}.overview.npy`, 'f4', [overviewCount(overviewLevels(units * size, size))])
  }
  return files
}

/** Every file of a snapshot but its manifest, with its exact length. */
export function snapshotFiles(spec: RunSpec, blocks: readonly ParameterBlock[], scope: Scope): FileSize[] {
  const weights = weightArrays(spec, blocks).map(({ name, shape }) => ({ name: `${name}.npy`, bytes: npyBytes('f8', shape) }))
  return [
    { name: 'weights.npz', bytes: storedZipBytes(weights) },
    ...blockShapes(blocks, scope).flatMap((shape) => blockFiles(shape, spec.snapshots))
  ]
}

/** A manifest's length at most: about 90 bytes more a file than its name, checks and names of a block within 900, a line an index. */
function manifestBound(files: readonly FileSize[], shapes: readonly BlockShape[], kept: number | 'all'): number {
  const ofFiles = files.reduce((sum, { name }) => sum + name.length + 160, 0)
  const ofBlocks = shapes.reduce((sum, shape) => sum + 900 + vectorCount(shape, kept) * (String(shape.size).length + 12), 0)
  return 400 + ofFiles + ofBlocks
}

/** Bytes of a whole snapshot: exact but for the manifest, of which this is a bound from above. */
export function snapshotBytes(spec: RunSpec, blocks: readonly ParameterBlock[], scope: Scope): number {
  const files = snapshotFiles(spec, blocks, scope)
  const arrays = files.reduce((sum, { bytes }) => sum + bytes, 0)
  return arrays + manifestBound(files, blockShapes(blocks, scope), spec.snapshots.eigenvectors)
}
