// MNIST and its kin: four IDX files, plain or gzipped.
import { createHash } from 'node:crypto'
import { idxBase } from '../../shared/datasets/known-files'
import { badData } from '../formats/data-error'
import { readIdx, unpackGzip, type IdxArray } from '../formats/idx'
import { knownDatasets } from './catalogue'
import type { DatasetSource, DatasetSplit } from '../../engine/data/dataset'
import type { FileSet } from './file-set'
import { checkLabels } from './installed'

function slug(name: string): string {
  const cleaned = name
    .toLowerCase()
    .replace(/\.(tar\.gz|tgz|tar|zip|npz|csv|tsv|txt|gz)$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '')
  return cleaned === '' ? 'dataset' : cleaned
}

export { slug as idFromName }

/** Reads the four files below `folder`. Known sets are recognized by the published MD5 of their contents; others are named after `files`. */
export async function importIdx(files: FileSet, folder: string): Promise<DatasetSource> {
  const md5s: string[] = []
  const load = async (part: 'train' | 't10k', what: 'images' | 'labels'): Promise<{ array: IdxArray; where: string }> => {
    const path = files.paths.find((candidate) => {
      const match = idxBase.exec(candidate.slice(folder === '' ? 0 : folder.length + 1))
      return candidate.startsWith(folder === '' ? '' : `${folder}/`) && match?.[1].replace('test', 't10k') === part && match[2] === what
    })
    if (path === undefined) throw badData(`${files.name}: the file ${part}-${what}-idx${what === 'images' ? 3 : 1}-ubyte is missing`)
    const where = `${files.name}: ${path}`
    const bytes = unpackGzip(await files.read(path), path)
    md5s.push(createHash('md5').update(bytes).digest('hex'))
    return { array: readIdx(bytes, where), where }
  }
  const read = async (
    part: 'train' | 't10k'
  ): Promise<{ split: DatasetSplit; labels: Uint8Array; shape: [number, number, number]; where: string }> => {
    const images = await load(part, 'images')
    const labels = await load(part, 'labels')
    if (images.array.shape.length !== 3) throw badData(`${images.where}: has ${images.array.shape.length} dimensions, images have 3`)
    if (labels.array.shape.length !== 1) throw badData(`${labels.where}: has ${labels.array.shape.length} dimensions, labels have 1`)
    const [count, height, width] = images.array.shape
    if (labels.array.shape[0] !== count) throw badData(`${labels.where}: has ${labels.array.shape[0]} labels for ${count} images`)
    if (count * height * width === 0) throw badData(`${images.where}: holds no pixels`)
    return {
      split: {
        x: images.array.data,
        count,
        features: height * width,
        labels: { fine: Int32Array.from(labels.array.data), coarse: null },
        targets: null
      },
      labels: labels.array.data,
      shape: [1, height, width],
      where: labels.where
    }
  }
  const train = await read('train')
  const test = await read('t10k')
  if (train.shape.some((length, axis) => length !== test.shape[axis]))
    throw badData(`${files.name}: training images are ${train.shape.slice(1).join(' × ')}, test images ${test.shape.slice(1).join(' × ')}`)
  const known = knownDatasets.find((candidate) => md5s.every((md5) => Object.values(candidate.contents).includes(md5)))
  const largest = [train, test].reduce((top, part) => part.labels.reduce((a, b) => Math.max(a, b), top), 0)
  const names = known?.names ?? Array.from({ length: Math.max(largest + 1, 10) }, (_, i) => String(i))
  for (const part of [train, test]) checkLabels(part.labels, names.length, part.where)
  const counts = { train: train.split.count, test: test.split.count }
  return {
    description: {
      id: known?.id ?? slug(files.name),
      title: known?.title ?? files.name.slice(0, 200),
      source: known?.source ?? 'imported IDX files',
      licence: known?.licence ?? 'not known',
      shape: train.shape,
      dtype: 'uint8',
      counts,
      partial: false,
      labels: { fine: [...names], coarse: null },
      targets: null,
      checks: known ? ['published MD5 of all four files'] : []
    },
    train: train.split,
    test: test.split
  }
}
