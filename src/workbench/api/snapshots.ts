// snapshots.*: spectra, vectors and tiles of stored curvature, and the ways to free its disk space.
import {
  pinSnapshot,
  pruneSnapshots,
  readEigenvalues,
  readEigenvector,
  readEntry,
  readManifest,
  readTile,
  snapshotCurvatures,
  snapshotLibrary
} from '../../store'
import type { WorkbenchContext } from '../context'
import type { HandlersOf } from '../router'

type Names =
  | 'snapshots.curvature'
  | 'snapshots.manifest'
  | 'snapshots.eigenvalues'
  | 'snapshots.eigenvector'
  | 'snapshots.tile'
  | 'snapshots.entry'
  | 'snapshots.library'
  | 'snapshots.prune'
  | 'snapshots.pin'

export function snapshotHandlers({ workspace, runs }: WorkbenchContext): HandlersOf<Names> {
  return {
    'snapshots.curvature': ({ run }) => snapshotCurvatures(workspace, run),
    'snapshots.manifest': (place) => readManifest(workspace, place),
    'snapshots.eigenvalues': ({ block, ...place }) => readEigenvalues(workspace, place, block),
    'snapshots.eigenvector': ({ block, index, ...place }) => readEigenvector(workspace, place, block, index),
    'snapshots.tile': ({ block, level, row, column, ...place }) => readTile(workspace, place, block, { level, row, column }),
    async 'snapshots.entry'({ block, row, column, ...place }) {
      return { value: await readEntry(workspace, place, block, row, column) }
    },
    async 'snapshots.library'() {
      const entries = await snapshotLibrary(workspace)
      return entries.map((entry) => ({ ...entry, blocks: [...entry.blocks], runName: runs.summary(entry.run)?.name ?? entry.run }))
    },
    async 'snapshots.prune'({ run, keepEvery, hessiansOnly }) {
      const pruned = await pruneSnapshots(workspace, run, { keepEvery, hessiansOnly })
      await runs.refreshOne(run)
      return pruned
    },
    async 'snapshots.pin'({ run, step, pinned }) {
      await pinSnapshot(workspace, run, step, pinned)
      return {}
    }
  }
}
