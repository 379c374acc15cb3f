// Factorizations of a run's batches on disk, for the epochs that follow: what memory does not take goes into the run folder, within a budget.
import { join } from 'node:path'
import { factorizationBytes, type BatchFactorization, type FactorizationCache } from '../../engine/curvature/inverse-gradient'
import type { Linalg } from '../../engine/linalg'
import { npzParts, toFloat64, type NpyArray } from '../../shared/npy'
import { partialEnding, readNpz, renamePatiently, writeParts } from '../files'
import type { Workspace } from '../workspace'
import { runFolder } from './paths'

/** Smaller factors are made again as quickly as they are read. */
const smallestBytes = 4 * 2 ** 20
/** At most so many bytes a run, and never more than this part of the free disk. */
const largestBudget = 4e9
const shareOfFreeDisk = 0.1

const kinds = ['rows', 'rows-lq', 'columns', 'pseudoinverse'] as const

/** The folder belongs to one run, whose data, transforms and seed never change: the key of a batch is enough. */
export const factorizationsFolder = (workspace: Workspace, id: string) => join(runFolder(workspace, id), 'cache', 'factorizations')

/** Kind, rank, condition and refinements as one array beside the factors. */
function toArrays({ kind, rank, condition, refinements, arrays }: BatchFactorization): Record<string, NpyArray> {
  const figures: NpyArray = { shape: [4], data: Float64Array.of(kinds.indexOf(kind), rank, condition, refinements) }
  const factors = Object.entries(arrays).map(([name, { rows, columns, data }]): [string, NpyArray] => [
    name,
    { shape: [rows, columns], data }
  ])
  return { figures, ...Object.fromEntries(factors) }
}

function fromArrays(linalg: Linalg, stored: ReadonlyMap<string, NpyArray>): BatchFactorization | null {
  const figures = stored.get('figures')
  if (!figures || figures.data.length !== 4) return null
  const [kind, rank, condition, refinements] = toFloat64(figures)
  if (kinds[kind] === undefined) return null
  const arrays = [...stored]
    .filter(([name]) => name !== 'figures')
    .map(([name, array]) => {
      const [rows, columns] = array.shape
      const data = linalg.allocate(rows * columns)
      data.set(toFloat64(array))
      return [name, { data, rows, columns, offset: 0, stride: columns }] as const
    })
  return { kind: kinds[kind], rank, condition, refinements, arrays: Object.fromEntries(arrays) }
}

/**
 * `memory` first, then the run's folder. A file that cannot be read, or written, is as good as none: the factorization is computed again, with the
 * same bits. What does not fit the budget any more is not taken in (batches come round in a cycle: throwing out the oldest would lose each of
 * them just before its turn). Only what memory holds is owned by the cache; what was read from disk goes back when the step is done.
 */
export async function factorizationsOnDisk(
  workspace: Workspace,
  id: string,
  linalg: Linalg,
  memory: FactorizationCache,
  budget?: number
): Promise<FactorizationCache> {
  const { fileSystem } = workspace
  const folder = factorizationsFolder(workspace, id)
  const free = await fileSystem.freeBytes(runFolder(workspace, id)).catch(() => null)
  let left = budget ?? Math.min(largestBudget, shareOfFreeDisk * (free ?? 0))
  const onDisk = new Set<string>()
  for (const name of await fileSystem.list(folder).catch(() => [])) {
    left -= (await fileSystem.info(join(folder, name)).catch(() => null))?.bytes ?? 0
    if (name.endsWith('.npz')) onDisk.add(name.slice(0, -'.npz'.length))
  }
  const pathOf = (key: string) => join(folder, `${key.replace(/[^0-9+]/g, '_')}.npz`)

  async function write(key: string, factorization: BatchFactorization) {
    const bytes = factorizationBytes(factorization)
    if (onDisk.has(key) || bytes < smallestBytes || bytes > left) return
    const path = pathOf(key)
    await fileSystem.makeFolder(folder)
    await writeParts(fileSystem, path + partialEnding, npzParts(toArrays(factorization)))
    await renamePatiently(fileSystem, path + partialEnding, path)
    onDisk.add(key)
    left -= bytes
  }

  return {
    async get(key) {
      const held = await memory.get(key)
      if (held !== null || !onDisk.has(key)) return held
      const read = await readNpz(fileSystem, pathOf(key))
        .then((stored) => fromArrays(linalg, stored))
        .catch(() => null)
      if (read === null) onDisk.delete(key)
      return read
    },
    async put(key, factorization) {
      await memory.put(key, factorization)
      if (!memory.owns(factorization)) await write(key, factorization).catch(() => undefined)
    },
    owns: (factorization) => memory.owns(factorization),
    release: () => memory.release()
  }
}

/** Frees the disk when a run has no more use for them. */
export async function removeFactorizations(workspace: Workspace, id: string): Promise<void> {
  await workspace.fileSystem.remove(join(runFolder(workspace, id), 'cache')).catch(() => undefined)
}
