// Every bad input gives one sentence on stderr, the right exit status, nothing on stdout, and no stack trace.
import { gzipSync } from 'node:zlib'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { npzParts } from '../../../src/shared/npy'
import { removeFolder, saddlescope, smallSpec, temporaryFolder, writeSpec } from './saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const spec = writeSpec(folder, smallSpec({ budget: { steps: 1 } }))
afterAll(() => removeFolder(folder))

const npz = (name: string, arrays: Record<string, number[]>) => {
  const parts = npzParts(
    Object.fromEntries(
      Object.entries(arrays).map(([key, shape]) => [key, { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) }])
    )
  )
  const path = join(folder, name)
  writeFileSync(path, Buffer.concat([...parts]))
  return path
}
const init = (path: string) => `model.init=${JSON.stringify({ kind: 'npz', path })}`

async function refused(expected: RegExp, status: number, ...args: string[]) {
  const called = await saddlescope(...args)
  expect(called.stderr).toMatch(expected)
  expect(called.status, called.stderr).toBe(status)
  expect(called.stdout).toBe('')
  expect(called.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
  expect(called.stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
}

describe('bad usage and bad specs end with 2', () => {
  const cases: [string, RegExp, string[]][] = [
    ['unknown key', /^optimizer\.dampng: unknown key; did you mean "damping"\?$/m, ['run', spec, '--set', 'optimizer.dampng=1']],
    ['wrong type', /^optimizer\.damping\.value: must be a number > 0, got "abc"/m, ['run', spec, '--set', 'optimizer.damping.value=abc']],
    ['newer version', /^schemaVersion: this spec is of version 2/m, ['run', spec, '--set', 'schemaVersion=2']],
    ['unknown preset', /^"sfn-mnist11" is neither a preset nor a spec file; did you mean sfn-mnist10\?$/m, ['run', 'sfn-mnist11']],
    ['missing spec', /^there is no spec file .*nothing\.json$/m, ['run', 'nothing.json']],
    [
      'input width',
      /^model\.layers\.0: the input layer has 99 units, but dataset mnist10 gives 100/m,
      ['run', spec, '--set', 'model.layers.0=99']
    ],
    ['output width', /^model\.layers\.2: the output layer has 9 units/m, ['run', spec, '--set', 'model.layers.2=9']],
    [
      'no such dataset',
      /^data\.dataset: dataset "cifar-7" is not installed; there are mnist10/m,
      ['run', spec, '--set', 'data.dataset=cifar-7']
    ],
    ['missing npz', /cannot read .*gone\.npz: no such file/m, ['run', spec, '--set', init('gone.npz')]],
    ['bad setting', /^--set nonsense: must be path=value/m, ['run', spec, '--set', 'nonsense']],
    ['bad id', /^run id "A b": must be 1 to 64 of a-z/m, ['run', spec, '--id', 'A b']],
    ['unknown option', /^unknown option '--fast'$/m, ['run', spec, '--fast']],
    ['unknown command', /^unknown command 'frobnicate'$/m, ['frobnicate']],
    ['missing argument', /^missing required argument 'spec'$/m, ['run']],
    ['no such run', /^there is no run "nobody"/m, ['show', 'nobody']],
    ['resume of no run', /^there is no run "nobody"/m, ['resume', 'nobody']],
    ['no such preset', /^there is no preset "nobody"/m, ['presets', 'nobody']],
    ['nothing to import', /there is no such file or folder/m, ['datasets', 'import', join(folder, 'nowhere')]],
    [
      'an unknown function',
      /^problem\.function: /m,
      ['run', writeSpec(folder, { ...smallFunction(), problem: { kind: 'function', function: 'x +' } }, 'f.json')]
    ]
  ]
  for (const [name, expected, args] of cases)
    test(name, () => refused(expected, 2, ...args, ...(args[0] === 'presets' || args[0] === 'frobnicate' ? [] : at)))

  test('a spec file that is no JSON', async () => {
    const path = join(folder, 'torn.json')
    writeFileSync(path, '{"schemaVersion": 1,')
    await refused(/^.*torn\.json is not JSON: /m, 2, 'run', path, ...at)
  })
  test('start weights of the wrong shapes', async () => {
    const path = npz('wrong.npz', { W1: [100, 3], b1: [3], W2: [3, 9], b2: [10] })
    await refused(/^model\.init\.path: .*wrong\.npz.*W2 must be 3 × 10, got 3 × 9$/m, 2, 'run', spec, '--set', init(path), ...at)
  })
  test('the id of another run', async () => {
    expect((await saddlescope('run', spec, '--id', 'taken', ...at)).status).toBe(0)
    await refused(/^there is already a run "taken"/m, 2, 'run', spec, '--id', 'taken', ...at)
  })
  test('nothing of all this left a run behind', () => expect(readdirSync(join(workspace, 'runs'))).toEqual(['taken']))
})

function smallFunction() {
  return { schemaVersion: 1, name: 'f', problem: { kind: 'function', function: 'x^2' }, optimizer: { kind: 'gd' }, budget: { steps: 1 } }
}

describe('work that fails ends with 1', () => {
  test('a truncated archive', async () => {
    const path = join(folder, 'cut.tar.gz')
    const bytes = Buffer.alloc(20_000, 7)
    bytes.fill(0, 0, 512)
    bytes.write('cifar-100-python/train', 0)
    bytes.write('0000644\u0000', 100)
    bytes.write('00000047040\u0000', 124)
    bytes.write('ustar\u000000', 257)
    bytes.write('0', 156)
    bytes.fill(' ', 148, 156)
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    bytes.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148)
    writeFileSync(path, gzipSync(bytes).subarray(0, 40))
    await refused(/cut\.tar\.gz/m, 1, 'datasets', 'import', path, ...at)
  })
  test('a pickle that wants to run something is refused by name, and nothing runs', async () => {
    const dataset = join(folder, 'evil')
    mkdirSync(dataset, { recursive: true })
    const evil = Buffer.from(`cos\nsystem\n(S'touch ${join(folder, 'ran')}'\ntR.`, 'latin1')
    for (const name of ['train', 'test', 'meta']) writeFileSync(join(dataset, name), evil)
    await refused(/os[. ]system/, 1, 'datasets', 'import', dataset, ...at)
    expect(readdirSync(folder)).not.toContain('ran')
  })
  test('a workspace that cannot be written', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    await refused(/^the workspace .*file cannot be written: .*choose another with --workspace/m, 1, 'run', spec, '--workspace', file)
    if (process.platform === 'linux')
      await refused(/^the workspace \/proc\/saddlescope cannot be written/m, 1, 'run', spec, '--workspace', '/proc/saddlescope')
  })
  test('a run that diverges says where, and keeps its last good weights', async () => {
    const { status, stderr } = await saddlescope(
      'run',
      ...[
        spec,
        'optimizer.kind=gd',
        'optimizer.learningRate=1e200',
        'budget.steps=9',
        'loss=half-sse',
        'model.activation={"kind":"identity"}'
      ]
        .join(' --set ')
        .split(' '),
      '--id',
      'wild',
      ...at
    )
    expect(status, stderr).toBe(1)
    expect(stderr).toMatch(/^step \d+: .*(infinite|not a number)/m)
    expect(stderr).toMatch(/^diverged after step \d+/m)
    const shown = JSON.parse((await saddlescope('show', 'wild', '--json', ...at)).stdout) as {
      status: { state: string }
      checkpoints: number[]
    }
    expect(shown.status.state).toBe('diverged')
    expect(shown.checkpoints.length).toBeGreaterThan(0)
  })
})

test('--debug adds the stack trace', async () => {
  const { stderr, status } = await saddlescope('show', 'nobody', '--debug', ...at)
  expect(status).toBe(2)
  expect(stderr).toMatch(/^\s+at /m)
})
