// Networks that PyTorch made, on the command line: looked at, imported, and what hessian, analyse and resume make of them, against torch's own figures.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parseNpy, parseNpz, toFloat64 } from '../../../src/shared/npy'
import { metricsOf, removeFolder, saddlescope, statusOf, temporaryFolder } from './saddlescope'

const reference = join(import.meta.dirname, '..', '..', 'reference', 'models')
const net = (name: string) => join(reference, 'nets', name)
const { nets } = JSON.parse(readFileSync(join(reference, 'nets.json'), 'utf8')) as { nets: { file: string; expected: number }[] }
const expected = (file: string) => nets.find((one) => one.file === file)?.expected ?? NaN

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const run = (id: string) => join(workspace, 'runs', id)
afterAll(() => removeFolder(folder))

const called = async (...args: string[]) => {
  const { status, stdout, stderr } = await saddlescope(...args)
  expect(status, stderr).toBe(0)
  return { stdout, stderr }
}

test('inspect shows layers and a spec with "?" for what the file does not say', async () => {
  const { stdout } = await called('inspect', net('net-09.safetensors'), '--json')
  const found = JSON.parse(stdout) as Record<string, unknown> & { spec: { model: Record<string, unknown>; loss: string } }
  expect(found).toMatchObject({
    format: 'safetensors',
    widths: [4, 6, 5, 3],
    bias: true,
    parameters: 83,
    asked: ['activation', 'outputActivation', 'loss'],
    orders: [['0.weight', '2.weight', '4.weight']]
  })
  expect((found.layers as unknown[])[1]).toEqual({
    weight: '2.weight',
    bias: '2.bias',
    inputs: 6,
    outputs: 5,
    type: 'f32',
    transposed: true,
    activation: null
  })
  expect(found.spec.model).toMatchObject({ layers: [4, 6, 5, 3], activation: '?', outputActivation: '?', bias: true })
  expect(found.spec.loss).toBe('?')
  const plain = await called('inspect', net('net-04.onnx'))
  expect(plain.stderr).toMatch(/net-04\.onnx: onnx, .*; 4 → 5 → 3, with biases, 43 parameters\n.*4 → 5.*tanh\n.*5 → 3.*identity/)
  expect((JSON.parse(plain.stdout) as { loss: string }).loss).toBe('softmax-cross-entropy')
})

test('a graph that says all is imported with data alone; hessian, analyse and resume work on the run', async () => {
  const { stdout } = await called('import', net('net-04.onnx'), '--data', net('net-04.data.npz'), '--id', 'four', '--json', ...at)
  const made = JSON.parse(stdout) as { run: string; loss: number; samples: number; dataset: string }
  expect(made).toMatchObject({ run: 'four', samples: 30, dataset: 'net-04-data', parameters: 43 })
  const loss = expected('net-04.onnx')
  expect(Math.abs(made.loss - loss) / loss).toBeLessThanOrEqual(1e-12)
  expect(statusOf(run('four'))).toMatchObject({ state: 'done', step: 0, parameterCount: 43 })

  await called('hessian', join(run('four'), 'spec.json'), '--at', 'four:0', '--out', join(folder, 'h'), ...at)
  const hessian = toFloat64(parseNpy(readFileSync(join(folder, 'h', 'hessian.npy')), 'hessian.npy'))
  const wanted = (await parseNpz(readFileSync(join(reference, 'hessians.npz')), 'hessians.npz'))['net-04'].data
  let [largest, difference, k] = [0, 0, 0]
  for (let row = 0; row < 43; row++)
    for (let column = row; column < 43; column++) {
      largest = Math.max(largest, Math.abs(wanted[k]))
      difference = Math.max(difference, Math.abs(hessian[row * 43 + column] - wanted[k++]))
    }
  expect(k).toBe(946)
  expect(difference / largest).toBeLessThanOrEqual(1e-10)

  const manifest = JSON.parse((await called('analyse', 'ntk', 'four:0', '--json', ...at)).stdout) as { step: number; run: string }
  expect(manifest).toMatchObject({ run: 'four', step: 0 })
  expect((await called('resume', 'four', ...at)).stderr).toContain('the budget of run four is spent after 0 steps')
  await called('resume', 'four', '--set', 'budget.steps=2', ...at)
  const lines = metricsOf(run('four'))
  expect(lines).toHaveLength(2)
  expect(Math.abs((lines[0].loss as number) - loss) / loss).toBeLessThanOrEqual(1e-12)
  expect(lines[1].loss as number).toBeLessThan(loss)
})

test('state dictionaries are imported with what they do not say; --expect-loss proves it', async () => {
  const options = ['--data', net('net-20.data.npz'), '--activation', 'softplus', '--output-activation', 'softplus', '--loss', 'mse']
  const loss = expected('net-20.pt')
  const { stderr } = await called('import', net('net-20.pt'), ...options, '--expect-loss', String(loss), ...at)
  expect(stderr).toContain('imported as run net-20: 4 → 5 → 5 → 5 → 5 → 3, softplus, outputs softplus, with biases, mse')
  expect(stderr).toContain(`it is the expected ${loss}`)
  const before = readdirSync(join(workspace, 'runs')).sort()
  const refusals = [
    [
      [net('net-20.pt'), ...options, '--expect-loss', String(loss * (1 + 3e-9))],
      /the loss on all 30 training samples is .*, not the expected/
    ],
    [
      [net('net-20.pt'), '--data', net('net-20.data.npz')],
      /does not say the activation of its hidden layers \(--activation relu.*nor the loss/
    ],
    [[net('net-20.pt')], /is a network: say with which data/],
    [[net('net-20.pt'), '--data', 'nowhere.npz', '--loss', 'mse'], /--data nowhere\.npz: there is no file/],
    [[net('net-20.pt'), ...options.slice(0, 2), '--activation', 'gelu'], /activation\.kind: must be one of/],
    [[net('net-20.pt'), ...options.slice(0, 2), '--activation', 'tanh:2'], /must be a kind such as tanh, or leaky-relu/]
  ] as const
  const answers = await Promise.all(refusals.map(([args]) => saddlescope('import', ...args, ...at)))
  for (const [k, refused] of answers.entries()) {
    expect(refused.status, refused.stderr).toBe(2)
    expect(refused.stderr).toMatch(refusals[k][1])
    expect(refused.stderr.trim().split('\n')).toHaveLength(1)
  }
  expect(readdirSync(join(workspace, 'runs')).sort()).toEqual(before)
  expect(existsSync(join(workspace, 'datasets', 'net-20-data-2'))).toBe(false)
})

test('a hostile file is one sentence', async () => {
  const file = join(folder, 'hostile.safetensors')
  writeFileSync(file, Buffer.from([255, 255, 255, 255, 255, 255, 255, 255, 0x7b]))
  const { status, stdout, stderr } = await saddlescope('inspect', file)
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^hostile\.safetensors: its header claims \d+ bytes, the file has 1 after it[^\n]*\n$/)
})
