// A matrix for ELPA as a raw file: that of a stored snapshot row by row, or computed from the checkpoint in panels; memory holds some rows of it.
import { finiteDifferenceError } from '../../engine/curvature/checks'
import { isOrdinary } from '../../engine/linalg/vectors'
import { LinalgError, type Linalg } from '../../engine/linalg'
import { withObjectiveOfState } from '../../engine/training'
import { wholeName } from '../../shared/model/layout'
import { bytesOf } from '../../shared/npy'
import { nothingChecked, type SnapshotManifest, type SnapshotManifestChecks } from '../../shared/run/schema'
import { hessianFiles, StorageError, translating, withMatrix, type FileSystem, type OpenFile, type Workspace } from '../../store'
import type { Place } from '../first-batch'
import { lookOver, makeRows, type MadeRows, type RowsObjective } from '../large-hessian/rows'
import { openStoredState } from '../stored-state'
import { versions } from '../versions'
import type { About } from './documents'

/** Numbers read at a time. */
const atOnce = 1 << 19

export interface Watch {
  readonly signal?: AbortSignal
  readonly onPhase?: (phase: string) => void
  readonly onProgress?: (fraction: number) => void
}

export interface WrittenMatrix extends MadeRows {
  readonly offset: number
  readonly checks: SnapshotManifestChecks
  readonly computed: About['computed']
  /** Null where the snapshot keeps none. */
  readonly parameters: Float64Array | null
}

const nothing: MadeRows = { rows: 0, figures: { trace: 0, squares: 0, largest: 0, asymmetry: 0 } }

async function withRaw<Result>(fileSystem: FileSystem, path: string, work: (file: OpenFile) => Promise<Result>): Promise<Result> {
  const file = await translating(`write ${path}`, () => fileSystem.open(path, 'create'))
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

/** Throws LinalgError where the squares of the entries leave the range of doubles. */
function requireOrdinary({ figures }: MadeRows): void {
  if (figures.largest > 0 && !isOrdinary(figures.squares))
    throw new LinalgError('not-finite', `the matrix: its largest entry is ${figures.largest}; its squares leave the range of doubles`)
}

/** Copies the stored matrix of a snapshot's block. */
export async function copyStored(
  workspace: Workspace,
  place: Place,
  { name, size, offset, checks }: SnapshotManifest['blocks'][number],
  path: string,
  { signal, onPhase, onProgress }: Watch
): Promise<Omit<WrittenMatrix, 'parameters'>> {
  onPhase?.('matrix')
  const files = await hessianFiles(workspace, place, name)
  return withMatrix(workspace.fileSystem, files, (from) =>
    withRaw(workspace.fileSystem, path, async (to) => {
      let made = nothing
      while (made.rows < size) {
        signal?.throwIfAborted()
        const rows = Math.min(Math.max(1, Math.floor(atOnce / size)), size - made.rows)
        const data = await from.read(made.rows * size, rows * size)
        const figures = lookOver(made.figures, made.rows, rows, size, data, 0)
        await translating(`write ${path}`, () => to.write(bytesOf(data), 8 * made.rows * size))
        made = { rows: made.rows + rows, figures }
        onProgress?.(made.rows / size)
      }
      requireOrdinary(made)
      const { symmetry, finiteDifference } = checks
      return { ...made, offset, computed: null, checks: { ...nothingChecked, symmetry, finiteDifference } }
    })
  )
}

/** Computes the Hessian of a block at the checkpoint, on the batch that a snapshot of that step shows; `admit` hears its rows before anything is written. */
export async function computeRows(
  workspace: Workspace,
  linalg: Linalg,
  place: Place,
  block: string,
  path: string,
  admit: (size: number) => Promise<void>,
  { signal, onPhase, onProgress }: Watch
): Promise<WrittenMatrix> {
  onPhase?.('reading data')
  const { spec, state, data } = await openStoredState({ workspace, linalg, signal, onProgress }, place)
  return withObjectiveOfState({ linalg }, { spec, state }, data, async (objective) => {
    const { curvatureRows, blocks, parameterCount, samples } = objective
    if (!curvatureRows)
      throw new StorageError(
        'bad-input',
        `run "${place.run}" is of a function: its few variables need no other machine; spectrum shows its eigenvalues`
      )
    const layer = blocks.find(({ name }) => name === block)
    if (block !== wholeName && !layer)
      throw new StorageError(
        'not-found',
        `run "${place.run}" has no block "${block}"; there are ${[wholeName, ...blocks.map(({ name }) => name)].join(', ')}`
      )
    const offset = layer?.offset ?? 0
    const size = layer ? layer.rows * layer.columns : parameterCount
    await admit(size)
    const withRows: RowsObjective = { ...objective, curvatureRows }
    return withRaw(workspace.fileSystem, path, async (file) => {
      const read = async (row: number, column: number, target: Float64Array) => {
        const count = await translating(`read ${path}`, () => file.read(bytesOf(target), 8 * (row * size + column)))
        if (count !== target.byteLength) throw new StorageError('damaged', `${path}: ends too early`)
      }
      const writeRows = (first: number, rows: Float64Array) =>
        translating(`write ${path}`, () => file.write(bytesOf(rows), 8 * first * size))
      onPhase?.('rows')
      const made = await makeRows(
        linalg,
        withRows,
        state.parameters,
        { order: size, read },
        { writeRows },
        nothing,
        async () => undefined,
        {
          offset,
          signal,
          onProgress
        }
      )
      requireOrdinary(made)
      onPhase?.('finite differences')
      const { largest, asymmetry } = made.figures
      const column = new Float64Array(size)
      const columnOf = async (_unit: number, index: number) => (await read(index, 0, column), column)
      const finiteDifference = await finiteDifferenceError(
        objective,
        state.parameters,
        { name: block, offset, size, units: 1 },
        columnOf,
        largest,
        { signal }
      )
      const batch = { step: place.step + 1, samples }
      return {
        ...made,
        offset,
        parameters: state.parameters,
        checks: { ...nothingChecked, symmetry: largest > 0 ? asymmetry / largest : 0, finiteDifference },
        computed: { computedAt: new Date().toISOString(), batch, backend: linalg.info, versions: versions() }
      }
    })
  })
}
