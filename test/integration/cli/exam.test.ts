// `study exam`: the same bytes whatever workspace and however many processes, what it grades, what it keeps, what it refuses.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { removeFolder, saddlescope, temporaryFolder } from './saddlescope'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))

const order = ['study', 'exam', '--optimizers', 'gd,damped-newton,k-fac', '--problems', 'ill-conditioned,dead-xor', '--json']
const sit = (name: string, jobs: number, out = 'page.html') =>
  saddlescope(...order, '--jobs', String(jobs), '--workspace', join(folder, name), '--out', join(folder, out))

/** The page and its data as they lie on disk, by name. */
function written(): Record<string, string> {
  const data = join(folder, 'page-data')
  return Object.fromEntries(
    [join(folder, 'page.html'), ...readdirSync(data).map((name) => join(data, name))].map((path) => [path, readFileSync(path, 'utf8')])
  )
}

interface Cell {
  readonly problem: string
  readonly optimizer: string
  readonly refusal: string | null
  readonly chosen: number | null
  readonly graded: readonly { readonly seed: number; readonly evaluations: number | null; readonly last: number }[]
}

test('is the same to the last byte in one process and in several, and examines', async () => {
  const first = await sit('one', 1)
  expect(first.status, first.stderr).toBe(0)
  const before = written()
  const cellFile = join(folder, 'one', 'exams', 'dead-xor--gd.json')
  const made = statSync(cellFile).mtimeMs
  const second = await sit('two', 2)
  expect(second.status, second.stderr).toBe(0)
  expect(written()).toEqual(before)
  expect(second.stdout).toBe(first.stdout)
  // What is there is not made again.
  expect((await sit('one', 1)).stdout).toBe(first.stdout)
  expect(statSync(cellFile).mtimeMs).toBe(made)

  const { cells } = JSON.parse(first.stdout) as { cells: Cell[] }
  const cell = (problem: string, optimizer: string) => cells.find((one) => one.problem === problem && one.optimizer === optimizer)!
  expect(cells).toHaveLength(6)
  const newton = cell('ill-conditioned', 'damped-newton')
  expect(newton.graded.map(({ seed }) => seed)).toEqual([101, 102, 103, 104, 105])
  for (const { evaluations, last } of newton.graded) {
    expect(evaluations).toBeLessThan(10)
    expect(last).toBeLessThanOrEqual(1e-8)
  }
  expect(cell('ill-conditioned', 'gd').graded.every(({ evaluations }) => evaluations === null)).toBe(true)
  expect(cell('ill-conditioned', 'k-fac').refusal).toMatch(/^optimizer\.kind: must be one that steps vectors/)
  expect(cell('dead-xor', 'k-fac').refusal).toBeNull()
  // Curvature vanishes there with the gradient.
  expect(cell('dead-xor', 'damped-newton').graded.some(({ evaluations }) => evaluations !== null)).toBe(false)
}, 240_000)

test('a problem’s spec is trained as it lies beside the page, and ends where it was graded to', async () => {
  const spec = join(folder, 'page-data', 'ill-conditioned.json')
  const optimizer = 'optimizer={"kind":"damped-newton","learningRate":1,"damping":{"value":0.001}}'
  const { status, stdout, stderr } = await saddlescope(
    'run',
    spec,
    '--set',
    optimizer,
    '--json',
    '--workspace',
    join(folder, 'one'),
    '--id',
    'again'
  )
  expect(status, stderr).toBe(0)
  expect(stdout).not.toBe('')
  const lines = readFileSync(join(folder, 'one', 'runs', 'again', 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
  const { loss } = JSON.parse(lines[lines.length - 1]) as { loss: number }
  const runs = readFileSync(join(folder, 'page-data', 'runs.csv'), 'utf8').split('\r\n')
  const graded = runs.find((line) => line.startsWith('ill-conditioned,damped-newton,graded,') && line.includes(',101,'))!.split(',')
  // The run takes the machine's own linear algebra, the exam always the embedded kernels: other last digits.
  expect(Number(graded[6]) / loss).toBeCloseTo(1, 6)
})

test('refuses what it does not know, by name', async () => {
  const wrong = async (...words: string[]) => {
    const { status, stderr } = await saddlescope('study', 'exam', ...words, '--workspace', join(folder, 'none'))
    return `${status} ${stderr.trim()}`
  }
  expect(await wrong('--optimizers', 'adm', '--out', 'x.html')).toBe('2 --optimizers: there is no "adm"; did you mean adam?')
  expect(await wrong('--problems', 'platau', '--out', 'x.html')).toBe('2 --problems: there is no "platau"; did you mean plateau?')
  expect(await wrong('--out', 'x.txt')).toBe('2 --out: must be a file that ends in .html, got "x.txt"')
  expect(await wrong('--jobs', '0', '--out', 'x.html')).toBe('2 --jobs: must be an integer from 1 to 256, got 0')
})
