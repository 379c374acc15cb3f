// Weight decay by --set on the command line: what lines, gradient and Hessian hold of it, a resumed run, an evaluation without it, and the refusal of fd-newton.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseNpy, parseNpz, toFloat64 } from '../../../src/shared/npy'
import { metricsOf, removeFolder, saddlescope, smallSpec, temporaryFolder, trace, writeSpec } from './saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const spec = writeSpec(folder, smallSpec({ budget: { steps: 12 } }))
const decay = ['--set', 'regularization.l2=0.01']
const P = 100 * 3 + 3 + 3 * 10 + 10
afterAll(() => removeFolder(folder))

const called = async (...args: string[]) => {
  const { status, stdout, stderr } = await saddlescope(...args)
  expect(status, stderr).toBe(0)
  return stdout
}
const array = (name: string, file: string) => {
  const path = join(folder, name, file)
  return toFloat64(parseNpy(readFileSync(path), path))
}

/** The weights of a checkpoint as one vector: W1, b1, W2, b2. */
async function weights(id: string): Promise<Float64Array> {
  const path = join(workspace, 'runs', id, 'checkpoints', 'step-000000', 'weights.npz')
  const arrays = await parseNpz(readFileSync(path), path)
  return Float64Array.from(['W1', 'b1', 'W2', 'b2'].flatMap((name) => [...toFloat64(arrays[name])]))
}

test('the first batch’s gradient is l2·w larger, its Hessian l2·I, each eigenvalue l2', async () => {
  await called('hessian', spec, '--out', join(folder, 'plain'), ...at)
  await called('hessian', spec, '--out', join(folder, 'decayed'), '--repeat', '2', ...decay, ...at)
  const [h, plain] = [array('decayed', 'hessian.npy'), array('plain', 'hessian.npy')]
  let worst = 0
  for (let e = 0; e < P * P; e++) worst = Math.max(worst, Math.abs(h[e] - plain[e] - (e % (P + 1) === 0 ? 0.01 : 0)))
  expect(worst).toBeLessThan(1e-15)
  const values = array('plain', 'eigenvalues.full.npy')
  array('decayed', 'eigenvalues.full.npy').forEach((value, k) => expect(value).toBeCloseTo(values[k] + 0.01, 12))
  await called('run', spec, '--id', 'start', '--set', 'budget.steps=1', ...at)
  const w = await weights('start')
  const g = array('plain', 'gradient.npy')
  expect(w).toHaveLength(P)
  array('decayed', 'gradient.npy').forEach((value, k) => expect(value).toBeCloseTo(g[k] + 0.01 * w[k], 14))
})

test('a run says how much of its loss it is; stopped and resumed it has the same bits', async () => {
  await called('run', spec, '--id', 'whole', ...decay, ...at)
  await called('run', spec, '--id', 'parts', ...decay, '--set', 'budget.steps=5', ...at)
  await called('resume', 'parts', '--set', 'budget.steps=12', ...at)
  const [whole, parts] = ['whole', 'parts'].map((id) => trace(join(workspace, 'runs', id)))
  expect(parts.metrics).toBe(whole.metrics)
  const last = 'checkpoints/step-000012/weights.npz'
  expect(whole[last]).toBeDefined()
  expect(parts[last]).toBe(whole[last])
  const [line] = metricsOf(join(workspace, 'runs', 'whole'))
  const w = await weights('whole')
  expect(line.penalty).toBeCloseTo(0.005 * w.reduce((sum, x) => sum + x * x, 0), 12)
  const [before] = metricsOf(join(workspace, 'runs', 'start'))
  expect(Number(line.loss) - Number(line.penalty)).toBeCloseTo(Number(before.loss), 12)
})

test('fd-newton and fd-sweep refuse it in one sentence', async () => {
  const net = ['--set', 'optimizer.kind=fd-newton', '--set', 'loss=half-sse', '--set', 'model.activation.kind=identity']
  const { status, stdout, stderr } = await saddlescope('run', spec, ...net, ...decay, ...at)
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stderr).toMatch(/regularization\.l2: must be 0 with optimizer fd-newton .*, got 0\.01/)
  const swept = await saddlescope('fd-sweep', spec, '--set', 'loss=half-sse', ...decay, ...at)
  expect(swept.status).toBe(1)
  expect(swept.stderr).toMatch(/fd-sweep: regularization\.l2 must be 0/)
})
