// Makes a run folder: inputs, meta.json and status.json first, spec.json last; a folder without spec.json is not a run yet and may be taken over.
import { join } from 'node:path'
import type { RunMeta } from '../../shared/run/schema'
import type { RunSpec } from '../../shared/spec/schema'
import { StorageError, translating, writeJson } from '../files'
import { makeUniqueFolder, requireId, type Workspace } from '../workspace'
import { differences } from '../../shared/spec/leaves'
import { freshMeta, freshStatus, logLine, readSpec, requireOwnVersion, requireTrainable } from './documents'
import { copyInputs } from './inputs'
import { metaPath, runsFolder, specPath, statusPath } from './paths'

export interface CreateOptions {
  /** Takes over a folder of that id that has no spec.json; left out: made from the spec's name. */
  readonly id?: string
  readonly group?: string | null
  /** #rrggbb, see `freeColour` of the index; left out: one by its id. */
  readonly colour?: string
  readonly lineage?: RunMeta['lineage']
  /** The study it is a run of. */
  readonly study?: string
  /** Versions to record, such as {"saddlescope": "0.1.0", "node": "v20.20.2"}. */
  readonly versions?: Readonly<Record<string, string>>
  /** Folder that relative paths in the spec start at; the process's own by default. */
  readonly inputsFrom?: string
  readonly now?: Date
  /** How the run came about, for its log: "from the preset sfn-mnist10 on the command line". */
  readonly origin?: string
}

async function claimFolder(workspace: Workspace, spec: RunSpec, id: string | undefined): Promise<string> {
  const { fileSystem } = workspace
  const runs = runsFolder(workspace)
  await translating(`write ${runs}`, () => fileSystem.makeFolder(runs))
  if (id === undefined) return translating(`write ${runs}`, () => makeUniqueFolder(fileSystem, runs, spec.name || 'run'))
  requireId(id)
  if (await fileSystem.info(specPath(join(runs, id))))
    throw new StorageError('conflict', `there is already a run "${id}"; choose another --id or remove it`)
  await translating(`write ${join(runs, id)}`, () => fileSystem.makeFolder(join(runs, id)))
  return id
}

/** Makes the run `queued`. Returns its id. Throws StorageError (`conflict` when the id is taken, `bad-input` for a bad id or a missing input file). */
export function createRun(workspace: Workspace, spec: RunSpec, options: CreateOptions = {}): Promise<string> {
  return translating(`make a run in ${runsFolder(workspace)}`, () => makeRun(workspace, spec, options))
}

async function makeRun(workspace: Workspace, spec: RunSpec, options: CreateOptions): Promise<string> {
  const { fileSystem } = workspace
  const id = await claimFolder(workspace, spec, options.id)
  const folder = join(runsFolder(workspace), id)
  const meta = {
    ...freshMeta(spec),
    group: options.group ?? null,
    colour: options.colour ?? null,
    lineage: options.lineage ?? null,
    ...(options.study === undefined ? {} : { study: options.study })
  }
  const status = { ...freshStatus(options.now ?? new Date()), versions: { ...options.versions } }
  try {
    await copyInputs(workspace, folder, spec, options.inputsFrom ?? process.cwd())
    await writeJson(fileSystem, metaPath(folder), meta)
    await writeJson(fileSystem, statusPath(folder), status)
    if (options.origin !== undefined) await logLine(workspace, id, `created ${options.origin}`)
    await writeJson(fileSystem, specPath(folder), spec)
  } catch (error) {
    // Only a folder of our own making goes away again; one that was taken over is left to its owner.
    if (options.id === undefined) await fileSystem.remove(folder).catch(() => undefined)
    throw error
  }
  return id
}

/** Replaces the budget of a run that is not running, as `resume --set budget.steps=…` does; its log says so. */
export async function changeBudget(workspace: Workspace, id: string, spec: RunSpec): Promise<void> {
  await requireOwnVersion(workspace, id)
  await requireTrainable(workspace, id)
  const changes = differences(spec.budget, (await readSpec(workspace, id)).budget)
  await writeJson(workspace.fileSystem, specPath(join(runsFolder(workspace), requireId(id))), spec)
  if (changes.length > 0)
    await logLine(workspace, id, `budget changed: ${changes.map(({ path, here, there }) => `${path} from ${there} to ${here}`).join(', ')}`)
}
