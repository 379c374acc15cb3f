// Jobs of an engine process on datasets: importing, downloading, verifying.
import { bytesIn } from '../shared/format/bytes'
import { readingSentence, type DatasetManifest } from '../shared/datasets/schema'
import type { Workspace } from '../store'
import { downloadDataset, importDataset, verifyDataset } from '../store/datasets'
import type { DatasetJob } from './messages'

export interface JobOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
}

export interface JobOutcome {
  /** What came of it, in a sentence or two. */
  readonly message: string
  /** The dataset that the job was about. */
  readonly dataset: DatasetManifest
}

/** Does the job and says what came of it. Rejects with one sentence. */
export async function executeJob(workspace: Workspace, job: DatasetJob, { signal, onProgress }: JobOptions): Promise<JobOutcome> {
  const plain = (what: string) => ({ signal, onProgress: (fraction: number) => onProgress(fraction, what) })
  if (job.name === 'dataset-import') {
    const dataset = await importDataset(workspace, job.path, {
      ...plain('reading and checking'),
      ...(job.id ? { id: job.id } : {}),
      csv: job.csv
    })
    const { id, counts, partial } = dataset
    const what = `imported as ${id}: ${counts.train} training and ${counts.test} test samples${partial ? ' (a part of the official set)' : ''}`
    const reading = readingSentence(dataset)
    return { message: reading === null ? what : `${what}; ${reading}`, dataset }
  }
  if (job.name === 'dataset-download') {
    const dataset = await downloadDataset(workspace, job.dataset, {
      signal,
      onProgress: (fraction, bytes) => onProgress(fraction, bytesIn('MB', bytes, bytes < 1e7 ? 1 : 0))
    })
    const { id, counts } = dataset
    return { message: `downloaded ${id}: ${counts.train} training and ${counts.test} test samples, checksums right`, dataset }
  }
  const dataset = await verifyDataset(workspace, job.dataset, plain('comparing with the manifest'))
  const checks = dataset.checks.length > 0 ? ` (${dataset.checks.join('; ')})` : ''
  return { message: `${dataset.id} is what its manifest says${checks}`, dataset }
}
