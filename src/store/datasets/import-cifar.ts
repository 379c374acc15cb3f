// CIFAR-10 and CIFAR-100 from either of their official layouts, counts read from the data.
import { createHash } from 'node:crypto'
import type { CifarLayout } from '../../shared/datasets/known-files'
import { badData } from '../formats/data-error'
import { cifarPixels, readCifarBinary, readCifarNames, readCifarPickle, readNameLines, type CifarBatch } from '../formats/cifar'
import { knownDatasets, type KnownDataset } from './catalogue'
import type { DatasetSource, DatasetSplit } from '../../engine/data/dataset'
import type { FileSet } from './file-set'
import { checkLabels } from './installed'

function concatenate(parts: readonly CifarBatch[]): CifarBatch {
  if (parts.length === 1) return parts[0]
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const x = new Uint8Array(count * cifarPixels)
  const fine = new Int32Array(count)
  const coarse = parts[0].coarse ? new Int32Array(count) : null
  let at = 0
  for (const part of parts) {
    x.set(part.x, at * cifarPixels)
    fine.set(part.fine, at)
    if (coarse && part.coarse) coarse.set(part.coarse, at)
    at += part.count
  }
  return { count, x, fine, coarse }
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => String(i))

/**
 * Reads the layout's files below `folder` of the set. Throws naming file and place for missing files, wrong lengths and labels out of range.
 * `partial` when counts are below the official ones; published MD5s are compared where counts are full.
 */
export async function importCifar(files: FileSet, folder: string, layout: CifarLayout): Promise<DatasetSource> {
  const known: KnownDataset = knownDatasets.find((candidate) => candidate.id === layout.kind)!
  const full = (base: string) => (folder === '' ? base : `${folder}/${base}`)
  const present = (base: string) => files.paths.includes(full(base))
  const checks: string[] = []
  const load = async (base: string): Promise<Uint8Array> => {
    if (!present(base)) throw badData(`${files.name}: the file ${full(base)} of ${known.title} is missing`)
    const bytes = await files.read(full(base))
    const published = layout.format === 'python' ? known.contents[base] : undefined
    if (published !== undefined && createHash('md5').update(bytes).digest('hex') === published) checks.push(`${base}: published MD5`)
    return bytes
  }
  const batch = async (base: string): Promise<CifarBatch> => {
    const bytes = await load(base)
    const name = `${files.name}: ${full(base)}`
    return layout.format === 'python' ? readCifarPickle(bytes, name, layout.kind) : readCifarBinary(bytes, name, layout.kind)
  }
  const names = async (): Promise<{ fine: string[]; coarse: string[] | null }> => {
    const { fine, coarse } = layout.names
    const numbers = { fine: numbered(known.classes), coarse: layout.kind === 'cifar-100' ? numbered(20) : null }
    if (layout.format === 'python') {
      if (!present(fine)) return numbers
      const bytes = await load(fine)
      const where = `${files.name}: ${full(fine)}`
      if (layout.kind === 'cifar-10') return { fine: readCifarNames(bytes, where, 'label_names'), coarse: null }
      return { fine: readCifarNames(bytes, where, 'fine_label_names'), coarse: readCifarNames(bytes, where, 'coarse_label_names') }
    }
    return {
      fine: present(fine) ? readNameLines(await load(fine), `${files.name}: ${full(fine)}`) : numbers.fine,
      coarse: coarse !== null && present(coarse) ? readNameLines(await load(coarse), `${files.name}: ${full(coarse)}`) : numbers.coarse
    }
  }
  const labels = await names()
  for (const [found, expected] of [
    [labels.fine, known.classes],
    [labels.coarse, 20]
  ] as const)
    if (found && found.length !== expected)
      throw badData(`${files.name}: names ${found.length} classes, but ${known.title} has ${expected}`)
  const split = (part: CifarBatch, bases: string): DatasetSplit => {
    checkLabels(part.fine, labels.fine.length, `${files.name}: ${bases}`)
    if (part.coarse && labels.coarse) checkLabels(part.coarse, labels.coarse.length, `${files.name}: ${bases} (coarse)`)
    return { x: part.x, count: part.count, features: cifarPixels, labels: { fine: part.fine, coarse: part.coarse }, targets: null }
  }
  const parts: CifarBatch[] = []
  // A cut-down CIFAR-10 may have fewer than five batches, but not a gap in them.
  const trainFiles = layout.train.filter((base, i) => i === 0 || present(base) || layout.train.slice(i).some(present))
  for (const base of trainFiles) parts.push(await batch(base))
  const train = split(concatenate(parts), trainFiles.join(', '))
  const test = split(await batch(layout.test), layout.test)
  const counts = { train: train.count, test: test.count }
  return {
    description: {
      id: known.id,
      title: known.title,
      source: known.source,
      licence: known.licence,
      shape: [...known.shape],
      dtype: 'uint8',
      counts,
      partial: counts.train < known.counts.train || counts.test < known.counts.test,
      labels,
      targets: null,
      checks
    },
    train,
    test
  }
}
