// Jobs of an engine process on files: importing and looking at what waits for it, downloading, verifying, exporting.
import { bytesIn } from '../shared/format/bytes'
import { readingSentence, type DatasetManifest } from '../shared/datasets/schema'
import type { Inspected } from '../shared/api/contract'
import type { Workspace } from '../store'
import { downloadDataset, importDataset, inspectDataset, verifyDataset } from '../store/datasets'
import { copyRunFile, exportRun, inspectArray, openRunFile } from '../store/transfer'
import { importModel } from './import-model'
import { importRunWithSpectrum } from './import-run'
import type { FilesJob, JobMade } from './messages'

export interface JobOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string, bytes?: { readonly done: number; readonly total: number }) => void
}

/** How a cancelled job ended that has more to say than that. */
export class CancelledWith extends Error {}

export interface JobOutcome {
  /** What came of it, in a sentence or two. */
  readonly message: string
  readonly made?: JobMade
  readonly inspected?: Inspected
  /** The dataset that the job was about; null when it was about none. */
  readonly dataset: DatasetManifest | null
}

const ofDataset = (message: string, dataset: DatasetManifest): JobOutcome => ({
  message,
  dataset,
  made: { kind: 'dataset', id: dataset.id }
})
const ofRun = (message: string, id: string): JobOutcome => ({ message, dataset: null, made: { kind: 'run', id } })

/** Does the job and says what came of it. Rejects with one sentence. */
export async function executeJob(workspace: Workspace, job: FilesJob, { signal, onProgress }: JobOptions): Promise<JobOutcome> {
  const plain = (what: string) => ({ signal, onProgress: (fraction: number) => onProgress(fraction, what) })
  if (job.name === 'dataset-import') {
    const dataset = await importDataset(workspace, job.path, {
      ...plain('reading and checking'),
      ...(job.id ? { id: job.id } : {}),
      csv: job.csv,
      ...(job.fingerprint ? { expected: job.fingerprint } : {})
    })
    const { id, counts, partial } = dataset
    const what = `imported as ${id}: ${counts.train} training and ${counts.test} test samples${partial ? ' (a part of the official set)' : ''}`
    const reading = readingSentence(dataset)
    return ofDataset(reading === null ? what : `${what}; ${reading}`, dataset)
  }
  if (job.name === 'dataset-download') {
    let here = { done: 0, total: 0 }
    const megabytes = (bytes: number) => bytesIn('MB', bytes, bytes < 1e7 ? 1 : 0)
    const dataset = await downloadDataset(workspace, job.dataset, {
      signal,
      onProgress(fraction, done, total) {
        here = { done, total }
        onProgress(fraction, done < total ? megabytes(done) : 'checking and unpacking', here)
      }
    }).catch((error: unknown) => {
      if (!signal.aborted) throw error
      throw new CancelledWith(`${megabytes(here.done)} of ${megabytes(here.total)} are kept; downloading again goes on from there`)
    })
    const { id, counts } = dataset
    return ofDataset(`downloaded ${id}: ${counts.train} training and ${counts.test} test samples, checksums right`, dataset)
  }
  if (job.name === 'dataset-inspect') {
    const found = await inspectDataset(workspace.fileSystem, job.path, { ...plain('reading and checking'), csv: job.csv })
    const { counts } = found
    return {
      message: `${counts.train} training and ${counts.test} test samples`,
      dataset: null,
      inspected: { of: 'dataset', dataset: found }
    }
  }
  if (job.name === 'array-inspect') {
    const array = await inspectArray(workspace, job.path, plain('reading'))
    return { message: `${array.kind} of shape (${array.shape.join(', ')})`, dataset: null, inspected: { of: 'array', array } }
  }
  if (job.name === 'run-import') {
    let phase: string = 'importing'
    const id = await importRunWithSpectrum(workspace, job.path, {
      signal,
      onPhase: (now) => onProgress(0, (phase = now)),
      onProgress: (fraction) => onProgress(fraction, phase)
    })
    return ofRun(`imported as run ${id}`, id)
  }
  if (job.name === 'model-import') {
    let phase = ''
    const { id, message } = await importModel(workspace, job.order, {
      signal,
      onPhase: (now) => onProgress(0, (phase = now)),
      onProgress: (fraction) => onProgress(fraction, phase)
    })
    return ofRun(`imported as run ${id}: ${message}`, id)
  }
  if (job.name === 'run-export') {
    const { run, file, out } = job
    if (file === null) {
      const { path, files, notes } = await exportRun(workspace, run, out, plain('copying'))
      return ofRun([`exported ${run} to ${path}: ${files} files`, ...notes].join('; '), run)
    }
    const total = (await openRunFile(workspace, run, file)).bytes
    let copied = 0
    const onBytes = (bytes: number) => onProgress(Math.min(1, (copied += bytes) / total), 'copying')
    await copyRunFile(workspace, run, file, out, { signal, onBytes })
    return ofRun(`copied ${file} to ${out}`, run)
  }
  const dataset = await verifyDataset(workspace, job.dataset, plain('comparing with the manifest'))
  const checks = dataset.checks.length > 0 ? ` (${dataset.checks.join('; ')})` : ''
  return ofDataset(`${dataset.id} is what its manifest says${checks}`, dataset)
}
