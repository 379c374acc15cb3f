// Class counts and the statistics of all values of a data set: every sample is looked at, a piece at a time, so that others get their turns.
import type { ClassCounts, DatasetStatistics, ValueStatistics } from '../../shared/datasets/inspection'
import { featureCount, type DatasetManifest } from '../../shared/datasets/schema'
import { StorageError } from '../files'
import type { Workspace } from '../workspace'
import type { DatasetSplit } from '../../engine/data/dataset'
import { openBuiltIn } from './built-in'
import { installedManifest, readInstalledLabels, readInstalledRows } from './installed'

type Values = Uint8Array | Float64Array

/** Reads the values of training samples; called for one range after the other, from the first to the last. */
type ReadRows = (from: number, rows: number) => Promise<Values>

type Facts = Pick<DatasetManifest, 'shape' | 'dtype' | 'counts'>

/** About what is looked at between two turns of the event loop. */
const valuesATurn = 2 ** 20
const realBins = 64

const channelsOf = ({ shape }: Facts) => (shape.length === 3 ? shape[0] : 1)

async function eachPiece(facts: Facts, read: ReadRows, signal: AbortSignal | undefined, look: (values: Values) => void) {
  const perTurn = Math.max(1, Math.floor(valuesATurn / featureCount(facts)))
  for (let from = 0; from < facts.counts.train; from += perTurn) {
    look(await read(from, Math.min(perTurn, facts.counts.train - from)))
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  }
}

/** Bytes are counted by value: everything else follows from the 256 counts exactly. */
async function byteStatistics(facts: Facts, read: ReadRows, signal?: AbortSignal): Promise<ValueStatistics['channels']> {
  const channels = channelsOf(facts)
  const plane = featureCount(facts) / channels
  const counts = Array.from({ length: channels }, () => new Float64Array(256))
  await eachPiece(facts, read, signal, (values) => {
    for (let start = 0, c = 0; start < values.length; start += plane, c = (c + 1) % channels) {
      const mine = counts[c]
      for (let i = start; i < start + plane; i++) mine[values[i]]++
    }
  })
  return counts.map((mine) => {
    let [total, sum] = [0, 0]
    let [least, greatest] = [-1, -1]
    mine.forEach((count, value) => {
      if (count === 0) return
      total += count
      sum += count * value
      if (least < 0) least = value
      greatest = value
    })
    const mean = sum / total
    const squares = mine.reduce((all, count, value) => all + count * (value - mean) ** 2, 0)
    return { mean, std: Math.sqrt(squares / total), least, greatest, counts: mine }
  })
}

/** Real numbers in two passes: extremes and means, then distances from them and the histogram. */
async function realStatistics(facts: Facts, read: ReadRows, signal?: AbortSignal): Promise<Omit<ValueStatistics, 'samples' | 'perSample'>> {
  const channels = channelsOf(facts)
  const plane = featureCount(facts) / channels
  const all = Array.from({ length: channels }, () => ({
    sum: 0,
    squares: 0,
    least: Infinity,
    greatest: -Infinity,
    counts: new Float64Array(realBins)
  }))
  const total = facts.counts.train * plane
  const each = (look: (mine: (typeof all)[number], value: number) => void) =>
    eachPiece(facts, read, signal, (values) => {
      for (let i = 0; i < values.length; i++) look(all[Math.floor(i / plane) % channels], values[i])
    })
  await each((mine, value) => {
    mine.sum += value
    if (value < mine.least) mine.least = value
    if (value > mine.greatest) mine.greatest = value
  })
  const from = Math.min(...all.map(({ least }) => least))
  const to = Math.max(...all.map(({ greatest }) => greatest))
  const scale = to > from ? realBins / (to - from) : 0
  await each((mine, value) => {
    mine.squares += (value - mine.sum / total) ** 2
    mine.counts[Math.min(realBins - 1, Math.floor((value - from) * scale))]++
  })
  const statistics = all.map(({ sum, squares, least, greatest, counts }) => ({
    mean: sum / total,
    std: Math.sqrt(squares / total),
    least,
    greatest,
    counts
  }))
  return { channels: statistics, from, to }
}

async function valueStatistics(facts: Facts, read: ReadRows, signal?: AbortSignal): Promise<ValueStatistics> {
  const common = { samples: facts.counts.train, perSample: featureCount(facts) }
  if (facts.dtype === 'float64') return { ...common, ...(await realStatistics(facts, read, signal)) }
  return { ...common, channels: await byteStatistics(facts, read, signal), from: 0, to: 255 }
}

function countsOf(labels: Int32Array | null | undefined, classes: number): Float64Array {
  const counts = new Float64Array(classes)
  for (const label of labels ?? []) counts[label]++
  return counts
}

function classCounts(
  names: readonly string[] | null,
  kind: 'fine' | 'coarse',
  train: Pick<DatasetSplit, 'labels'>,
  test: Pick<DatasetSplit, 'labels'> | null
): ClassCounts | null {
  if (names === null || train.labels[kind] === null) return null
  return { names, train: countsOf(train.labels[kind], names.length), test: countsOf(test?.labels[kind], names.length) }
}

type Labelled = Pick<DatasetSplit, 'labels'>

async function statisticsOf(
  manifest: Facts & Pick<DatasetManifest, 'labels'>,
  read: ReadRows,
  train: Labelled,
  test: Labelled | null,
  signal?: AbortSignal
): Promise<DatasetStatistics> {
  return {
    fine: classCounts(manifest.labels.fine, 'fine', train, test),
    coarse: classCounts(manifest.labels.coarse, 'coarse', train, test),
    values: await valueStatistics(manifest, read, signal)
  }
}

/** Of a data set in memory. */
export function memoryStatistics(
  manifest: Facts & Pick<DatasetManifest, 'labels'>,
  train: DatasetSplit,
  test: DatasetSplit | null,
  signal?: AbortSignal
): Promise<DatasetStatistics> {
  const read = async (from: number, rows: number) => train.x.subarray(from * train.features, (from + rows) * train.features)
  return statisticsOf(manifest, read, train, test, signal)
}

/** The same data have the same statistics, wherever they lie. */
const known = new Map<string, Promise<DatasetStatistics>>()
const mostKnown = 50

/** Of a built-in or installed data set, worked out once. Throws `not-found`. */
export async function datasetStatistics(workspace: Workspace, id: string): Promise<DatasetStatistics> {
  const builtIn = await openBuiltIn(id)
  const manifest = builtIn?.manifest ?? (await installedManifest(workspace, id))
  if (manifest === null) throw new StorageError('not-found', `no dataset ${id} is installed`)
  const found = known.get(manifest.fingerprint)
  if (found) return found
  const work = builtIn ? memoryStatistics(manifest, builtIn.train, builtIn.test) : installedStatistics(workspace, manifest)
  if (known.size >= mostKnown) known.clear()
  known.set(manifest.fingerprint, work)
  work.catch(() => known.delete(manifest.fingerprint))
  return work
}

async function installedStatistics(workspace: Workspace, manifest: DatasetManifest): Promise<DatasetStatistics> {
  const labels = async (part: 'train' | 'test') => ({ labels: await readInstalledLabels(workspace, manifest, part) })
  const read: ReadRows = async (from, rows) => (await readInstalledRows(workspace, manifest, 'train', from, rows)).x
  return statisticsOf(manifest, read, await labels('train'), manifest.counts.test > 0 ? await labels('test') : null)
}
