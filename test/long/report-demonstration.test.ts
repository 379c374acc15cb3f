// `report demonstration` at its smallest, on made images in CIFAR-100's layout: what the page says is what its data and the stored runs hold; killed and called again it ends with every run once.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { cifar100Files, entriesOf, tarGz, type MadeSamples } from '../unit/store/formats/archives'
import { metricsOf, removeFolder, saddlescope, start, temporaryFolder } from '../integration/cli/saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
const out = join(folder, 'page.html')
const order = ['report', 'demonstration', '--scale', 'tiny', '--out', out, ...at]
afterAll(() => removeFolder(folder))

interface Answer {
  readonly findings: string[]
  readonly runs: { readonly id: string; readonly state: string }[]
}
let answer: Answer
let page: string

/** Rows of a table of the report by column name. No cell of these holds a comma but in quotation marks. */
function table(name: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(join(folder, 'page-data', name), 'utf8')
    .trim()
    .split('\r\n')
  const cells = (line: string) =>
    [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, head.split(',').length).map(([, cell]) => cell.replace(/^"|"$/g, ''))
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, k) => [head.split(',')[k], cell])))
}
const runs = () => readdirSync(join(workspace, 'runs')).sort()

beforeAll(async () => {
  let state = 1
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const count = 120
  const made: MadeSamples = {
    count,
    x: Uint8Array.from({ length: count * 3072 }, () => Math.floor(next() * 256)),
    fine: Array.from({ length: count }, () => Math.floor(next() * 100)),
    coarse: Array.from({ length: count }, (_, i) => i % 20)
  }
  const archive = join(folder, 'cifar-100-python.tar.gz')
  writeFileSync(archive, tarGz(entriesOf(cifar100Files(made, made).python, 'cifar-100-python')))
  // Nothing is installed yet: refused, naming how to get it, and nothing is left.
  const refused = await saddlescope(...order)
  expect(refused.status).toBe(2)
  expect(refused.stderr).toMatch(/the report needs CIFAR-100, which is not installed .*datasets download cifar-100.*datasets import/)
  expect(existsSync(out)).toBe(false)
  const imported = await saddlescope('datasets', 'import', archive, ...at)
  expect(imported.status, imported.stderr).toBe(0)
  // Killed somewhere in the search of the slow net's rivals.
  const first = start(order)
  const begun = () => existsSync(join(workspace, 'runs', 'demonstration-tiny-slow-gd-try-1', 'metrics.ndjson'))
  for (const until = Date.now() + 120_000; !begun() && Date.now() < until;) await new Promise((done) => setTimeout(done, 20))
  expect(begun()).toBe(true)
  first.kill('SIGKILL')
  await first.ended
  expect(existsSync(out)).toBe(false)
  const { status, stdout, stderr } = await saddlescope(...order, '--json')
  expect(status, stderr).toBe(0)
  answer = JSON.parse(stdout) as Answer
  page = readFileSync(out, 'utf8')
}, 240_000)

test('every run is there once and at its end, and the data are whole', () => {
  const planned = answer.runs.map(({ id }) => id).sort()
  expect(runs()).toEqual(planned)
  // Two programs, two narrow runs, for each of four rivals two tries and (where not every try diverged) a run, for each program.
  expect(planned.length).toBeGreaterThanOrEqual(4 + 2 * 4 * 2)
  for (const { state } of answer.runs) expect(['done', 'diverged']).toContain(state)
  const manifest = JSON.parse(readFileSync(join(folder, 'page-data', 'report.json'), 'utf8')) as {
    files: { name: string; sha256: string }[]
  }
  for (const { name, sha256 } of manifest.files)
    expect(
      createHash('sha256')
        .update(readFileSync(join(folder, 'page-data', name)))
        .digest('hex')
    ).toBe(sha256)
  for (const sentence of answer.findings) expect(page).toContain(sentence.replaceAll('&', '&amp;').replaceAll('<', '&lt;').slice(0, 40))
})

test('results are those of the runs’ lines, and the page shows them', () => {
  for (const row of table('results.csv')) {
    const kind = row.optimizer
    const id = kind === 'sfn' || kind === 'fd-newton' ? `demonstration-tiny-${row.program}` : `demonstration-tiny-${row.program}-${kind}`
    const lines = metricsOf(join(workspace, 'runs', id))
    const last = lines[lines.length - 1]
    expect([Number(row.steps), Number(row.seconds)]).toEqual([last.step, last.seconds])
    const tested = lines.filter((line) => line.testAccuracy !== undefined).at(-1)
    if (row.testAccuracy !== '') expect(Number(row.testAccuracy)).toBe(tested?.testAccuracy)
    const samples = row.program === 'slow' ? 50 : 60
    const batches = row.program === 'slow' ? 2 : 1
    const few = Math.max(1, Math.min(batches, Math.floor(lines.length / 4)))
    const mean = lines.slice(-few).reduce((sum, line) => sum + Number(line.loss) / samples, 0) / few
    if (row.trainLoss === '') continue
    expect(Number(row.trainLoss)).toBeCloseTo(mean, 10)
    expect(page).toContain(`<td>${String(Number(Number(row.trainLoss).toPrecision(4)))}</td>`)
  }
  const second = table('results.csv').find(({ program, optimizer }) => program === 'slow' && optimizer === 'gd')
  const own = table('results.csv').find(({ optimizer }) => optimizer === 'sfn')
  // Equal time: the rival stops with the first step that ends after it.
  expect(Number(second?.seconds)).toBeGreaterThanOrEqual(Number(own?.seconds))
})

test('spectra are those of the stored snapshots, and the sentences count them', () => {
  const rows = table('spectra.csv')
  for (const { net, block, step, flipped, negative, smallest, largest, size } of rows) {
    const id = net === 'slow' ? 'demonstration-tiny-slow' : 'demonstration-tiny-narrow-full'
    const name = block === 'whole Hessian' ? 'full' : block
    const path = join(workspace, 'runs', id, 'snapshots', `step-${step.padStart(6, '0')}`, `eigenvalues.${name}.npy`)
    const values = toFloat64(parseNpy(readFileSync(path), path))
    expect(values.length).toBe(Number(size))
    expect(values.filter((value) => value < -0.1).length).toBe(Number(flipped))
    expect([Math.min(...values), Math.max(...values)]).toEqual([Number(smallest), Number(largest)])
    if (block !== 'whole Hessian') expect([flipped, negative]).toEqual(['0', '0'])
  }
  const layers = rows.filter(({ block }) => block !== 'whole Hessian')
  expect(layers).toHaveLength(6)
  expect(page).toContain(
    `of ${layers.reduce((sum, { size }) => sum + Number(size), 0)} eigenvalues in the W1 and W2 blocks of 3 spectra none was turned`
  )
  const whole = rows.find(({ net, block }) => net === 'slow' && block === 'whole Hessian')
  expect(Number(whole?.flipped)).toBeGreaterThan(0)
  expect(page).toContain(`${whole?.flipped} of ${whole?.size} eigenvalues lay below −0.1 after 6 steps`)
  const counted = table('spectrum.csv').reduce((sum, { eigenvalues }) => sum + Number(eigenvalues), 0)
  expect(counted).toBe(Number(whole?.size) - Number(whole?.zero))
})

test('is one page that needs nothing from outside and no script; called again it makes no run and the same page', async () => {
  expect(page).not.toMatch(/<script|<link|src=|https?:\/\//)
  expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(10)
  expect(page).toContain('prefers-color-scheme')
  expect(page).not.toMatch(/NaN|undefined|Infinity/)
  const before = Object.fromEntries(runs().map((id) => [id, readFileSync(join(workspace, 'runs', id, 'metrics.ndjson'), 'utf8')]))
  const { status, stderr } = await saddlescope(...order)
  expect(status, stderr).toBe(0)
  for (const id of runs()) expect(readFileSync(join(workspace, 'runs', id, 'metrics.ndjson'), 'utf8')).toBe(before[id])
  expect(readFileSync(out, 'utf8')).toBe(page)
}, 120_000)
