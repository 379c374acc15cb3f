// The small presets do what they promise, on the real data with the real backend.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLinalg, type Linalg } from '../../src/engine/linalg'
import { drawParameters } from '../../src/engine/nn/parameters'
import { randomStream } from '../../src/engine/random'
import { initialState, networkOf, train } from '../../src/engine/training'
import { presets } from '../../src/shared/spec/presets'
import { networkSpecSchema, type NetworkSpec } from '../../src/shared/spec/schema'
import { readWorkspace } from '../../src/store'
import { openDataset, prepareData } from '../../src/store/datasets'
import { memorySink } from '../unit/engine/training/memory-sink'

let linalg: Linalg
let workspace: string
beforeAll(async () => {
  linalg = await openLinalg()
  workspace = mkdtempSync(join(tmpdir(), 'saddlescope-presets-'))
})
afterAll(async () => {
  await linalg.dispose()
  rmSync(workspace, { recursive: true, force: true })
})

function specsOf(wanted: string): NetworkSpec[] {
  return (presets.find(({ name }) => name === wanted)?.specs ?? []).map((spec) => networkSpecSchema.parse(spec))
}

async function run(spec: NetworkSpec) {
  const data = await prepareData(await openDataset(readWorkspace(workspace), spec.data.dataset), spec.data, { seed: spec.seed, linalg })
  const { init } = spec.model
  if (init.kind !== 'fan-in-normal') throw new Error(`unexpected start ${init.kind}`)
  const weights = drawParameters(networkOf(spec, data), init, randomStream(spec.seed, 'init'))
  const sink = memorySink()
  const outcome = await train({ linalg }, { spec, state: initialState(spec, weights), sink }, data)
  expect(outcome.reason).toBe('budget')
  return sink
}

describe('presets on small digits', () => {
  test('sfn-mnist10: λ_min rises towards 0 and the index falls while the loss drops', async () => {
    const [spec] = specsOf('sfn-mnist10')
    const { lines, snapshots } = await run(spec)
    const number = (value: unknown) => (typeof value === 'number' ? value : NaN)
    const [first, last] = [lines[0], lines[lines.length - 1]]
    expect(first.loss).toBeGreaterThan(2.25)
    expect(last.loss).toBeLessThan(0.5)
    expect(number(first.lambdaMin)).toBeLessThan(-0.15)
    expect(number(last.lambdaMin)).toBeGreaterThan(-0.02)
    expect(number(last.lambdaMin)).toBeLessThan(0)
    expect(number(first.index)).toBeGreaterThan(0.2)
    expect(number(last.index)).toBeLessThan(0.1)
    expect(snapshots.map(({ step }) => step)).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40])
    for (const { blocks } of snapshots)
      for (const { checks } of blocks) for (const value of Object.values(checks)) expect(value ?? 1).toBeLessThan(1e-7)
  })

  test('face-off-mnist10: saddle-free Newton is lowest after the same number of steps, and the README has the figures', async () => {
    const finals: Record<string, number> = {}
    const readme = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8')
    for (const spec of specsOf('face-off-mnist10')) {
      const { lines } = await run({ ...spec, snapshots: { ...spec.snapshots, everySteps: null } })
      const last = lines[lines.length - 1]
      finals[spec.optimizer.kind] = last.loss
      const below = lines.find(({ loss }) => loss < 1)?.step
      const accuracy = `${(100 * Number(last.testAccuracy)).toFixed(1)} %`
      expect(readme).toContain(
        `| ${spec.name} | ${below === undefined ? 'not reached' : `step ${below}`} | ${last.loss.toPrecision(4)} | ${accuracy} |`
      )
    }
    expect(finals.sfn).toBeLessThan(Math.min(finals.gd, finals.momentum, finals.adam))
  })

  test('krylov-mnist10: gradient descent stalls at the saddle, twenty Lanczos vectors leave it', async () => {
    const finals: Record<string, number> = {}
    for (const spec of specsOf('krylov-mnist10')) {
      const { lines } = await run(spec)
      finals[spec.optimizer.kind] = lines[lines.length - 1].loss
    }
    expect(finals.gd).toBeGreaterThan(2.29)
    expect(finals['sfn-krylov']).toBeLessThan(0.1)
  })

  test('higher-order-softmax: orders 4 and 6 are at the minimum to rounding when the adapted second order is not', async () => {
    const last: Record<string, { loss: number; gradNorm: number }> = {}
    for (const spec of specsOf('higher-order-softmax')) {
      const { lines } = await run(spec)
      last[spec.name] = lines[lines.length - 1]
    }
    const best = last['Series Newton, order 6']
    for (const name of ['Series Newton, order 4', 'Series Newton, order 6']) {
      expect(last[name].gradNorm).toBeLessThan(1e-12)
      expect(Math.abs(last[name].loss - best.loss)).toBeLessThan(1e-13)
    }
    expect(last['Saddle-free Newton, adapted damping'].gradNorm).toBeGreaterThan(100 * best.gradNorm)
    for (const { loss } of Object.values(last)) expect(loss).toBeGreaterThan(best.loss - 1e-13)
  })

  test('higher-order-mnist10: both leave the saddle and are below where saddle-free Newton ends', async () => {
    const [first] = specsOf('sfn-mnist10')
    const sfn = (await run({ ...first, snapshots: { ...first.snapshots, everySteps: null } })).lines
    for (const spec of specsOf('higher-order-mnist10')) {
      const { lines } = await run({ ...spec, snapshots: { ...spec.snapshots, everySteps: null } })
      expect(lines[0].loss).toBe(sfn[0].loss)
      expect(lines[lines.length - 1].loss).toBeLessThan(sfn[sfn.length - 1].loss)
    }
  })
})
