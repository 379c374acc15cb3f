// The real archives, where they are at hand: both official layouts of the CIFAR-100 sample hold the same bytes. Elsewhere import.test.ts does the same with made-up pixels.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readWorkspace } from '../../../../src/store'
import { importDataset, openDataset, verifyDataset } from '../../../../src/store/datasets'
import { temporaryFolder } from '../formats/folders'

const sample = process.env.SADDLESCOPE_CIFAR_SAMPLE ?? join(import.meta.dirname, '../../../../../shared/datasets/cifar-100-sample')
const here = existsSync(join(sample, 'cifar-100-python.tar.gz'))

test(
  here
    ? 'the CIFAR-100 sample'
    : `NOT RUN, no sample archive at ${sample} (SADDLESCOPE_CIFAR_SAMPLE names its folder); import.test.ts covers made-up archives`,
  async (context) => {
    if (!here) return context.skip(`no sample archive at ${sample}`)
    const place = temporaryFolder()
    const python = await importDataset(readWorkspace(place), join(sample, 'cifar-100-python.tar.gz'))
    const binary = await importDataset(readWorkspace(place), join(sample, 'cifar-100-binary'), { id: 'binary' })
    expect(python).toMatchObject({ id: 'cifar-100', counts: { train: 1000, test: 900 }, partial: true })
    expect(binary.fingerprint).toBe(python.fingerprint)
    expect(binary.labels).toEqual(python.labels)
    const files = (id: string, name: string) => readFileSync(join(place, 'datasets', id, name))
    for (const file of python.files) expect(files('binary', file.name).equals(files('cifar-100', file.name))).toBe(true)
    const dataset = await openDataset(readWorkspace(place), 'cifar-100')
    expect([...(dataset.test?.labels.fine?.slice(0, 5) ?? [])]).toEqual([49, 33, 72, 51, 71])
    expect(dataset.manifest.labels.fine?.[49]).toBe('mountain')
    // Against the binary file itself, record by record.
    const raw = readFileSync(join(sample, 'cifar-100-binary', 'train.bin'))
    for (let i = 0; i < 1000; i++)
      expect(raw.subarray(i * 3074 + 2, (i + 1) * 3074).equals(Buffer.from(dataset.train.x.subarray(i * 3072, (i + 1) * 3072)))).toBe(true)
    await verifyDataset(readWorkspace(place), 'cifar-100')
  }
)
