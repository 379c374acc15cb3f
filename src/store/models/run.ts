// Puts a network from elsewhere among the runs: at step 0, done, its weights copied in.
import { dirname, join } from 'node:path'
import type { TrainingState } from '../../engine/training/interface'
import { npzParts, type NpyArray } from '../../shared/npy'
import { emptyFigures } from '../../shared/run/figures'
import type { RunMeta, RunStatus } from '../../shared/run/schema'
import type { NetworkSpec } from '../../shared/spec/schema'
import { StorageError, translating, writeJson, writeParts } from '../files'
import {
  checkpointsFolder,
  copyInputs,
  freshMeta,
  freshStatus,
  inputsFolder,
  logLine,
  measureRun,
  metaPath,
  newImportFolder,
  runsFolder,
  snapshotsFolder,
  specPath,
  statusPath,
  thisHost,
  writeCheckpoint
} from '../run-folder'
import { placeRun } from '../transfer/import-run'
import { isId, slug, type Workspace } from '../workspace'

/** What a run at step 0 consists of, once its data have been seen. */
export interface ModelRun {
  /** Its `model.init.path` is replaced by that of the run's own copy. */
  readonly spec: NetworkSpec
  readonly state: TrainingState
  readonly hashes: RunMeta['hashes']
  readonly status: Pick<RunStatus, 'backend' | 'versions' | 'parameterCount' | 'trainingSamples' | 'startEvaluation'>
  readonly log: readonly string[]
}

async function writeRun(workspace: Workspace, folder: string, { spec, state, hashes, status }: ModelRun): Promise<void> {
  const { fileSystem } = workspace
  const now = new Date()
  await copyInputs(workspace, folder, spec, process.cwd())
  await fileSystem.makeFolder(checkpointsFolder(folder))
  await fileSystem.makeFolder(snapshotsFolder(folder))
  await writeCheckpoint(workspace, folder, spec, state)
  await writeJson(fileSystem, metaPath(folder), { ...freshMeta(spec), hashes })
  await writeJson(fileSystem, statusPath(folder), {
    ...freshStatus(now),
    ...status,
    state: 'done',
    startedAt: now.toISOString(),
    endedAt: now.toISOString(),
    host: thisHost.host,
    figures: { ...emptyFigures, ...(await measureRun(fileSystem, folder)) }
  })
}

/** The id that is wanted, or the first free one after it. Throws `conflict` where it must be exactly that and is taken. */
async function freeId(workspace: Workspace, wanted: string, exactly: boolean): Promise<string> {
  for (let k = 1; ; k++) {
    const id = k === 1 ? wanted : `${wanted.slice(0, 56)}-${k}`
    if ((await workspace.fileSystem.info(join(runsFolder(workspace), id))) === null) return id
    if (exactly) throw new StorageError('conflict', `there is already a run "${id}"; choose another --id or remove it`)
  }
}

/**
 * Writes the weights below a folder that nobody takes for a run yet, lets `prepare` look at data with them (its `weights` is their path), and gives
 * the finished run its place. Returns its id. Throws one sentence; the runs are then as they were.
 */
export async function placeModelRun(
  workspace: Workspace,
  arrays: Readonly<Record<string, NpyArray>>,
  wanted: { readonly name: string; readonly id?: string },
  prepare: (weights: string) => Promise<ModelRun>
): Promise<string> {
  const { fileSystem } = workspace
  if (wanted.id !== undefined && !isId(wanted.id)) throw new StorageError('bad-input', `"${wanted.id}" is no run id`)
  const exactly = wanted.id !== undefined
  const first = wanted.id ?? slug(wanted.name)
  await freeId(workspace, first, exactly)
  const folder = newImportFolder(workspace)
  const weights = join(inputsFolder(folder), 'init.npz')
  try {
    await translating(`write ${folder}`, () => fileSystem.makeFolder(dirname(weights)))
    await translating(`write ${weights}`, () => writeParts(fileSystem, weights, npzParts(arrays)))
    const run = await prepare(weights)
    await translating(`write ${folder}`, () => writeRun(workspace, folder, run))
    const id = await freeId(workspace, first, exactly)
    const init = { kind: 'npz', path: join(runsFolder(workspace), id, 'inputs', 'init.npz') } as const
    await writeJson(fileSystem, specPath(folder), { ...run.spec, model: { ...run.spec.model, init } })
    await placeRun(workspace, folder, id, true)
    for (const line of run.log) await logLine(workspace, id, line)
    return id
  } catch (error) {
    await fileSystem.remove(folder).catch(() => undefined)
    throw error
  }
}
