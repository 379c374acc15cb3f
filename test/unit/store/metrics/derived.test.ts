// Derived columns: against the same figures computed directly from the lines.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRun, metricsService, updateMeta, updateStatus, type Workspace } from '../../../../src/store'
import { openManifest } from '../../../../src/store/datasets'
import { temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterAll(() => remove())

const samples = 103
const size = 20
/** Samples of the batches of one epoch, counted out by hand: the last has three. */
const batches = [20, 20, 20, 20, 20, 3]

function lineOf(step: number, rate = 0.1) {
  const seen = Math.floor((step - 1) / 6) * samples + batches.slice(0, ((step - 1) % 6) + 1).reduce((sum, one) => sum + one, 0)
  return {
    step,
    epoch: seen / samples,
    seconds: step,
    loss: 7 + Math.sin(step),
    gradNorm: 1,
    stepNorm: 1,
    learningRate: rate * 0.9 ** step,
    predictedDecrease: 1 / step,
    actualDecrease: -2 / step
  }
}
const lines = Array.from({ length: 40 }, (_, k) => lineOf(k + 1))

async function run(
  id: string,
  overrides: Record<string, unknown>,
  status: { trainingSamples: number | null },
  written: readonly object[] = lines
) {
  await createRun(workspace, testSpec({ batch: { size }, ...overrides }), { id })
  await updateStatus(workspace, id, status)
  await mkdir(join(workspace.folder, 'runs', id), { recursive: true })
  await writeFile(join(workspace.folder, 'runs', id, 'metrics.ndjson'), written.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
const derived = ['lossPerSample', 'predictedDecreasePerSample', 'actualDecreasePerSample', 'learningRateTime'] as const
const read = (id: string, more: object = {}) => metricsService(workspace).read(id, { columns: [...derived, 'loss'], ...more })

describe('per sample', () => {
  it("divides half-sse by the samples of each step's batch, a shorter last one too", async () => {
    await run('sum', {}, { trainingSamples: samples })
    const table = await read('sum')
    expect([...table.columns.lossPerSample]).toEqual(lines.map(({ loss }, k) => loss / batches[k % 6]))
    expect([...table.columns.predictedDecreasePerSample]).toEqual(lines.map((line, k) => line.predictedDecrease / batches[k % 6]))
    expect([...table.columns.actualDecreasePerSample]).toEqual(lines.map((line, k) => line.actualDecrease / batches[k % 6]))
    expect([...table.columns.loss]).toEqual(lines.map(({ loss }) => loss))
    expect(table.available).toEqual(expect.arrayContaining([...derived]))
  })

  it('divides a full batch by all samples, and one larger than the data too', async () => {
    for (const [id, batch] of [
      ['full', null],
      ['larger', 500]
    ] as const) {
      await run(id, { batch: { size: batch } }, { trainingSamples: samples })
      expect([...(await read(id)).columns.lossPerSample]).toEqual(lines.map(({ loss }) => loss / samples))
    }
  })

  it('leaves means as they are, whatever is known of the samples', async () => {
    for (const loss of ['mse', 'softmax-cross-entropy']) {
      await run(loss, { loss }, { trainingSamples: null })
      expect([...(await read(loss)).columns.lossPerSample]).toEqual(lines.map((line) => line.loss))
    }
  })

  it("finds an older run's samples by its first line's epoch", async () => {
    await run('older', {}, { trainingSamples: null })
    expect([...(await read('older')).columns.lossPerSample]).toEqual(lines.map(({ loss }, k) => loss / batches[k % 6]))
  })

  it("finds an older full batch's samples in the manifest of the very data it was trained on, and nowhere else", async () => {
    const manifest = await openManifest(workspace, 'xor')
    await run(
      'manifest',
      { batch: { size: null } },
      { trainingSamples: null },
      lines.map((line) => ({ ...line, epoch: line.step }))
    )
    expect((await read('manifest')).columns.lossPerSample).toBeUndefined()
    expect((await read('manifest')).available).not.toContain('lossPerSample')
    expect((await read('manifest')).available).toContain('learningRateTime')
    const hashes = { weights: null, projection: null, batches: null }
    await updateMeta(workspace, 'manifest', { hashes: { ...hashes, dataset: manifest.fingerprint } })
    expect([...(await read('manifest')).columns.lossPerSample]).toEqual(lines.map(({ loss }) => loss / manifest.counts.train))
    await updateMeta(workspace, 'manifest', { hashes: { ...hashes, dataset: '0'.repeat(64) } })
    expect((await read('manifest')).columns.lossPerSample).toBeUndefined()
  })

  it('is thinned and smoothed as the column it is, of all its steps', async () => {
    await run('thin', {}, { trainingSamples: samples })
    const whole = await read('thin', { smooth: 0.9 })
    const thin = await read('thin', { smooth: 0.9, pixels: 5, columns: ['lossPerSample'] })
    expect(thin.steps.length).toBeLessThan(lines.length)
    for (const [k, step] of thin.steps.entries()) {
      expect(thin.columns.lossPerSample[k]).toBe(whole.columns.lossPerSample[step - 1])
      expect(thin.smoothed.lossPerSample[k]).toBe(whole.smoothed.lossPerSample[step - 1])
    }
    expect(Math.max(...thin.columns.lossPerSample)).toBe(Math.max(...whole.columns.lossPerSample))
  })
})

describe('η·t', () => {
  it('is the running sum of the learning rates', async () => {
    await run('rates', {}, { trainingSamples: samples })
    const { learningRateTime } = (await read('rates')).columns
    let sum = 0
    for (const [k, line] of lines.entries()) {
      sum += line.learningRate
      expect(learningRateTime[k]).toBe(sum)
    }
  })

  it('goes on over steps without a line where the rate is the same on both sides, and says nothing where it is not', async () => {
    const constant = lines.map((line) => ({ ...line, learningRate: 0.5 }))
    await run('gap', {}, { trainingSamples: samples }, [...constant.slice(0, 3), ...constant.slice(5, 8)])
    expect([...(await read('gap')).columns.learningRateTime]).toEqual([0.5, 1, 1.5, NaN, NaN, 3, 3.5, 4])
    await run('scheduled', {}, { trainingSamples: samples }, [...lines.slice(0, 3), ...lines.slice(5, 8)])
    const sums = (await read('scheduled')).columns.learningRateTime
    expect(sums[2]).toBeGreaterThan(0)
    expect(Array.from(sums.subarray(3))).toEqual([NaN, NaN, NaN, NaN, NaN])
  })
})

it('no line of metrics.ndjson is changed by asking', async () => {
  await run('file', {}, { trainingSamples: samples })
  const path = join(workspace.folder, 'runs', 'file', 'metrics.ndjson')
  const before = await readFile(path, 'utf8')
  await read('file')
  expect(await readFile(path, 'utf8')).toBe(before)
  expect(before).not.toContain('PerSample')
})
