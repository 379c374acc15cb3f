// `datasets`, `datasets import | download | verify | rm`.
import { executeJob } from '../../engine-process/execute-job'
import type { FilesJob } from '../../engine-process/messages'
import { bytes } from '../../shared/format/bytes'
import { leftText, secondsLeft } from '../../shared/format/durations'
import { listDatasets, removeDataset } from '../../store/datasets'
import { print, printJson, readableWorkspace, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { oneLine, table } from '../format'

export async function list(options: WorkspaceOptions): Promise<void> {
  const datasets = await listDatasets(readableWorkspace(options))
  if (options.json) return printJson(datasets)
  return print(
    table(
      ['dataset', 'state', 'training', 'test', 'shape', 'classes', 'size', 'title'],
      datasets.map((one) => [
        one.id,
        `${one.state}${one.partial ? ' (partial)' : ''}`,
        String(one.trainCount),
        String(one.testCount),
        one.shape.join(' × '),
        String(one.classes),
        bytes(one.bytes),
        one.title
      ]),
      ['training', 'test', 'classes', 'size']
    )
  )
}

/** Shows the progress of a job on stderr: overwriting on a terminal, else a line at most every five seconds. */
function showProgress() {
  const started = performance.now()
  let last = started
  let shown = false
  return {
    onProgress(fraction: number, message: string) {
      const now = performance.now()
      const elapsed = (now - started) / 1000
      if (now - last < (process.stderr.isTTY ? 100 : 5000)) return
      last = now
      const text = `${oneLine(message)}: ${Math.floor(100 * fraction)} %${leftText(secondsLeft(elapsed, fraction))}`
      process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${text}` : `${text}\n`)
      shown = process.stderr.isTTY
    },
    clear: () => void (shown && process.stderr.write('\r\u001b[2K'))
  }
}

async function work(options: WorkspaceOptions, job: FilesJob): Promise<void> {
  // To compare is to read.
  const workspace = job.name === 'dataset-verify' ? readableWorkspace(options) : await writableWorkspace(options)
  const stop = stopSignal(() => say('\nstopping…'))
  const progress = showProgress()
  try {
    const { message, dataset } = await executeJob(workspace, job, { signal: stop.signal, onProgress: progress.onProgress })
    progress.clear()
    if (!options.json) say(message)
    else if (dataset) {
      const { id, counts, shape, labels, targets, csv = null } = dataset
      printJson({ done: true, message, dataset: { id, counts, shape, labels, targets, csv } })
    }
  } catch (error) {
    progress.clear()
    // Whatever a cancelled job says, it was cancelled.
    if (stop.signal.aborted) stop.signal.throwIfAborted()
    throw error
  } finally {
    stop.dispose()
  }
}

export interface ImportOptions extends WorkspaceOptions {
  readonly id?: string
  readonly header?: string
  readonly separator?: string
  readonly target?: string[]
  readonly classes?: string
}

function yesOrNo(option: string, value: string | undefined): boolean | undefined {
  if (value === undefined || value === 'yes' || value === 'no') return value === undefined ? undefined : value === 'yes'
  throw new UsageError(`${option}: must be yes or no, got "${value}"`)
}

export async function importOne(path: string, options: ImportOptions): Promise<void> {
  const { id = null, separator, target } = options
  const csv = { header: yesOrNo('--header', options.header), separator, target, classes: yesOrNo('--classes', options.classes) }
  return work(options, { name: 'dataset-import', path: userPath(path), id, csv })
}

export function download(name: string, options: WorkspaceOptions): Promise<void> {
  return work(options, { name: 'dataset-download', dataset: name })
}

export function verify(name: string, options: WorkspaceOptions): Promise<void> {
  return work(options, { name: 'dataset-verify', dataset: name })
}

/** Deletes installed datasets; built-in ones stay. */
export async function remove(ids: readonly string[], options: WorkspaceOptions): Promise<void> {
  const workspace = await writableWorkspace(options)
  const removed: { id: string; bytes: number }[] = []
  for (const id of ids) removed.push({ id, bytes: await removeDataset(workspace, id) })
  if (options.json) printJson(removed)
  else for (const one of removed) say(`removed dataset ${one.id} (${bytes(one.bytes)})`)
}
