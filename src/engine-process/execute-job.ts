// Jobs of an engine process: long work on the workspace that is no training.
import { downloadDataset, importDataset, verifyDataset } from '../store/datasets'
import type { Job } from './messages'

export interface JobOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}

/** Does the job and says in one sentence what came of it. Rejects with one sentence. */
export async function executeJob(workspace: string, job: Job, { signal, onProgress }: JobOptions): Promise<string> {
  const plain = (what: string) => ({ signal, onProgress: (fraction: number) => onProgress(fraction, what) })
  if (job.name === 'dataset-import') {
    const { id, counts, partial } = await importDataset(workspace, job.path, {
      ...plain('reading and checking'),
      ...(job.id ? { id: job.id } : {})
    })
    return `imported as ${id}: ${counts.train} training and ${counts.test} test samples${partial ? ' (a part of the official set)' : ''}`
  }
  if (job.name === 'dataset-download') {
    const { id, counts } = await downloadDataset(workspace, job.dataset, {
      signal,
      onProgress: (fraction, bytes) => onProgress(fraction, megabytes(bytes))
    })
    return `downloaded ${id}: ${counts.train} training and ${counts.test} test samples, checksums right`
  }
  const { id, checks } = await verifyDataset(workspace, job.dataset, plain('comparing with the manifest'))
  return `${id} is what its manifest says${checks.length > 0 ? ` (${checks.join('; ')})` : ''}`
}
