// Estimates follow what was measured: the same spec's probe, a run that does the same, the nearest measurement of the optimizer; and what does not fit is said with both figures.
import { describe, expect, test } from 'vitest'
import {
  calibrationSchema,
  corrected,
  fromRun,
  measured,
  probeKey,
  stepKey,
  withPoint,
  type ProbeResult
} from '../../../../src/shared/run/calibration'
import { estimate, totalSeconds, workOf } from '../../../../src/shared/run/estimate'
import { fitWarnings } from '../../../../src/shared/run/fit'
import { checkSpec } from '../../../../src/shared/spec/check'
import type { RunSpec } from '../../../../src/shared/spec/schema'
import { applySettings } from '../../../../src/shared/spec/settings'

const input = { data: { inputs: 100, outputs: 10, trainCount: 1000, testCount: 2000 }, gflops: 10 }
async function spec(...settings: string[]): Promise<RunSpec> {
  const { spec: found, problems } = await checkSpec(
    applySettings(
      {
        schemaVersion: 1,
        name: 'net',
        data: { dataset: 'mnist10' },
        model: { layers: [100, 5, 10], activation: { kind: 'tanh' }, bias: true },
        loss: 'mse',
        optimizer: { kind: 'sfn' },
        budget: { steps: 40 },
        evaluate: { everySteps: 5 },
        snapshots: { everySteps: 4 }
      },
      settings
    )
  )
  if (!found) throw new Error(JSON.stringify(problems))
  return found
}

describe('counting', () => {
  test('steps, snapshots with the one of the start, evaluations with the one of the start', async () => {
    expect(estimate(await spec(), input)).toMatchObject({ parameters: 565, steps: 40, snapshots: 11, evaluations: 9 })
    expect(estimate(await spec('budget={"epochs":3}', 'batch.size=100', 'evaluate={"everyEpochs":1}'), input)).toMatchObject({
      steps: 30,
      evaluations: 4
    })
    expect(estimate(await spec('snapshots.maxBytes="300 kB"'), input).snapshots).toBeLessThan(4)
  })
  test('all together is steps, snapshots and evaluations; a budget of seconds caps the steps', async () => {
    const times = { secondsPerStep: 2, secondsPerSnapshot: 3, secondsPerEvaluation: 5, steps: 10, snapshots: 4, evaluations: 2 }
    expect(totalSeconds(await spec(), times)).toBe(20 + 12 + 10)
    expect(totalSeconds(await spec('budget.seconds=5'), times)).toBe(5 + (12 + 10) / 4)
    expect(totalSeconds(await spec(), { ...times, steps: null })).toBeNull()
    expect(totalSeconds(await spec(), { ...times, secondsPerSnapshot: null })).toBeNull()
  })
})

describe('correcting', () => {
  test('by the measurement nearest in work, within a factor of ten', async () => {
    const one = await spec()
    const { flops } = workOf(one, input)
    const found = estimate(one, input)
    const points = [
      { flops: flops * 4, factor: 9, parameters: 1 },
      { flops: flops / 2, factor: 3, parameters: 2 }
    ]
    const now = corrected(one, found, flops, { here: points }, 'here')
    expect(now.secondsPerStep).toBeCloseTo(3 * (found.secondsPerStep ?? 0), 12)
    expect(now.basis).toEqual({ kind: 'corrected', factor: 3, parameters: 2 })
    expect(corrected(one, found, flops * 400, { here: points }, 'here')).toBe(found)
    expect(corrected(one, found, flops, { here: points }, 'elsewhere')).toBe(found)
  })
  test('keeps eight measurements, the newer of two at the same work', () => {
    const filled = Array.from({ length: 12 }, (_, k) => 10 ** k).reduce(
      (all, flops) => withPoint(all, 'k', { flops, factor: 1, parameters: 1 }),
      {}
    )
    const once = withPoint(filled, 'k', { flops: 1.1e11, factor: 2, parameters: 1 })
    expect(calibrationSchema.parse(once).k).toHaveLength(8)
    expect(calibrationSchema.parse(once).k.at(-1)).toMatchObject({ factor: 2 })
    expect(calibrationSchema.parse(once).k.filter(({ flops }) => flops > 5e10)).toHaveLength(1)
  })
  test('by a run’s own figures', async () => {
    const one = await spec()
    const now = fromRun(one, estimate(one, input), { id: 'a', name: 'A', step: 50, seconds: 25 })
    expect(now).toMatchObject({ secondsPerStep: 0.5, basis: { kind: 'run', name: 'A', steps: 50 } })
  })
  test('by a probe, which leaves what it did not come to', async () => {
    const one = await spec()
    const probe: ProbeResult = {
      parameters: 565,
      backend: { kind: 'wasm', description: '', threads: 2 },
      prepareSeconds: 0,
      firstStepSeconds: 3,
      stepSeconds: 0.25,
      steps: 4,
      snapshotSeconds: null,
      evaluationSeconds: 0.5,
      peakBytes: 5e9,
      notes: []
    }
    const found = estimate(one, input)
    const now = measured(one, found, probe)
    expect(now).toMatchObject({
      secondsPerStep: 0.25,
      secondsPerEvaluation: 0.5,
      secondsPerSnapshot: found.secondsPerSnapshot,
      peakBytes: 5e9
    })
    expect(now.totalSeconds).toBeCloseTo(40 * 0.25 + 9 * 0.5 + 11 * (found.secondsPerSnapshot ?? 0), 9)
  })
})

test('specs do the same work when only names, rates, seeds and budgets differ', async () => {
  const one = await spec()
  const same = await spec(
    'name=x',
    'seed=4',
    'optimizer.learningRate=0.7',
    'optimizer.damping.value=3',
    'budget.steps=9',
    'snapshots.everySteps=2'
  )
  expect([stepKey(same), probeKey(same)]).toEqual([stepKey(one), probeKey(one)])
  for (const setting of [
    'model.layers.1=6',
    'batch.size=10',
    'optimizer.scope=layer-blocks',
    'optimizer.damping.adapt=best-of',
    'data.trainLimit=9'
  ])
    expect(stepKey(await spec(setting)), setting).not.toBe(stepKey(one))
  expect(probeKey(await spec('snapshots.hessian=true'))).not.toBe(probeKey(one))
})

test('what does not fit is said with what is needed and what there is', () => {
  const need = { peakBytes: 40e9, diskBytes: 6e9, totalSeconds: 4e8 }
  const there = { memoryBytes: 16e9, diskBytes: 10e9 }
  expect(fitWarnings([need], there).map(({ kind }) => kind)).toEqual(['memory', 'time'])
  expect(fitWarnings([need], there)[0].message).toMatch(/40\.0 GB.*16\.0 GB/)
  expect(fitWarnings([need], there)[1].message).toMatch(/12\.7 years/)
  // Disks fill up together, memory is taken one after the other.
  const two = fitWarnings([need, { ...need, peakBytes: 1 }], there)
  expect(two.find(({ kind }) => kind === 'disk')).toMatchObject({ needed: 12e9, available: 10e9 })
  expect(two.find(({ kind }) => kind === 'memory')).toMatchObject({ needed: 40e9 })
  expect(fitWarnings([{ ...need, peakBytes: 1, totalSeconds: null }], { ...there, diskBytes: null })).toEqual([])
})
