// A stored matrix by its name: the Hessian of a snapshot's block, or the matrix of an analysis; its files and what its rows and columns are.
import { fittingWidths, type ModelShape } from '../../shared/model/layout'
import { piecesOf, type LayerPiece } from '../../shared/model/pieces'
import { isFunctionSpec } from '../../shared/spec/schema'
import { analysisMatrix, readAnalysis } from '../analyses'
import { readSpec } from '../run-folder'
import { hessianFiles, type MatrixFiles } from '../snapshots'
import { matrixText, parseSnapshot, type MatrixPlace } from '../../shared/run/matrix'
import type { Workspace } from '../workspace'

export interface StoredMatrix extends MatrixFiles {
  readonly units: number
  /** Whose weights its rows and columns are; null where that is not known. */
  readonly model: ModelShape | null
  /** The block of the parameters. */
  readonly block: string
}

/** Null for functions, imports, and what cannot be read. */
async function modelOf(workspace: Workspace, run: string): Promise<ModelShape | null> {
  const spec = await readSpec(workspace, run).catch(() => null)
  if (!spec || isFunctionSpec(spec)) return null
  return { layers: spec.model.layers, bias: spec.model.bias }
}

const same = (a: ModelShape, b: ModelShape, block: string, size: number) =>
  JSON.stringify(piecesOf(a, block, size)) === JSON.stringify(piecesOf(b, block, size))

/** The network and block of a difference: those of A where B has the same weights, else unknown. */
async function differenceModel(workspace: Workspace, place: { run: string; analysis: string }, size: number) {
  const unknown = { model: null, block: place.analysis }
  const { options } = await readAnalysis(workspace, place.run, place.analysis)
  const [a, b] = [options.a, options.b].map((text) => (typeof text === 'string' ? parseSnapshot(text) : null))
  if (!a?.block || !b || a.block !== b.block) return unknown
  const [model, other] = [await modelOf(workspace, a.run), await modelOf(workspace, b.run)]
  return model && other && same(model, other, a.block, size) ? { model, block: a.block } : unknown
}

/** Throws StorageError (`not-found`, `damaged`). */
export async function openMatrix(workspace: Workspace, place: MatrixPlace): Promise<StoredMatrix> {
  if ('analysis' in place) {
    const files = await analysisMatrix(workspace, place.run, place.analysis)
    return { ...files, ...(await differenceModel(workspace, place, files.columns)) }
  }
  const files = await hessianFiles(workspace, place, place.block)
  return { ...files, name: matrixText(place), model: await modelOf(workspace, place.run), block: place.block }
}

/** The layers' pieces along a side; null for unit blocks (by unit already) and where the weights are not known. */
export function sidePieces({ model, block, columns, units }: StoredMatrix): LayerPiece[] | null {
  return model && units === 1 ? piecesOf(model, block, columns) : null
}

/** The network with its input width, where that is not in the spec; for names on the page. */
export function modelWithWidths({ model, block, columns }: StoredMatrix): ModelShape | null {
  if (!model || block !== 'full') return model
  const widths = fittingWidths(model, columns)
  return widths && { layers: widths, bias: model.bias }
}
