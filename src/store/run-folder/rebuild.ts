// status.json and meta.json found again from the files beside them, where one is missing, empty or torn: a run is more than its small files.
import { measureRun } from './sizes'
import type { RunMeta, RunStatus } from '../../shared/run/schema'
import type { RunSpec } from '../../shared/spec/schema'
import { StorageError, translating, writeJson } from '../files'
import type { Workspace } from '../workspace'
import { checkpointSteps } from './checkpoint'
import { freshMeta, freshStatus, logLine, readMeta, readSpec, readStatus, requireOwnVersion } from './documents'
import { scanMetrics } from './metrics-file'
import { metaPath, metricsPath, runFolder, specPath, statusPath } from './paths'
import { setFileAside } from './set-aside'

/** Null for what is not damage of the file. */
function damageOf(error: unknown, file: string): string | null {
  if (!(error instanceof StorageError)) return null
  if (error.code === 'not-found') return `${file} is missing`
  return error.code === 'damaged' || error.code === 'conflict' ? error.message.slice(Math.max(0, error.message.indexOf(file))) : null
}

/** Throws StorageError `not-found` when there is no run of that id: a folder with a spec.json, whatever is in it. */
export async function requireRun(workspace: Workspace, id: string): Promise<void> {
  const path = specPath(runFolder(workspace, id))
  if (!(await translating(`read ${path}`, () => workspace.fileSystem.info(path))))
    throw new StorageError('not-found', `there is no run "${id}" in ${workspace.folder}; \`runs\` lists those there are`)
}

async function rebuiltStatus(workspace: Workspace, id: string): Promise<RunStatus> {
  const { fileSystem } = workspace
  const folder = runFolder(workspace, id)
  const { steps, seconds, wallSeconds, figures } = await scanMetrics(fileSystem, metricsPath(folder))
  const step = Math.max(steps, (await checkpointSteps(workspace, id)).at(-1) ?? 0)
  const created = (await translating(`read ${specPath(folder)}`, () => fileSystem.info(specPath(folder))))?.modified ?? 0
  const budget = (await readSpec(workspace, id).catch(() => null))?.budget.steps ?? null
  return {
    ...freshStatus(new Date(created)),
    state: budget !== null && step >= budget ? 'done' : 'interrupted',
    step,
    seconds,
    wallSeconds,
    figures: { ...figures, ...(await measureRun(fileSystem, folder)) }
  }
}

/** The run's status; made from its other files, with what is wrong as `fault`, when status.json has none. Throws StorageError `not-found`. */
export async function statusOrRebuilt(
  workspace: Workspace,
  id: string
): Promise<{ readonly status: RunStatus; readonly fault: string | null }> {
  try {
    return { status: await readStatus(workspace, id), fault: null }
  } catch (error) {
    const fault = damageOf(error, 'status.json')
    if (fault === null) throw error
    await requireRun(workspace, id)
    return { status: await rebuiltStatus(workspace, id), fault }
  }
}

/** The same for meta.json: name and tags as the spec has them. */
export async function metaOrRebuilt(workspace: Workspace, id: string): Promise<{ readonly meta: RunMeta; readonly fault: string | null }> {
  try {
    return { meta: await readMeta(workspace, id), fault: null }
  } catch (error) {
    const fault = damageOf(error, 'meta.json')
    if (fault === null) throw error
    await requireRun(workspace, id)
    const spec: Pick<RunSpec, 'name' | 'tags'> = await readSpec(workspace, id).catch(() => ({ name: id, tags: [] }))
    return { meta: freshMeta(spec), fault }
  }
}

/** Writes the status that was found again. Only the run's owner, or whoever found it has none, may. Throws `conflict` for a newer program's run. */
export async function repairStatus(workspace: Workspace, id: string): Promise<RunStatus> {
  await requireOwnVersion(workspace, id)
  const { status: found, fault } = await statusOrRebuilt(workspace, id)
  if (fault === null) return found
  const folder = runFolder(workspace, id)
  const error = `${fault}; made anew from the run's other files, without what only it knew (start, end, backend)`
  const status = { ...found, error }
  await setFileAside(workspace.fileSystem, folder, statusPath(folder))
  await writeJson(workspace.fileSystem, statusPath(folder), status)
  await logLine(workspace, id, error)
  return status
}

/** Writes the meta.json that was found again. Throws `conflict` for a newer program's run. */
export async function repairMeta(workspace: Workspace, id: string): Promise<RunMeta> {
  await requireOwnVersion(workspace, id)
  const { meta, fault } = await metaOrRebuilt(workspace, id)
  if (fault === null) return meta
  const folder = runFolder(workspace, id)
  await setFileAside(workspace.fileSystem, folder, metaPath(folder))
  await writeJson(workspace.fileSystem, metaPath(folder), meta)
  await logLine(workspace, id, `${fault}; made anew from spec.json: notes, group, colour, pins and lineage were in it`)
  return meta
}
