// Data that need no import and no network: MNIST at 10 × 10 from resources/, and the generators.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { datasetManifestSchema, featureCount, type DatasetManifest } from '../../shared/datasets/schema'
import { parseJson, realFileSystem } from '../files'
import { badData } from '../formats/data-error'
import type { Dataset, DatasetSplit } from '../../engine/data/dataset'
import { datasetFingerprint } from './fingerprint'
import { generatedIds, generateDataset } from '../../engine/data/generators'
import { resourcesFolder } from './resources'

const decompress = promisify(brotliDecompress)

/** Ids of built-in datasets, as lists show them. */
export const builtInIds: readonly string[] = ['mnist10', ...generatedIds]

async function packedManifest(): Promise<DatasetManifest> {
  const path = join(resourcesFolder(), 'datasets', 'mnist10.json')
  return parseJson(await realFileSystem.readFile(path), datasetManifestSchema, path)
}

/** The packed file is: training pixels, training labels (a byte each), test pixels, test labels. */
async function openPacked(): Promise<Dataset> {
  const manifest = await packedManifest()
  const [file] = manifest.files
  const packed = await realFileSystem.readFile(join(resourcesFolder(), 'datasets', file.name))
  if (createHash('sha256').update(packed).digest('hex') !== file.sha256)
    throw badData(`${file.name}: its SHA-256 is not the one of its manifest; install the application again`)
  const features = featureCount(manifest)
  const bytes = await decompress(packed, { maxOutputLength: (manifest.counts.train + manifest.counts.test) * (features + 1) })
  const split = (start: number, count: number): DatasetSplit => ({
    x: new Uint8Array(bytes.buffer, bytes.byteOffset + start, count * features),
    count,
    features,
    labels: { fine: Int32Array.from(bytes.subarray(start + count * features, start + count * (features + 1))), coarse: null },
    targets: null
  })
  return { manifest, train: split(0, manifest.counts.train), test: split(manifest.counts.train * (features + 1), manifest.counts.test) }
}

async function openGenerated(id: string): Promise<Dataset | null> {
  const source = generateDataset(id)
  if (source === null) return null
  const fingerprint = await datasetFingerprint(source.train, source.test)
  const bytes = source.train.x.byteLength
  const manifest = {
    ...source.description,
    schemaVersion: 1 as const,
    files: [{ name: 'generated', bytes, sha256: fingerprint }],
    fingerprint
  }
  return { manifest, train: source.train, test: source.test }
}

/** A built-in dataset, or null when the id is none of ours. */
export async function openBuiltIn(id: string): Promise<Dataset | null> {
  return id === 'mnist10' ? openPacked() : openGenerated(id)
}

/** The manifest of a built-in dataset without its data where that is cheaper, or null. */
export async function builtInManifest(id: string): Promise<DatasetManifest | null> {
  return id === 'mnist10' ? packedManifest() : ((await openGenerated(id))?.manifest ?? null)
}
