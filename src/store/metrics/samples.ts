// How many training samples a run has: as its status recorded them, else (an older run) as its first metrics line or its dataset's manifest says.
import { isFunctionSpec, type NetworkSpec, type RunSpec } from '../../shared/spec/schema'
import { samplesByEpoch } from '../../shared/run/per-sample'
import type { RunMeta, RunStatus } from '../../shared/run/schema'
// Not through the room's front: every command would load archives and downloads with it.
import { manifestOfId } from '../datasets/manifest'
import { completeLines, fileStart, type FileSystem } from '../files'
import { metricsPath, runFolder } from '../run-folder'
import type { Workspace } from '../workspace'

/** A line of a small network is a few hundred bytes; one with many blocks has room in this. */
const firstBytes = 32 * 1024

/** The beginning of the file's first whole line, as numbers; null when there is none yet. */
async function firstLine(fileSystem: FileSystem, path: string): Promise<{ step: number; epoch: number } | null> {
  const [line] = completeLines(new TextDecoder().decode(await fileStart(fileSystem, path, firstBytes)))
  const value: unknown = line === undefined ? null : JSON.parse(line)
  if (typeof value !== 'object' || value === null || !('step' in value) || !('epoch' in value)) return null
  return typeof value.step === 'number' && typeof value.epoch === 'number' ? { step: value.step, epoch: value.epoch } : null
}

/** The manifest's count, of a dataset that is still the one the run was trained on. */
async function samplesByManifest(workspace: Workspace, { data }: NetworkSpec, fingerprint: string | null): Promise<number | null> {
  // Runs that split samples off for validation are young enough to have recorded what they train on.
  if (typeof data.dataset !== 'string' || fingerprint === null || data.validation !== null) return null
  const manifest = await manifestOfId(workspace, data.dataset).catch(() => null)
  if (manifest?.fingerprint !== fingerprint) return null
  return Math.min(manifest.counts.train, data.trainLimit ?? Infinity)
}

export interface RunRecord {
  readonly spec: RunSpec
  readonly status: Pick<RunStatus, 'trainingSamples'> | null
  readonly meta: Pick<RunMeta, 'hashes'> | null
}

/** Null where nothing says it, and for a function. */
export async function trainingSamples(workspace: Workspace, id: string, { spec, status, meta }: RunRecord): Promise<number | null> {
  if (isFunctionSpec(spec)) return null
  if (status?.trainingSamples != null) return status.trainingSamples
  const line = await firstLine(workspace.fileSystem, metricsPath(runFolder(workspace, id))).catch(() => null)
  const byEpoch = line && samplesByEpoch(spec.batch.size, line.step, line.epoch)
  return byEpoch ?? samplesByManifest(workspace, spec, meta?.hashes.dataset ?? null)
}
