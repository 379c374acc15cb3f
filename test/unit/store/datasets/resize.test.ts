// Pictures of CIFAR-10 in its binary layout, installed and made small and grey on the way to the net.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkSpec } from '../../../../src/shared/spec/check'
import { dauphinNewton } from '../../../../src/shared/spec/dauphin'
import type { NetworkSpec } from '../../../../src/shared/spec/schema'
import type { Workspace } from '../../../../src/store'
import { checkModelAgainstData, importDataset, openDataset, prepareData } from '../../../../src/store/datasets'
import { openPlain } from '../../../reference/linalg/plain'
import { temporaryWorkspace } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
const perFile = 6
const pixel = (sample: number, k: number) => (sample * 31 + k * 7 + (k >> 5) * 13) % 256

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  const folder = join(workspace.folder, 'cifar-10-batches-bin')
  await mkdir(folder)
  const names = ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin', 'test_batch.bin']
  for (const [file, name] of names.entries()) {
    const bytes = new Uint8Array(perFile * 3073)
    for (let n = 0; n < perFile; n++) {
      bytes[n * 3073] = (file * perFile + n) % 10
      for (let k = 0; k < 3072; k++) bytes[n * 3073 + 1 + k] = pixel(file * perFile + n, k)
    }
    await writeFile(join(folder, name), bytes)
  }
  await writeFile(
    join(folder, 'batches.meta.txt'),
    ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'].join('\n')
  )
  await importDataset(workspace, folder)
})
afterAll(() => remove())

for (const data of ['cifar10-grey', 'cifar10-colour'] as const)
  test(`${data}: inputs are the area averages of the pictures' own bytes, and the net fits them`, async () => {
    const net = { data, hidden: 5, activation: 'tanh', samples: 20, seed: 1 } as const
    const { spec, problems } = await checkSpec(dauphinNewton(net, 'sfn', 1))
    expect(problems).toEqual([])
    const dataset = await openDataset(workspace, 'cifar-10')
    const network = spec as NetworkSpec
    expect(checkModelAgainstData(network, dataset.manifest)).toEqual([])
    const { train, test: tested } = await prepareData(dataset, network.data, { seed: 1, linalg: openPlain() })
    const width = data === 'cifar10-grey' ? 100 : 300
    expect([train.inputs.rows, train.inputs.columns, tested?.inputs.rows]).toEqual([20, width, perFile])
    for (const [sample, place] of [
      [0, 0],
      [7, 57],
      [19, 99]
    ]) {
      const [v, u] = [Math.floor(place / 10), place % 10]
      const channels = [0, 1, 2].map((channel) => {
        let sum = 0
        for (let i = 0; i < 16; i++)
          for (let j = 0; j < 16; j++)
            sum += pixel(sample, channel * 1024 + Math.floor((16 * v + i) / 5) * 32 + Math.floor((16 * u + j) / 5))
        return sum / 256 / 256
      })
      const expected = data === 'cifar10-grey' ? [0.299 * channels[0] + 0.587 * channels[1] + 0.114 * channels[2]] : channels
      expected.forEach((value, channel) => expect(train.inputs.data[sample * width + channel * 100 + place]).toBeCloseTo(value, 10))
    }
  })

test('a net of another width is refused by the width that the transforms give', async () => {
  const { spec } = await checkSpec(dauphinNewton({ data: 'cifar10-colour', hidden: 5, activation: 'tanh', samples: 20, seed: 1 }, 'sfn', 1))
  const network = spec as NetworkSpec
  const { manifest } = await openDataset(workspace, 'cifar-10')
  const wrong = { ...network, model: { ...network.model, layers: [100, 5, 10] } }
  expect(checkModelAgainstData(wrong, manifest)[0].message).toContain('gives 300 inputs after its transforms')
  const grey = await checkSpec({ ...wrong, data: { ...wrong.data, transforms: [{ kind: 'resize', height: 9, width: 9, colour: 'grey' }] } })
  expect(grey.problems).toEqual([{ path: 'model.layers.0', message: 'must be 81, the width that data.transforms give (or null), got 100' }])
})
