import { it } from 'vitest'
import { criticalPoint, noisyStart } from '../../../src/engine/analyses/critical-points'
import { openLinalg } from '../../../src/engine/linalg'
import { openFirstBatch } from '../../../src/engine-process/first-batch'
import { executeRun } from '../../../src/engine-process/execute-run'
import { checkSpec } from '../../../src/shared/spec/check'
import { createRun, openWorkspace } from '../../../src/store'
import { randomStream } from '../../../src/engine/random'
import { mkdtempSync } from 'node:fs'

it('experiment', async () => {
  const ws = await openWorkspace(mkdtempSync('/tmp/ws-'))
  const variant = process.env.VARIANT ?? 'ce'
  const { spec, problems } = await checkSpec({
    schemaVersion: 1, name: 'x', seed: 1,
    data: { dataset: 'mnist10', trainLimit: Number(process.env.N ?? 1000), testLimit: 1, transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
    model: { layers: [100, 5, 10], activation: { kind: process.env.ACT ?? 'tanh' }, outputActivation: variant === 'ce' ? null : {kind: 'identity'}, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: variant === 'ce' ? 'softmax-cross-entropy' : 'mse',
    optimizer: { kind: 'sfn', learningRate: 1, damping: { kind: 'shifted-abs', adapt: 'best-of' } },
    budget: { steps: Number(process.env.STEPS ?? 30) }, checkpoints: { everySteps: 5, keep: 100 }, snapshots: {everySteps: null}
  })
  if (!spec) throw new Error(JSON.stringify(problems))
  await createRun(ws, spec, { id: 'a' })
  const t0 = process.cpuUsage()
  const r = await executeRun(ws, 'a', { onEvent: (e) => { if (e.kind === 'step' && (e.line.step % 5 === 0 || e.line.step === 1)) console.log(e.line.step, e.line.loss, e.line.gradNorm, JSON.stringify(e.line.lambdaMin), JSON.stringify(e.line.index), e.line.damping) } })
  const cpu = (t: NodeJS.CpuUsage) => { const c = process.cpuUsage(t); return ((c.user + c.system) / 1e6).toFixed(1) }
  console.log('run', r.state, 'cpu', cpu(t0))
  const linalg = await openLinalg()
  for (const step of [0,5,10,30]) for (const amp of [0, 0.3]) {
    const { objective, parameters } = await openFirstBatch(ws, linalg, spec, { at: { run: 'a', step } })
    const t = process.cpuUsage(); const w = performance.now()
    for (const cutoff of [1e-8]) {
    const p = await criticalPoint(linalg, objective, noisyStart(parameters, amp, randomStream(step, 'n' + amp)), { tolerance: 1e-8, iterations: 100, cutoff })
    console.log(step, amp, cutoff, p.outcome, 'it', p.iterations, 'loss', p.loss.toPrecision(5), '|g|', p.gradNorm.toExponential(2), 'flat', (p.flatness / p.largest).toExponential(2), 'index', p.index.toFixed(4), 'zero', p.zero, 'max', p.largest.toPrecision(3), 'cpu', cpu(t), 'wall', ((performance.now() - w) / 1000).toFixed(1))
    }
  }
  await linalg.dispose()
}, 1e6)
