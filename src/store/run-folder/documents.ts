// spec.json, meta.json, status.json and log.ndjson of a run: reading and changing them.
import { z } from 'zod'
import { emptyFigures } from '../../shared/run/figures'
import { batchLossOf, lossDivisor, type Divisor } from '../../shared/run/per-sample'
import { logLineSchema, metaSchema, statusSchema, type LogLine, type RunMeta, type RunStatus } from '../../shared/run/schema'
import {
  currentSchemaVersion,
  foreignFunctions,
  functionSpecSchema,
  isFunctionSpec,
  networkSpecSchema,
  type RunSpec
} from '../../shared/spec/schema'
import { completeLines, openLineFile, readJson, schemaFaults, StorageError, translating, writeJson, type FileSystem } from '../files'
import type { Workspace } from '../workspace'
import { logPath, metaPath, runFolder, specPath, statusPath } from './paths'

const anyObject = z.record(z.string(), z.unknown())

/** The meta.json of a run that nobody has said anything about yet. */
export function freshMeta({ name, tags }: Pick<RunSpec, 'name' | 'tags'>): RunMeta {
  return {
    schemaVersion: 1,
    name,
    tags,
    notes: '',
    pinned: false,
    colour: null,
    group: null,
    lineage: null,
    hashes: { weights: null, projection: null, batches: null, dataset: null }
  }
}

/** The status.json of a run that has not begun. */
export function freshStatus(created: Date): RunStatus {
  return {
    schemaVersion: 1,
    state: 'queued',
    step: 0,
    createdAt: created.toISOString(),
    startedAt: null,
    endedAt: null,
    seconds: 0,
    wallSeconds: 0,
    host: null,
    backend: null,
    versions: {},
    startEvaluation: null,
    error: null,
    numericsChangedAtStep: null,
    newestCheckpoint: null,
    parameterCount: null,
    trainingSamples: null,
    figures: emptyFigures
  }
}

function missing(id: string): never {
  throw new StorageError('not-found', `there is no run "${id}" in this workspace`)
}

/** The run's spec, complete. Throws StorageError (`not-found`, `damaged`, or `conflict` when a newer version wrote it). */
export async function readSpec(workspace: Workspace, id: string): Promise<RunSpec> {
  return (await readSpecFile(workspace.fileSystem, specPath(runFolder(workspace, id)))) ?? missing(id)
}

/** A spec.json anywhere; null when there is none. */
export async function readSpecFile(fileSystem: FileSystem, path: string): Promise<RunSpec | null> {
  const value = await readJson(fileSystem, path, anyObject)
  if (!value) return null
  const version = value['schemaVersion']
  if (typeof version === 'number' && version > currentSchemaVersion)
    throw new StorageError(
      'conflict',
      `${path}: schemaVersion ${version} is newer than this program's ${currentSchemaVersion}; the run can be looked at, not run`
    )
  const parsed = ('problem' in value ? functionSpecSchema : networkSpecSchema).safeParse(value)
  if (!parsed.success) throw new StorageError('damaged', `${path}: ${schemaFaults(parsed.error)}`)
  return parsed.data
}

export async function readStatus(workspace: Workspace, id: string): Promise<RunStatus> {
  return (await readJson(workspace.fileSystem, statusPath(runFolder(workspace, id)), statusSchema)) ?? missing(id)
}

/**
 * Throws StorageError `conflict` when a newer program wrote one of the run's small files: such a run is looked at, exported and removed, and
 * nothing in its folder is changed. Damage is not its concern.
 */
export async function requireOwnVersion(workspace: Workspace, id: string): Promise<void> {
  for (const read of [readSpec, readStatus, readMeta])
    await read(workspace, id).catch((error: unknown) => {
      if (error instanceof StorageError && error.code === 'conflict') throw error
    })
}

/** Throws StorageError `bad-input` for a run that another program made: without its optimizer's state, or without what it minimized, nothing can go on. */
export async function requireTrainable(workspace: Workspace, id: string): Promise<void> {
  const spec = await readSpec(workspace, id)
  if (isFunctionSpec(spec) && foreignFunctions.includes(spec.problem.function))
    throw new StorageError(
      'bad-input',
      `run "${id}" came from elsewhere and says nothing of what was minimized: it can be looked at, not trained`
    )
  const backend = (await readStatus(workspace, id).catch(() => null))?.backend
  if (backend?.kind === 'recorded')
    throw new StorageError(
      'bad-input',
      `run "${id}" was recorded from another program (${backend.description}), whose optimizer's state is not in it: start a new run from its weights (model.init {"kind": "run", "run": "${id}", "step": …})`
    )
}

/** By what the run's losses are divided, as far as its status says; null where it does not. */
export async function recordedDivisor(workspace: Workspace, id: string, { trainingSamples }: RunStatus): Promise<Divisor | null> {
  const spec = await readSpec(workspace, id).catch(() => null)
  return spec && lossDivisor(batchLossOf(spec, trainingSamples))
}

export async function readMeta(workspace: Workspace, id: string): Promise<RunMeta> {
  return (await readJson(workspace.fileSystem, metaPath(runFolder(workspace, id)), metaSchema)) ?? missing(id)
}

/** The name that meta.json in a folder gives its run; null where it gives none, or is damaged. */
export async function metaNameIn(workspace: Workspace, folder: string): Promise<string | null> {
  const meta = await readJson(workspace.fileSystem, metaPath(folder), metaSchema).catch(() => null)
  return meta?.name || null
}

/** Changes fields of status.json. Only the run's owner, or whoever found its lock stale, may. */
export async function updateStatus(workspace: Workspace, id: string, patch: Partial<RunStatus>): Promise<RunStatus> {
  const status = { ...(await readStatus(workspace, id)), ...patch }
  await writeJson(workspace.fileSystem, statusPath(runFolder(workspace, id)), status)
  return status
}

/** Name, tags, notes, pin, colour, group, hashes. May be changed while the run is running: its owner does not rewrite them. */
export async function updateMeta(workspace: Workspace, id: string, patch: Partial<RunMeta>): Promise<RunMeta> {
  const before = await readMeta(workspace, id)
  const meta = { ...before, ...patch, hashes: { ...before.hashes, ...patch.hashes } }
  await writeJson(workspace.fileSystem, metaPath(runFolder(workspace, id)), meta)
  return meta
}

/** Adds a line to the log of a run that nobody works on. */
export async function logLine(workspace: Workspace, id: string, message: string): Promise<void> {
  const path = logPath(runFolder(workspace, id))
  const log = await openLineFile(workspace.fileSystem, path, (await workspace.fileSystem.info(path))?.bytes ?? 0)
  log.append(JSON.stringify({ time: new Date().toISOString(), message }))
  await log.close()
}

/** The last `tail` lines of the run's log; lines that are no log lines are left out. */
export async function readLog(workspace: Workspace, id: string, tail = 500): Promise<LogLine[]> {
  const path = logPath(runFolder(workspace, id))
  const info = await translating(`read ${path}`, () => workspace.fileSystem.info(path))
  if (!info) return []
  const file = await translating(`read ${path}`, () => workspace.fileSystem.open(path, 'read'))
  try {
    const length = Math.min(info.bytes, Math.max(65_536, tail * 400))
    const bytes = new Uint8Array(length)
    await translating(`read ${path}`, () => file.read(bytes, info.bytes - length))
    const lines = completeLines(new TextDecoder().decode(bytes))
    return lines
      .slice(-tail)
      .map((line) => {
        try {
          return logLineSchema.safeParse(JSON.parse(line)).data ?? null
        } catch {
          return null
        }
      })
      .filter((line) => line !== null)
  } finally {
    await file.close()
  }
}
