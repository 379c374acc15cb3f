// Estimates count parameters exactly and bytes as the files and matrices come.
import { expect, test } from 'vitest'
import { checkSpec } from '../../../../src/shared/spec/check'
import { histogramLine } from '../../../../src/engine/training/histograms'
import { blockShapes, layerArrays, layerBlocks, parameterCount } from '../../../../src/shared/model/layout'
import { snapshotBytes } from '../../../../src/shared/run/snapshot-size'
import { parseBytes } from '../../../../src/shared/format/bytes'
import { estimate } from '../../../../src/shared/run/estimate'
import { applySettings } from '../../../../src/shared/spec/settings'

const spec = {
  schemaVersion: 1,
  name: 'net',
  data: { dataset: 'x' },
  model: { layers: [50, 50, 100], activation: { kind: 'tanh' } },
  loss: 'half-sse',
  batch: { size: 50 },
  optimizer: { kind: 'sfn' },
  budget: { epochs: 2 }
}
const data = { inputs: 50, outputs: 100, trainCount: 1010, testCount: 0 }

async function estimated(...settings: string[]) {
  const checked = await checkSpec(applySettings(spec, settings))
  if (!checked.spec) throw new Error(JSON.stringify(checked.problems))
  return estimate(checked.spec, { data, gflops: 10 })
}

test('counts parameters and blocks', () => {
  expect(parameterCount(layerBlocks([50, 50, 100], false))).toBe(7500)
  expect(parameterCount(layerBlocks([3, 4, 5], true))).toBe(4 * 4 + 5 * 5)
  expect(blockShapes(layerBlocks([50, 50, 100], false), 'layer-blocks').map(({ size }) => size)).toEqual([2500, 5000])
  expect(blockShapes(layerBlocks([3, 4, 5], true), 'unit-blocks')).toEqual([
    { name: 'W1', offset: 0, size: 16, units: 1 },
    { name: 'W2', offset: 16, size: 5, units: 5 }
  ])
  expect(blockShapes(layerBlocks([3, 4], false), 'full')).toEqual([{ name: 'full', offset: 0, size: 12, units: 1 }])
})

test('an epoch counts its shorter last batch; the smaller budget decides', async () => {
  expect((await estimated()).steps).toBe(42)
  expect((await estimated('budget.steps=10')).steps).toBe(10)
})

test('a full Hessian needs more memory than layer blocks, those more than first order', async () => {
  const [full, layers, first] = await Promise.all([
    estimated(),
    estimated('optimizer.scope=layer-blocks'),
    estimated('optimizer.kind=adam')
  ])
  expect(full.peakBytes).toBeGreaterThan(3 * 7500 ** 2 * 8)
  expect(layers.peakBytes).toBeLessThan(full.peakBytes)
  expect(first.peakBytes).toBeLessThan(180e6)
  expect(full.secondsPerStep).toBeGreaterThan(layers.secondsPerStep ?? 0)
})

test('stored matrices dominate the disk until the budget caps them', async () => {
  const stored = await estimated('snapshots.everySteps=50', 'snapshots.hessian=true')
  expect(stored.diskBytes).toBeGreaterThan(7500 ** 2 * 8)
  const capped = await estimated('snapshots.everySteps=1', 'snapshots.hessian=true', 'snapshots.maxBytes="1 MB"')
  expect(capped.diskBytes).toBeLessThan(2e6)
})

test.each([
  ['float64', 8, 7 / 6],
  ['float32', 4, 4 / 3]
])('a stored %s matrix takes its overview beside it', async (precision, width, share) => {
  const settings = ['snapshots.hessian=true', `snapshots.precision=${precision}`, 'snapshots.eigenvectors=0', 'snapshots.maxBytes="1 TB"']
  const [without, stored] = [await estimated(...settings), await estimated(...settings, 'snapshots.everySteps=21')]
  // Steps 0, 21 and 42; the pyramid of halved levels sums to a third of the entries, in floats whatever the matrix is in.
  expect((stored.diskBytes - without.diskBytes) / (3 * 7500 ** 2 * width)).toBeCloseTo(share, 2)
})

test('the estimate of a run with snapshots is the model of its files', async () => {
  const checked = await checkSpec(applySettings(spec, ['snapshots.everySteps=21', 'snapshots.hessian=true', 'optimizer.kind=adam']))
  if (!checked.spec) throw new Error('refused')
  const each = snapshotBytes(checked.spec, layerBlocks([50, 50, 100], false), 'layer-blocks')
  const [with3, without] = [checked.spec, { ...checked.spec, snapshots: { ...checked.spec.snapshots, everySteps: null } }].map((one) =>
    estimate(one, { data })
  )
  expect(with3.diskBytes - without.diskBytes).toBe(3 * each)
})

test('sizes', () => {
  expect(parseBytes('20 GB')).toBe(20e9)
  expect(parseBytes('1.5kB')).toBe(1500)
  expect(() => parseBytes('x')).toThrow('not a size')
})

test('histograms are counted by their lines, within a factor of two', async () => {
  const asking = ['evaluate.everySteps=10', 'evaluate.histograms=true']
  const [without, asked] = [await estimated('evaluate.everySteps=10'), await estimated(...asking)]
  // Steps 0, 10, 20, 30 and 40.
  const arrays = layerArrays(layerBlocks([50, 50, 100], false), false)
  const values = Float64Array.from({ length: 7500 }, (_, i) => Math.sin(i * i))
  const bytes = 5 * JSON.stringify(histogramLine(10, arrays, values, values.map(Math.cos))).length
  const counted = asked.diskBytes - without.diskBytes
  expect(counted).toBeGreaterThan(bytes / 2)
  expect(counted).toBeLessThan(bytes * 2)
})

test('samples split off for validation take memory, and no steps', async () => {
  const apart = async (trainCount: number, validationCount: number) => {
    const { spec: checked } = await checkSpec(spec)
    return checked && estimate(checked, { data: { ...data, trainCount, validationCount } })
  }
  const [whole, split] = [await apart(1010, 0), await apart(810, 200)]
  expect([whole?.steps, split?.steps]).toEqual([42, 34])
  expect(split?.peakBytes).toBe(whole?.peakBytes)
})
