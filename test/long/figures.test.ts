// What a run tells beyond its training: validation figures, wall time and histograms, each held against the files beside it and recomputed by plain loops.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNpz, toFloat64 } from '../../src/shared/npy'
import { readWorkspace } from '../../src/store'
import { openDataset, type Dataset } from '../../src/store/datasets'
import {
  metricsOf,
  removeFolder,
  saddlescope,
  smallSpec,
  statusOf,
  temporaryFolder,
  trace,
  writeSpec
} from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const at = ['--workspace', join(folder, 'workspace')]
const runFolder = (id: string) => join(folder, 'workspace', 'runs', id)
const spec = smallSpec({
  data: { ...smallSpec().data, validation: 12 },
  batch: { size: null, shuffle: false },
  evaluate: { everySteps: 4, histograms: true },
  snapshots: { everySteps: null },
  checkpoints: { everySteps: 4, keep: 10 },
  budget: { steps: 12 }
})
const path = writeSpec(folder, spec)
/** Of 250 samples with seed 3, as test/reference/validation/make.py draws them. */
const apart = [1, 30, 44, 48, 109, 145, 148, 149, 163, 166, 198, 236]
const trained = Array.from({ length: 250 }, (_, row) => row).filter((row) => !apart.includes(row))
const testRows = Array.from({ length: 100 }, (_, row) => row)

let mnist: Dataset
beforeAll(async () => {
  mnist = await openDataset(readWorkspace(folder), 'mnist10')
  const { status, stderr } = await saddlescope('run', path, '--id', 'whole', ...at)
  expect(status, stderr).toBe(0)
})
afterAll(() => removeFolder(folder))

const jsonOf = <Value>(...parts: string[]) => JSON.parse(readFileSync(join(...parts), 'utf8')) as Value
const stepName = (step: number) => `step-${String(step).padStart(6, '0')}`
async function weightsOf(id: string, step: number): Promise<Record<string, Float64Array>> {
  const arrays = await parseNpz(readFileSync(join(runFolder(id), 'checkpoints', stepName(step), 'weights.npz')), 'weights.npz')
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, toFloat64(array)]))
}

/** Cross-entropy and accuracy of softmax(tanh(x W1 + b1) W2 + b2) over rows of a split, sample by sample. */
function recomputed(w: Record<string, Float64Array>, split: Dataset['train'], rows: readonly number[]) {
  let [loss, right] = [0, 0]
  for (const row of rows) {
    const hidden = [0, 1, 2].map((j) => {
      let sum = w.b1[j]
      for (let i = 0; i < 100; i++) sum += (split.x[row * 100 + i] / 256 - 0.5) * w.W1[i * 3 + j]
      return Math.tanh(sum)
    })
    const outputs = Array.from({ length: 10 }, (_, k) => hidden.reduce((sum, h, j) => sum + h * w.W2[j * 10 + k], w.b2[k]))
    const label = split.labels.fine?.[row] ?? -1
    loss += Math.log(outputs.reduce((sum, value) => sum + Math.exp(value), 0)) - outputs[label]
    if (outputs.indexOf(Math.max(...outputs)) === label) right++
  }
  return { loss: loss / rows.length, accuracy: right / rows.length }
}

describe('validation samples', () => {
  test('are those of the seed; their figures are those of the stored weights, beside the test figures', async () => {
    const lines = metricsOf(runFolder('whole'))
    const start = jsonOf<{ startEvaluation: Record<string, number> }>(runFolder('whole'), 'status.json').startEvaluation
    for (const [step, found] of [[0, start] as const, ...[4, 8, 12].map((step) => [step, lines[step - 1]] as const)]) {
      const weights = await weightsOf('whole', step)
      const held = recomputed(weights, mnist.train, apart)
      const tested = recomputed(weights, mnist.test as Dataset['train'], testRows)
      expect(found['valLoss']).toBeCloseTo(held.loss, 11)
      expect(found['valAccuracy']).toBe(held.accuracy)
      expect(found['testLoss']).toBeCloseTo(tested.loss, 11)
      expect(found['testAccuracy']).toBe(tested.accuracy)
    }
  })
  test('are trained on by nothing: the full batch, its epochs and the first batch of `hessian` are the others', async () => {
    const weights = await weightsOf('whole', 0)
    const { loss } = recomputed(weights, mnist.train, trained)
    const [first] = metricsOf(runFolder('whole'))
    expect(first['loss']).toBeCloseTo(loss, 11)
    expect(first['epoch']).toBe(1)
    const hessian = await saddlescope('hessian', path, '--out', join(folder, 'hessian'), '--scope', 'layer-blocks', '--json', ...at)
    expect(hessian.status, hessian.stderr).toBe(0)
    const gradient = readFileSync(join(folder, 'hessian', 'gradient.npy'))
    const entries = Array.from({ length: 343 }, (_, i) => gradient.readDoubleLE(gradient.length - 8 * (343 - i)))
    expect(Math.hypot(...entries)).toBeCloseTo(Number(first['gradNorm']), 11)
  })
  test('are in the figures of the list, in `show`, in filters, and in the log', async () => {
    const lines = metricsOf(runFolder('whole')).filter((line) => line['valAccuracy'] !== undefined)
    const best = Math.max(...lines.map((line) => Number(line['valAccuracy'])))
    const runs = await saddlescope('runs', '--json', '--filter', `bestValAccuracy=${best} valLoss=${lines.at(-1)?.['valLoss']}`, ...at)
    expect(JSON.parse(runs.stdout)).toMatchObject([
      {
        id: 'whole',
        lastValLoss: lines.at(-1)?.['valLoss'],
        lastValAccuracy: lines.at(-1)?.['valAccuracy'],
        bestValAccuracy: best,
        bestValAccuracyStep: lines.find((line) => line['valAccuracy'] === best)?.['step']
      }
    ])
    const shown = await saddlescope('show', 'whole', ...at)
    const chosen = lines.find((line) => line['valAccuracy'] === best)
    expect(shown.stdout).toContain(
      `; ${(100 * Number(chosen?.['testAccuracy'])).toFixed(2)} % at the best validation accuracy, step ${chosen?.['step']}`
    )
    expect(shown.stdout).toMatch(/^validation +loss \d.*, accuracy \d+\.\d\d % \(best at step \d+\)$/m)
    expect(shown.stdout).toMatch(/^steps +12 of 12, .* s of steps, .* s in all$/m)
    expect(shown.stdout).toContain('data.validation: 12 of 250 training samples are split off')
  })
  test('make runs comparable only with runs that train on the same samples', async () => {
    const hash = async (id: string, ...settings: string[]) => {
      const words = [...settings, 'budget.steps=1'].flatMap((setting) => ['--set', setting])
      expect((await saddlescope('run', path, '--id', id, ...words, ...at)).status).toBe(0)
      return jsonOf<{ hashes: { batches: string } }>(runFolder(id), 'meta.json').hashes.batches
    }
    const [same, seed, none, fewer] = [
      await hash('same', 'optimizer.kind=gd'),
      await hash('seed', 'seed=4'),
      await hash('none', 'data.validation=null', 'data.trainLimit=238'),
      await hash('fewer', 'data.validation=11')
    ]
    expect(jsonOf<{ hashes: { batches: string } }>(runFolder('whole'), 'meta.json').hashes.batches).toBe(same)
    expect(new Set([same, seed, none, fewer]).size).toBe(4)
  })
  test('of a table given by its path', async () => {
    const table = join(folder, 'points.csv')
    writeFileSync(table, Array.from({ length: 20 }, (_, k) => `${k / 10},${(k * 7) % 5},${k % 2 === 0 ? 'even' : 'odd'}\n`).join(''))
    const model = { layers: [2, 2], activation: { kind: 'tanh' } }
    const points = writeSpec(folder, { ...spec, data: { dataset: { path: table }, validation: 0.25 }, model }, 'points.json')
    const run = await saddlescope('run', points, '--id', 'points', '--set', 'budget.steps=4', ...at)
    expect(run.status, run.stderr).toBe(0)
    expect(run.stderr).toContain('data.validation: 5 of 20 training samples are split off')
    // 15 samples of 20 are an epoch; five tell the accuracy in fifths.
    const line = metricsOf(runFolder('points'))[3]
    expect(line['epoch']).toBe(4)
    expect(Number(line['valAccuracy']) * 5).toBeCloseTo(Math.round(Number(line['valAccuracy']) * 5), 12)
    const all = await saddlescope('run', points, '--id', 'all', '--set', 'data.validation=20', ...at)
    expect(all.status).toBe(2)
    expect(all.stderr).toContain(
      'data.validation: must be a fraction or a count that gives 1 to 19: of 20 training samples, 20 splits off 20'
    )
  })
  test('that leave nothing are refused before a run is made; a spec changed by hand is not resumed', async () => {
    const refused = await saddlescope('run', path, '--id', 'refused', '--set', 'data.validation=250', ...at)
    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/^data\.validation: must be a fraction or a count that gives 1 to 249: of 250 training samples/m)
    expect((await saddlescope('run', path, '--id', 'changed', '--set', 'budget.steps=4', ...at)).status).toBe(0)
    const file = join(runFolder('changed'), 'spec.json')
    for (const validation of [null, 13]) {
      const stored = jsonOf<typeof spec>(file)
      writeFileSync(file, JSON.stringify({ ...stored, data: { ...stored.data, validation } }))
      const resumed = await saddlescope('resume', 'changed', '--set', 'budget.steps=8', ...at)
      expect(resumed.status).toBe(2)
      expect(resumed.stderr).toContain('data: trainLimit, validation, batch or seed are not what this run was trained with')
    }
  })
})

describe('a run in parts', () => {
  test('has the bytes of one in one piece, histograms and validation figures included; its wall time goes on', async () => {
    expect((await saddlescope('run', path, '--id', 'parts', '--set', 'budget.steps=5', ...at)).status).toBe(0)
    const before = statusOf(runFolder('parts'))
    const stored = jsonOf<{ wallSeconds: number }>(runFolder('parts'), 'checkpoints', stepName(5), 'state.json')
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const resumed = await saddlescope('resume', 'parts', '--set', 'budget.steps=12', '--json', ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    for (const id of ['parts', 'whole'] as const) {
      const histograms = readFileSync(join(runFolder(id), 'histograms.ndjson'), 'utf8')
      expect(histograms).toBe(readFileSync(join(runFolder('whole'), 'histograms.ndjson'), 'utf8'))
    }
    expect(trace(runFolder('parts')).metrics).toBe(trace(runFolder('whole')).metrics)

    const lines = metricsOf(runFolder('parts'))
    const wall = lines.map((line) => Number(line['wallSeconds']))
    const status = statusOf(runFolder('parts'))
    wall.forEach((seconds, k) => {
      expect(seconds).toBeGreaterThanOrEqual(Math.max(Number(lines[k]['seconds']), wall[k - 1] ?? 0))
    })
    expect(Number(before['wallSeconds'])).toBeGreaterThanOrEqual(stored.wallSeconds)
    expect(stored.wallSeconds).toBeGreaterThanOrEqual(wall[4])
    // From the checkpoint's wall time on: what was between the two processes is not in it.
    const own = Number(status['wallSeconds']) - stored.wallSeconds
    expect(own).toBeGreaterThan(Number(status['seconds']) - Number(lines[4]['seconds']))
    expect(wall[5]).toBeGreaterThan(stored.wallSeconds)
    expect(Number(status['wallSeconds'])).toBeGreaterThanOrEqual(wall[11])
    const end = JSON.parse(resumed.stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, number>
    expect(end).toMatchObject({ event: 'end', seconds: status['seconds'], wallSeconds: status['wallSeconds'] })
    expect(
      jsonOf<Record<string, number>>(runFolder('parts'), 'checkpoints', stepName(12), 'state.json')['wallSeconds']
    ).toBeGreaterThanOrEqual(wall[11])
  })
  test('that began before wall time was counted goes on without it', async () => {
    expect((await saddlescope('run', path, '--id', 'older', '--set', 'budget.steps=4', ...at)).status).toBe(0)
    const place = join(runFolder('older'), 'checkpoints', stepName(4), 'state.json')
    const { wallSeconds: _, ...state } = jsonOf<Record<string, unknown>>(place)
    writeFileSync(place, JSON.stringify(state))
    const resumed = await saddlescope('resume', 'older', '--set', 'budget.steps=6', ...at)
    expect(resumed.status, resumed.stderr).toBe(0)
    expect(metricsOf(runFolder('older')).map((line) => 'wallSeconds' in line)).toEqual([true, true, true, true, false, false])
    expect(statusOf(runFolder('older'))['wallSeconds']).toBeNull()
    const shown = await saddlescope('show', 'older', ...at)
    expect(shown.stdout).toMatch(/^steps +6 of 6, .* s of steps$/m)
  })
})

describe('histograms', () => {
  test('hold every entry of the stored weights once, and gradients of the norm in the line of their step', async () => {
    type Found = { count: number; from: number; to: number; counts: number[]; min: number; max: number; mean: number; std: number }
    const lines = readFileSync(join(runFolder('whole'), 'histograms.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: number; layers: Record<string, { weights: Found; gradients: Found | null }> })
    expect(lines.map(({ step }) => step)).toEqual([0, 4, 8, 12])
    const metrics = metricsOf(runFolder('whole'))
    for (const { step, layers } of lines) {
      const weights = await weightsOf('whole', step)
      expect(Object.keys(layers)).toEqual(['W1', 'b1', 'W2', 'b2'])
      let squares = 0
      for (const [name, { weights: found, gradients }] of Object.entries(layers)) {
        const entries = [...weights[name]]
        const counts = Array<number>(64).fill(0)
        for (const entry of entries) counts[Math.min(63, Math.floor((64 * (entry - found.from)) / (found.to - found.from)))]++
        expect(found.counts).toEqual(counts)
        expect([found.count, found.min, found.max]).toEqual([entries.length, Math.min(...entries), Math.max(...entries)])
        expect(found.counts.reduce((sum, count) => sum + count, 0)).toBe(entries.length)
        if (gradients) squares += gradients.count * (gradients.mean ** 2 + gradients.std ** 2)
        expect(gradients === null).toBe(step === 0)
      }
      if (step > 0) expect(Math.sqrt(squares)).toBeCloseTo(Number(metrics[step - 1]['gradNorm']), 11)
    }
  })
})
