// How one block's spectrum goes over a run: figures of each snapshot and the distance from the one before, read once, for stored spectra do not change.
import { basename, join } from 'node:path'
import { spectrumFigureNames, spectrumFigures, type SpectrumCourse, type SpectrumFigures } from '../../shared/run/course'
import { wasserstein } from '../../shared/run/spectrum-distance'
import { runFolder, snapshotFolder } from '../run-folder/paths'
import type { Workspace } from '../workspace'
import { readEigenvalues, snapshotSteps, type SnapshotPlace } from './read'

interface Known {
  /** Null: the snapshot has no eigenvalues of that block. */
  readonly figures: Map<string, SpectrumFigures | null>
  readonly distances: Map<string, number>
}
const known = new WeakMap<Workspace, Known>()
const mostKnown = 50_000

const knownOf = (workspace: Workspace): Known => {
  const found = known.get(workspace) ?? { figures: new Map(), distances: new Map() }
  known.set(workspace, found)
  if (found.figures.size >= mostKnown) found.figures.clear()
  if (found.distances.size >= mostKnown) found.distances.clear()
  return found
}

/** Ascending; blocks of several units are stored unit by unit. Null where there are none, or they cannot be read. */
const spectrumOf = (workspace: Workspace, place: SnapshotPlace, block: string): Promise<Float64Array | null> =>
  readEigenvalues(workspace, place, block).then(
    ({ values }) => values.slice().sort(),
    () => null
  )

/** Snapshots that cannot be read are left out: whoever opens them is told why. */
export async function snapshotCourse(workspace: Workspace, run: string, block: string, signal?: AbortSignal): Promise<SpectrumCourse> {
  const { figures, distances } = knownOf(workspace)
  const rows: { step: number; figures: SpectrumFigures; distance: number }[] = []
  let before: { readonly key: string; spectrum(): Promise<Float64Array | null> } | null = null
  for (const step of await snapshotSteps(workspace, run)) {
    signal?.throwIfAborted()
    const folder = snapshotFolder(runFolder(workspace, run), step)
    // A snapshot may be made again under its name.
    const made = (await workspace.fileSystem.info(join(folder, 'manifest.json')))?.modified ?? 0
    const key = `${run} ${basename(folder)} ${made} ${block}`
    let read: Promise<Float64Array | null> | null = null
    const spectrum = () => (read ??= spectrumOf(workspace, { run, step }, block))
    let own = figures.get(key)
    if (own === undefined) {
      const values = await spectrum()
      own = values && spectrumFigures(values)
      figures.set(key, own)
    }
    if (!own) continue
    let distance = NaN
    if (before) {
      const pair = `${before.key}\n${key}`
      const stored = distances.get(pair)
      const [a, b] = stored === undefined ? await Promise.all([before.spectrum(), spectrum()]) : [null, null]
      distance = stored ?? (a && b ? wasserstein(a, b) : NaN)
      distances.set(pair, distance)
    }
    rows.push({ step, figures: own, distance })
    before = { key, spectrum }
  }
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of)
  const columns = spectrumFigureNames.map((name) => [name, column((row) => row.figures[name])] as const)
  return {
    ...(Object.fromEntries(columns) as Record<(typeof spectrumFigureNames)[number], Float64Array>),
    steps: column((row) => row.step),
    distance: column((row) => row.distance)
  }
}
