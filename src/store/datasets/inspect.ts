// Reads what a path holds as its import would, and tells what it was taken for, without installing it.
import type { DatasetInspection, SampleRows } from '../../shared/datasets/inspection'
import { featureCount, readingSentence } from '../../shared/datasets/schema'
import type { FileSystem } from '../files'
import type { DatasetSource } from '../../engine/data/dataset'
import { datasetFingerprint } from './fingerprint'
import { readDatasetSource, type ReadOptions } from './import'
import { memoryStatistics } from './statistics'
import { datasetThumbnails } from './thumbnails'

const mostPictures = 24
/** Pictures of a photograph's size would make an inspection larger than the file of many a data set. */
const mostPixels = 400_000
const rowsShown = 6
const columnsShown = 12
const namesShown = 3

const numberOf = (value: number) => String(Number(value.toPrecision(7)))

function firstRows({ description, train }: DatasetSource): SampleRows {
  const features = featureCount(description)
  const shown = Math.min(features, columnsShown)
  const { csv, labels, targets: width } = description
  const targetOf = (row: number) => {
    const label = train.labels.fine?.[row]
    if (label !== undefined) return labels.fine?.[label] ?? String(label)
    if (!train.targets || width === null) return ''
    const all = [...train.targets.subarray(row * width, (row + 1) * width)]
    return `${all.slice(0, namesShown).map(numberOf).join(', ')}${width > namesShown ? ', …' : ''}`
  }
  const rows = Array.from({ length: Math.min(rowsShown, train.count) }, (_, row) => row)
  return {
    columns: Array.from({ length: shown }, (_, k) => csv?.inputs[k] ?? `${k + 1}`),
    moreColumns: features - shown,
    values: rows.map((row) => [...train.x.subarray(row * features, row * features + shown)]),
    targets: rows.map(targetOf)
  }
}

/** Throws one sentence naming file and place, as the import would. */
export async function inspectDataset(fileSystem: FileSystem, path: string, options: ReadOptions = {}): Promise<DatasetInspection> {
  const { signal, onProgress } = options
  const source = await readDatasetSource(fileSystem, path, { ...options, onProgress: (fraction) => onProgress?.(fraction * 0.7) })
  const { description, train, test } = source
  const fingerprint = await datasetFingerprint(train, test, signal)
  onProgress?.(0.85)
  const statistics = await memoryStatistics(description, train, test, signal)
  const { id, title, shape, dtype, counts, partial, targets, checks, licence, source: from } = description
  const isImage = shape.length === 3
  const count = Math.min(mostPictures, train.count, Math.max(1, Math.floor(mostPixels / featureCount(description))))
  const { from: least, to: greatest } = statistics.values
  const range = dtype === 'float64' ? ([least, greatest] as const) : null
  const first = Array.from({ length: count }, (_, k) => k)
  return {
    path,
    id,
    title,
    shape,
    dtype,
    counts,
    partial,
    targets,
    checks,
    licence,
    source: from,
    fingerprint,
    reading: readingSentence(description),
    statistics,
    pictures: isImage ? datasetThumbnails({ manifest: description, train, test }, 'train', first, range) : null,
    rows: isImage ? null : firstRows(source)
  }
}
