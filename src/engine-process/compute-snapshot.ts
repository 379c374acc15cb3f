// A snapshot computed afterwards from a checkpoint: what the run itself would have written at that step, bit by bit where its linear algebra is at hand.
import type { Linalg } from '../engine/linalg'
import { snapshotOfState, type SnapshotPlan } from '../engine/training'
import type { Snapshot } from '../engine/curvature/snapshot'
import { bytes as bytesText } from '../shared/format/bytes'
import type { RunStatus, SnapshotManifest } from '../shared/run/schema'
import type { RunSpec, Scope } from '../shared/spec/schema'
import {
  folderBytes,
  logLine,
  readStatus,
  recountRun,
  runFolder,
  snapshotRefusal,
  snapshotsFolder,
  snapshotSteps,
  snapshotTarget,
  StorageError,
  beginSnapshot,
  draftSnapshot,
  snapshotFolder,
  type Workspace
} from '../store'
import { holdingRun } from './hold'
import { openForRun, openStoredState, requireCheckpoint } from './stored-state'
import { versions } from './versions'

export interface SnapshotOrder {
  readonly run: string
  readonly step: number
  /** null: the scope that the run itself would take. */
  readonly scope: Scope | null
  readonly eigenvectors: number | 'all'
  readonly hessian: boolean
  /** A snapshot of the step that is there already is replaced once the new one is whole; without it that is refused. */
  readonly replace: boolean
}

export interface ComputeOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
}

/** Where each phase begins and ends on the way from 0 to 1; the decomposition takes most. */
const stretches: readonly (readonly [prefix: string, from: number, to: number])[] = [
  ['reading', 0, 0.08],
  ['curvature', 0.08, 0.3],
  ['checks', 0.3, 0.34],
  ['matrix', 0.34, 0.35],
  ['eigendecomposition', 0.35, 0.85],
  ['residuals', 0.85, 0.9],
  ['writing', 0.9, 1]
]

function progressOf(onProgress: ComputeOptions['onProgress']) {
  let phase = 'reading data'
  const tell = (fraction: number) => {
    const [, from, to] = stretches.find(([prefix]) => phase.startsWith(prefix)) ?? ['', 0, 0]
    onProgress(from + Math.min(1, fraction) * (to - from), phase)
  }
  return {
    onPhase(next: string) {
      phase = next
      tell(0)
    },
    onProgress: tell
  }
}

const described = ({ description, threads }: SnapshotManifestBackend) => `${description}, ${threads} thread${threads === 1 ? '' : 's'}`
type SnapshotManifestBackend = NonNullable<SnapshotManifest['onDemand']>['backend']

async function requirePlace(workspace: Workspace, spec: RunSpec, order: SnapshotOrder, bytes: number): Promise<void> {
  const folder = runFolder(workspace, order.run)
  const { fileSystem } = workspace
  const there = (await snapshotSteps(workspace, order.run)).includes(order.step)
  if (there && !order.replace)
    throw new StorageError('conflict', `run "${order.run}" has a snapshot of step ${order.step}; ask for it to be replaced`)
  const stored = await folderBytes(fileSystem, snapshotsFolder(folder))
  const refusal = await snapshotRefusal(fileSystem, folder, spec, { bytes, stored })
  if (refusal !== null) throw new StorageError('conflict', `no snapshot at step ${order.step}: ${refusal}`)
}

/** Computes the snapshot and says what came of it. Throws one sentence and leaves nothing half done; the old snapshot is there until the new one is whole. */
export async function computeSnapshot(workspace: Workspace, order: SnapshotOrder, options: ComputeOptions): Promise<{ message: string }> {
  await requireCheckpoint(workspace, order)
  return holdingRun(workspace, order.run, options.signal, async (signal) => {
    const linalg = await openForRun(await readStatus(workspace, order.run))
    try {
      return await compute(workspace, order, linalg, signal, options.onProgress)
    } finally {
      await linalg.dispose()
    }
  })
}

async function compute(
  workspace: Workspace,
  order: SnapshotOrder,
  linalg: Linalg,
  signal: AbortSignal,
  onProgress: ComputeOptions['onProgress']
): Promise<{ message: string }> {
  const { run, step, scope, eigenvectors, hessian } = order
  const { fileSystem } = workspace
  const folder = runFolder(workspace, run)
  const report = progressOf(onProgress)
  report.onPhase('reading data')
  const { spec: own, state, data } = await openStoredState({ workspace, linalg, signal, onProgress: report.onProgress }, { run, step })
  const spec: RunSpec = { ...own, snapshots: { ...own.snapshots, eigenvalues: true, eigenvectors, hessian } }

  let plan: SnapshotPlan | null = null
  const admit = async (found: SnapshotPlan) => {
    plan = found
    await requirePlace(workspace, spec, order, found.bytes)
  }
  let manifest: SnapshotManifest | null = null
  const write = async (snapshot: Snapshot) => {
    report.onPhase('writing')
    const onDemand = {
      computedAt: new Date().toISOString(),
      batch: { step: step + 1, samples: plan?.samples ?? 1 },
      backend: linalg.info,
      versions: versions()
    }
    const begun = await beginSnapshot({ ...snapshotTarget(fileSystem, folder, run, spec, snapshot), onDemand }, snapshot, draft)
    signal.throwIfAborted()
    manifest = await begun.finish()
  }
  const draft = draftSnapshot({ fileSystem, path: snapshotFolder(folder, step), precision: spec.snapshots.precision })
  try {
    await snapshotOfState({ linalg }, { spec, state, scope, signal, report }, data, admit, {
      matrix: (block) => draft.matrix(block, [block.data]),
      snapshot: write
    })
  } catch (error) {
    await draft.discard().catch(() => undefined)
    throw error
  }
  if (manifest === null) throw new Error('the snapshot was not written')
  const { backend } = await readStatus(workspace, run)
  await recountRun(workspace, run)
  return { message: await tell(workspace, order, manifest, backend) }
}

/** What was made, for people; the run's log keeps it. */
async function tell(
  workspace: Workspace,
  { run, step, hessian }: SnapshotOrder,
  manifest: SnapshotManifest,
  own: RunStatus['backend']
): Promise<string> {
  const { blocks, files, scope, onDemand } = manifest
  const vectors = blocks.reduce((sum, block) => sum + block.indices.length, 0)
  const values = blocks.reduce((sum, { size, units }) => sum + size * units, 0)
  const bytes = bytesText(files.reduce((sum, file) => sum + file.bytes, 0))
  const batch = onDemand?.batch
  const here = onDemand?.backend
  const other = here && own && (own.kind !== here.kind || own.threads !== here.threads || own.description !== here.description)
  const message = `snapshot of step ${step} computed on demand: ${values} eigenvalues (scope ${scope}), ${vectors} eigenvectors, ${hessian ? 'with' : 'without'} the Hessian, on the ${batch?.samples} sample${batch?.samples === 1 ? '' : 's'} of step ${batch?.step}; ${bytes}`
  const note = other
    ? `; computed with ${described(here)}, the run with ${described(own)}: last digits may differ from the run's own snapshots`
    : ''
  await logLine(workspace, run, `${message}${note}`)
  return `${message}${note}`
}
