// The tabs of a run against its files: curvature computed on demand, where the time went, the spec as differences, the log, the methods paragraph.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../src/renderer/app/format'
import { valueText } from '../../src/renderer/features/run/config-diff'
import { countSigns, finiteTolerance } from '../../src/shared/run/curvature'
import { timeRows } from '../../src/renderer/features/run/time-split'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import type { MetricsLine, SnapshotManifest } from '../../src/shared/run/schema'
import { leafPairs, leaves } from '../../src/shared/spec/leaves'
import { metricsOf, saddlescope, smallSpec, writeSpec } from '../integration/cli/saddlescope'
import { visit } from './flows'
import { layoutFaults } from './layout'
import { eventually, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

const specs = mkdtempSync(join(tmpdir(), 'saddlescope-tabs-'))
const workspace = makeWorkspace()
const P = 343
let browser: Browser
let context: BrowserContext
let page: Page
let complaints: string[]
let served: Served

/** The same run twice: one takes its snapshots itself, the other none. */
const often = { checkpoints: { everySteps: 5, keep: 20 }, budget: { steps: 20 }, snapshots: { everySteps: 5, eigenvectors: 16 } }
const bareSpec = { ...often, name: 'bare', snapshots: { everySteps: null } }

beforeAll(async () => {
  for (const spec of [smallSpec({ ...often, name: 'own' }), smallSpec(bareSpec), smallSpec({ ...bareSpec, name: 'other data' })]) {
    const { status, stderr } = await saddlescope('run', writeSpec(specs, spec, `${spec.name}.json`), '--workspace', workspace.path)
    expect(status, stderr).toBe(0)
  }
  served = await serve(workspace.path)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
  rmSync(specs, { recursive: true, force: true })
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1024, height: 700 }, permissions: ['clipboard-read', 'clipboard-write'] })
  page = await context.newPage()
  complaints = watchConsole(page)
  await page.goto(served.link)
})
afterEach(async () => {
  expect(complaints).toEqual([])
  await context.close()
})

const folder = (run: string) => join(workspace.path, 'runs', run)
const snapshot = (run: string, step: number) => join(folder(run), 'snapshots', `step-${String(step).padStart(6, '0')}`)
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
const eigenvalues = (run: string, step: number) => {
  const path = join(snapshot(run, step), 'eigenvalues.full.npy')
  return toFloat64(parseNpy(readFileSync(path), path))
}
const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
const text = async (locator: ReturnType<Page['locator']>) => ((await locator.textContent()) ?? '').replace(/\s+/g, ' ').trim()
const plain = (value: string) => value.replace(/\s+/g, ' ')
const costOf = (name: string) =>
  text(
    page
      .getByRole('dialog')
      .locator('.pair')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd')
  )

describe('curvature on demand', () => {
  it('computes a spectrum from a checkpoint: its figures are those of the file, and of the run that wrote it itself', async () => {
    await visit(page, '/run/bare/spectrum')
    await page.getByRole('button', { name: 'Compute a spectrum…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Checkpoint').selectOption({ label: 'after step 10' })
    await eventually('the cost of step 10', async () => (await costOf('Batch').catch(() => '')) === '60 samples, those of step 11')
    expect(await costOf('Matrices')).toBe(`full: ${P} × ${P}`)
    expect(await costOf('Snapshots of the run')).toBe('0 B of 20.0 GB (snapshots.maxBytes)')
    expect(await layoutFaults(page)).toEqual([])
    expect(existsSync(snapshot('bare', 10))).toBe(false)
    await dialog.getByRole('button', { name: 'Compute', exact: true }).click()

    const sum = page.getByTestId('histogram-sum')
    await sum.waitFor()
    const values = eigenvalues('bare', 10)
    const [file, own] = [join(snapshot('bare', 10), 'eigenvalues.full.npy'), join(snapshot('own', 10), 'eigenvalues.full.npy')]
    expect(readFileSync(file).equals(readFileSync(own))).toBe(true)
    const { negative, zero } = countSigns(values, finiteTolerance(values))
    expect(negative).toBeGreaterThan(0)
    expect(await text(sum)).toContain(`${formatCount(P)} of ${formatCount(P)} eigenvalues; ${formatCount(negative)} below zero`)
    if (zero > 0) expect(await text(sum)).toContain(`${formatCount(zero)} zero within rounding`)
    const described =
      (await page
        .getByRole('img', { name: /Eigenvalues of full after step 10/ })
        .first()
        .getAttribute('aria-label')) ?? ''
    expect(described).toContain(`from ${formatNumber(values[0])} to ${formatNumber(values[P - 1])}`)
    await page.getByText('after step 10', { exact: false }).first().waitFor()
    const manifest = json(join(snapshot('bare', 10), 'manifest.json')) as unknown as SnapshotManifest
    expect(manifest.onDemand?.batch).toEqual({ step: 11, samples: 60 })
    expect(await page.getByText('computed on demand').getAttribute('title')).toContain('on the 60 samples of step 11')
    await page.getByText('verified: 5 checks').waitFor()
    expect(await text(page.getByRole('tab', { name: /Spectrum/ }))).toBe('Spectrum1')
    expect(await layoutFaults(page)).toEqual([])
  })

  it('adds the Hessian to a snapshot only knowingly; the entries shown are those of the file', async () => {
    await visit(page, '/run/own/hessian')
    await page.getByRole('button', { name: 'Compute a Hessian…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Checkpoint').selectOption({ label: 'after step 15 · spectrum' })
    await dialog.getByText(`After step 15 there is a snapshot already (scope full, 16 eigenvectors, without the Hessian).`).waitFor()
    const compute = dialog.getByRole('button', { name: 'Compute and replace' })
    expect(await compute.isDisabled()).toBe(true)
    const before = readFileSync(join(snapshot('own', 15), 'eigenvalues.full.npy'))
    await dialog.getByRole('checkbox', { name: 'Replace the stored snapshot of this step' }).click()
    await eventually('the button to be ready', async () => !(await compute.isDisabled()))
    await compute.click()
    await page.getByRole('heading', { name: `Hessian full after step 15: ${P} × ${P}` }).waitFor()
    expect(readFileSync(join(snapshot('own', 15), 'eigenvalues.full.npy')).equals(before)).toBe(true)
    const path = join(snapshot('own', 15), 'hessian.full.npy')
    const matrix = toFloat64(parseNpy(readFileSync(path), path))
    expect(matrix.length).toBe(P * P)
    const trace = Array.from({ length: P }, (_, i) => matrix[i * P + i]).reduce((sum, value) => sum + value, 0)
    expect(eigenvalues('own', 15).reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 8)
    // The menu of checkpoints says what each has.
    await page.getByRole('button', { name: 'Compute here…' }).click()
    expect(await page.getByRole('menuitem').allTextContents()).toEqual([
      'After step 20…spectrum',
      'After step 15…Hessian',
      'After step 10…spectrum',
      'After step 5…spectrum',
      'After step 0…spectrum'
    ])
    await page.keyboard.press('Escape')
  })

  it('says why it cannot be done, before anything is done', async () => {
    const meta = join(folder('other-data'), 'meta.json')
    writeFileSync(meta, readFileSync(meta, 'utf8').replace(/"dataset": "[0-9a-f]{64}"/, `"dataset": "${'0'.repeat(64)}"`))
    await visit(page, '/run/other-data/spectrum')
    await page.getByRole('button', { name: 'Compute a spectrum…' }).click()
    await page.getByText(/It cannot be computed: dataset mnist10 is not the data this run was trained on/).waitFor()
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Compute', exact: true }).isDisabled()).toBe(true)
    expect(await layoutFaults(page)).toEqual([])
  })
})

describe('what a run did', () => {
  it('Time: totals, shares and means are sums over metrics.ndjson', async () => {
    await visit(page, '/run/own/time')
    await page.getByRole('table', { name: 'Time by part' }).waitFor()
    const lines = metricsOf(folder('own')) as unknown as MetricsLine[]
    const names = Object.keys(lines[0].phases ?? {})
    expect(names).toEqual(['assembly', 'decomposition', 'solve'])
    const phases = names.map((name) => ({ name, seconds: lines.reduce((sum, line) => sum + (line.phases?.[name] ?? 0), 0) }))
    const last = lines[lines.length - 1] as MetricsLine & { wallSeconds?: number }
    const rows = timeRows({ phases, stepSeconds: last.seconds, steps: lines.length, wallSeconds: last.wallSeconds ?? null })
    for (const row of rows) {
      const cells = page.locator(`tr[data-part="${row.name}"] td`)
      expect(plain((await cells.nth(0).textContent()) ?? ''), row.name).toBe(plain(formatDuration(row.seconds)))
      expect(plain((await cells.nth(1).textContent()) ?? ''), row.name).toBe(plain(formatPercent(row.share)))
    }
    expect(await page.locator('tr[data-part]').count()).toBe(rows.length)
    await page
      .getByRole('img', { name: /Seconds of each step by phase/ })
      .first()
      .waitFor()
    expect(await layoutFaults(page)).toEqual([])
  })

  it('Steps: the gain ratio’s last value is that of the last line', async () => {
    await visit(page, '/run/own/steps')
    const chart = page.getByRole('img', { name: /^Gain ratio/ }).first()
    await chart.waitFor()
    const { predictedDecrease, actualDecrease = NaN } = metricsOf(folder('own')).at(-1) as unknown as MetricsLine
    const label = await eventually('the ratio is drawn', async () => {
      const found = (await chart.getAttribute('aria-label')) ?? ''
      return found.includes('20') ? found : null
    })
    expect(label).toContain(formatNumber(actualDecrease / (predictedDecrease ?? NaN)))
  })

  it('Config: differences from another run, from a preset and from the defaults are those of spec.json', async () => {
    const [spec, other] = [json(join(folder('bare'), 'spec.json')), json(join(folder('own'), 'spec.json'))]
    const rowOf = async (path: string) => (await page.locator(`tr[data-path="${path}"] td`).allTextContents()).map(plain)
    await visit(page, '/run/bare/config?against=run%20own')
    await page.getByRole('table', { name: 'Spec by path' }).waitFor()
    const expected = leafPairs(spec, other).filter(({ here, there }) => here !== there)
    expect(expected.map(({ path }) => path).sort()).toEqual(['name', 'snapshots.everySteps'])
    for (const { path, here, there } of expected) expect(await rowOf(path)).toEqual([valueText(here), valueText(there)])
    expect(await page.locator('tr[data-path]').count()).toBe(expected.length)

    await page.getByLabel('Against').selectOption({ label: 'Defaults of the schema' })
    await eventually('the defaults', async () => (await rowOf('optimizer.learningRate')).join() === '0.5,0.1')
    expect(await rowOf('seed')).toEqual(['3', '0'])
    expect(await rowOf('batch.size')).toEqual(['60', 'null'])
    expect(await rowOf('data.trainLimit')).toEqual(['250', 'null'])
    expect(await page.locator('tr[data-path="loss"]').count()).toBe(0)
    await page.getByRole('switch', { name: 'Every path' }).click()
    await eventually('every path', async () => (await rowOf('loss')).join() === 'softmax-cross-entropy,must be given')
    expect(await page.locator('tr[data-path]').count()).toBe(leaves(spec).size)

    await page.getByRole('button', { name: 'Copy JSON' }).click()
    await eventually('the spec in the clipboard', async () => (await clipboard()).startsWith('{'))
    expect(JSON.parse(await clipboard())).toEqual(spec)
    await page.getByRole('button', { name: 'Copy as command' }).click()
    await eventually('the command in the clipboard', async () => (await clipboard()).startsWith("cat > spec.json <<'SPEC'"))
    expect(await layoutFaults(page)).toEqual([])
  })

  it('Log: every line of log.ndjson, searched and copied', async () => {
    await visit(page, '/run/own/log')
    const list = page.getByRole('list', { name: 'Log lines' })
    await list.waitFor()
    const lines = readFileSync(join(folder('own'), 'log.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { time: string; message: string })
    expect((await list.locator('li span').allTextContents()).map(plain)).toEqual(lines.map(({ message }) => plain(message)))
    const all = lines.map(({ message }) => message).join('\n')
    for (const said of [
      /^created on the command line from the file .*own\.json$/m,
      /^worked on by process \d+ on .* threads?; saddlescope \d/m,
      /^data: .* 250 training and 100 test samples, 100 inputs after transforms, 10 outputs; 343 parameters$/m,
      /^first step done after .*: loss \d/m,
      /checkpoints of 0, 5, 10, 15, 20; snapshots of 0, 5, 10, 15, 20; 2 evaluations$/m,
      /^done at step 20: the budget is spent; 20 steps in/m,
      /^snapshot of step 15 computed on demand: 343 eigenvalues \(scope full\)/m
    ])
      expect(all).toMatch(said)
    await page.getByLabel('Filter the log').fill('budget spent')
    await eventually('one line', async () => (await list.locator('li').count()) === 1)
    await page.getByText(`1 of ${lines.length} lines`).waitFor()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    const wanted = lines.filter(({ message }) => /budget/.test(message) && /spent/.test(message))
    await eventually(
      'the line in the clipboard',
      async () => (await clipboard()) === wanted.map((line) => `${line.time} ${line.message}\n`).join('')
    )
  })

  it('Methods: the paragraph in the clipboard has the spec’s numbers, the same as on the command line', async () => {
    await visit(page, '/run/own')
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Copy methods paragraph' }).click()
    const copied = await eventually('the paragraph', async () => {
      const found = await clipboard()
      return found.includes('References') ? found : null
    })
    const { optimizer, seed, batch, data, budget } = smallSpec({ ...often, name: 'own' })
    for (const number of [
      optimizer.learningRate,
      optimizer.damping.value,
      seed,
      batch.size,
      data.trainLimit,
      data.testLimit,
      256,
      0.5,
      0.3,
      budget.steps,
      P
    ])
      expect(copied).toMatch(new RegExp(`(^|[^\\d.])${String(number).replace('.', '\\.')}([^\\d]|\\.\\D|$)`))
    expect(copied).toContain('Dauphin et al. 2014')
    const { stdout } = await saddlescope('show', 'own', '--methods', '--workspace', workspace.path)
    expect(copied.trim()).toBe(stdout.trim())
    await visit(page, '/run/own/config')
    await eventually('the paragraph on the tab', async () =>
      copied.startsWith(((await page.locator('.methods').textContent()) ?? 'none').trim())
    )
  })
})
