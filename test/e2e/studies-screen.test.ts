// Studies as a person makes and reads them: from a run by ticking fields to the heat map, from JSON to a face-off; every figure against the runs' own files.
import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCount, formatDuration, formatNumber } from '../../src/renderer/app/format'
import { visit } from './flows'
import { layoutFaults } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>
const at = (...parts: string[]) => join(workspace.path, ...parts)
const json = <Value>(...parts: string[]) => JSON.parse(readFileSync(at(...parts), 'utf8')) as Value

const base = {
  schemaVersion: 1,
  name: 'Small net',
  data: {
    dataset: 'mnist10',
    trainLimit: 60,
    testLimit: 20,
    validation: 20,
    transforms: [
      { kind: 'affine', divide: 256, subtract: 0 },
      { kind: 'random-projection', dim: 4 }
    ]
  },
  model: { layers: [4, 3, 10], activation: { kind: 'tanh' }, outputActivation: { kind: 'identity' }, bias: true },
  loss: 'mse',
  batch: { size: 10, shuffle: true },
  optimizer: { kind: 'gd', learningRate: 0.1 },
  budget: { steps: 6 },
  evaluate: { everySteps: 3 },
  checkpoints: { everySteps: null, keep: 1 }
}

beforeAll(async () => {
  workspace = makeWorkspace()
  browser = await openBrowser()
  const file = join(dirname(workspace.path), 'base.json')
  writeFileSync(file, JSON.stringify(base))
  const cli = join(root, 'out', 'main', 'cli.js')
  await promisify(execFile)(process.execPath, [cli, 'run', file, '--id', 'base', '--workspace', workspace.path])
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  expect(complaints).toEqual([])
  await browser.close()
  await served.stop()
  workspace.remove()
})

interface Line {
  readonly step: number
  readonly epoch: number
  readonly seconds: number
  readonly loss: number
  readonly gradientEvaluations: number
  readonly valLoss?: number
}
interface FoundRun {
  readonly run: string
  readonly seed: number
  readonly state: string
  readonly lines: readonly Line[]
  readonly value: number | null
}
interface FoundCell {
  readonly index: number
  readonly values: Record<string, number>
  readonly optimizer: number | null
  readonly runs: readonly FoundRun[]
  readonly n: number
  readonly mean: number | null
  readonly std: number | null
}

const mean = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0) / list.length
/** The study as its runs' files have it, by the plain formulas. */
function cellsOnDisk(id: string, metric: 'valLoss' | 'loss'): FoundCell[] {
  const { cells } = json<{
    cells: { index: number; values: Record<string, number>; optimizer: number | null; runs: { seed: number; run: string }[] }[]
  }>('studies', id, 'study.json')
  return cells.map(({ index, values, optimizer, runs }) => {
    const found = runs.map(({ seed, run }): FoundRun => {
      const { state } = json<{ state: string }>('runs', run, 'status.json')
      const lines = readFileSync(at('runs', run, 'metrics.ndjson'), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Line)
      const last = lines.filter((line) => typeof line[metric] === 'number').at(-1)?.[metric] ?? null
      return { run, seed, state, lines, value: state === 'done' ? last : null }
    })
    const known = found.flatMap(({ value }) => (value === null ? [] : [value]))
    const centre = known.length === 0 ? null : mean(known)
    const std =
      centre === null || known.length < 2 ? null : Math.sqrt(known.reduce((sum, one) => sum + (one - centre) ** 2, 0) / (known.length - 1))
    return { index, values, optimizer, runs: found, n: known.length, mean: centre, std }
  })
}
const bestOf = (cells: readonly FoundCell[]) =>
  cells.filter(({ n, runs }) => n === runs.length).reduce((best, cell) => (Number(cell.mean) < Number(best.mean) ? cell : best))

function csvRows(...parts: string[]): Record<string, string>[] {
  const [head, ...rows] = readFileSync(at(...parts), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])))
}

const state = () => page.locator('h1 + [data-state]').first().getAttribute('data-state')
const reach = (wanted: readonly string[], seconds = 60) =>
  eventually(`the study is ${wanted.join(' or ')}`, async () => wanted.includes((await state().catch(() => null)) ?? ''), seconds)
const studyId = () => /#\/study\/([a-z0-9-]+)/.exec(page.url())?.[1] ?? ''
const table = () => page.getByRole('table', { name: 'Cells of the study' })
const rowCells = async (index: number) =>
  (await table().locator(`[data-row="${index}"]`).getByRole('cell').allTextContents()).map((text) => text.trim())
const editor = () => page.getByRole('textbox', { name: 'Study as JSON' })
/** A checkbox that lies in a scrolled list. */
const tick = (name: string) => page.getByRole('checkbox', { name, exact: true }).click()
const fault = (text: RegExp) => page.locator('.axis, .entrant').getByText(text).first()
/** What a plot's table says, a list a row. */
async function plotTable(title: string): Promise<string[][]> {
  await page.getByRole('button', { name: `Table of ${title}` }).click()
  const rows = page.getByRole('region', { name: `Numbers of ${title}` }).locator('tbody tr[aria-rowindex]')
  await rows.first().waitFor()
  const texts = (await rows.evaluateAll(
    inPage<string[][]>('return element.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))') as never
  )) as string[][]
  await page.getByRole('button', { name: `Table of ${title}` }).click()
  return texts
}
const eight = (value: number | null) => (value === null ? '–' : formatNumber(value, 8))
const meanText = (cell: FoundCell) => `${formatNumber(Number(cell.mean), 4)} ± ${formatNumber(Number(cell.std), 2)}`

let mapId = ''
let cells: FoundCell[] = []
const rates = [0.05, 0.2, 1e200]

describe('a study made by ticking fields of a run', () => {
  it('begins in the run’s menu; faults stand at their field and nothing can start', async () => {
    await visit(page, '#/studies')
    await page.getByText('No studies yet').waitFor()
    await visit(page, '#/run/base')
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Make a study of this run…' }).click()
    await page.waitForURL(/#\/studies\/new\?from=base/)
    await page.getByText('Nothing but the seed varies yet').waitFor()
    await page.getByLabel('Seeds', { exact: true }).fill('1')
    await page.getByText('It cannot start: 1 fault.').waitFor()
    await page
      .getByText(/must name what varies/)
      .first()
      .waitFor()
    await tick('Width 2, model.layers.1')
    await page.getByLabel('Values of Width 2').fill('2, 4')
    await tick('Learning rate, optimizer.learningRate')
    await page.getByLabel('Values of Learning rate').fill('')
    await fault(/has no values/).waitFor()
    expect(await page.getByRole('button', { name: 'Start the study' }).isDisabled()).toBe(true)
    await page.getByLabel('Values of Learning rate').fill('0.05, 0.2, 1e200')
    await page.getByLabel('Seeds', { exact: true }).fill('2')
    await page.getByLabel('Runs at once').fill('2')
    await page.getByRole('button', { name: 'Start 12 runs' }).waitFor()
    const check = page.getByTestId('check')
    expect(await check.textContent()).toMatch(/Cells\s*6.*Runs\s*12/)
    expect(await check.textContent()).toContain('valLoss, lowest at the last step, mean over 2 seeds; validation')
    expect(JSON.parse(await editor().inputValue())).toMatchObject({
      axes: [
        { path: 'model.layers.1', values: [2, 4] },
        { path: 'optimizer.learningRate', values: rates }
      ],
      seeds: 2,
      parallel: 2,
      select: { metric: 'valLoss', goal: 'min', at: 'last' }
    })
  })

  it('is kept for later, started, stopped and resumed; in the end every run is there once', async () => {
    await page.getByRole('button', { name: 'Keep for later' }).click()
    await page.waitForURL(/#\/study\//)
    mapId = studyId()
    await reach(['stopped'])
    expect(readdirSync(at('runs'))).toEqual(['base'])
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await reach(['running', 'done'])
    // On a fast machine there may be nothing left to stop.
    if ((await state()) === 'running') {
      await page
        .getByRole('button', { name: 'Stop', exact: true })
        .click({ timeout: 5000 })
        .catch(() => undefined)
      await reach(['stopped', 'done'])
      if ((await state()) === 'stopped') await page.getByRole('button', { name: /^(Resume|Start)$/ }).click()
    }
    await reach(['done'], 120)
    cells = cellsOnDisk(mapId, 'valLoss')
    const ids = cells.flatMap(({ runs }) => runs.map(({ run }) => run))
    expect(new Set(ids).size).toBe(12)
    expect(readdirSync(at('runs')).sort()).toEqual(['base', ...ids].sort())
    for (const run of ids) {
      const steps = readFileSync(at('runs', run, 'metrics.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as Line).step)
      expect(steps, run).toEqual(steps.map((_, i) => i + 1))
    }
    await page.getByText('12 of 12 runs ended').first().waitFor()
  })
})

describe('its figures', () => {
  it('are those of the runs: means, deviations, n and costs in the table, as in summary.csv', async () => {
    expect(cells.filter(({ n }) => n === 0)).toHaveLength(2)
    const summary = await eventually('summary.csv', () => {
      const rows = existsSync(at('studies', mapId, 'summary.csv')) ? csvRows('studies', mapId, 'summary.csv') : []
      return rows.length === 6 ? rows : null
    })
    const results = csvRows('studies', mapId, 'results.csv')
    expect(results).toHaveLength(12)
    for (const cell of cells) {
      const [, index, width, rate, centre, std, n, states, ...costs] = await rowCells(cell.index)
      expect([index.replace('★', ''), width, rate].map((text) => Number(text.replace('−', '-')))).toEqual([
        cell.index,
        cell.values['model.layers.1'],
        cell.values['optimizer.learningRate']
      ])
      expect(centre).toBe(cell.mean === null ? '–' : formatNumber(cell.mean, 5))
      expect(std).toBe(cell.std === null ? '–' : formatNumber(cell.std, 3))
      expect(n).toBe(`${cell.n} of 2`)
      expect(states).toBe(cell.n === 0 ? '2 diverged' : '2 done')
      const row = summary[cell.index]
      expect(row.mean === '' ? null : Number(row.mean)).toEqual(cell.mean === null ? null : expect.closeTo(cell.mean, 12))
      expect(row.std === '' ? null : Number(row.std)).toEqual(cell.std === null ? null : expect.closeTo(cell.std, 12))
      expect(Number(row.n)).toBe(cell.n)
      for (const run of cell.runs) {
        const value = results.find((one) => one.run === run.run)?.value
        expect(value === '' ? null : Number(value), run.run).toEqual(run.value)
      }
      if (cell.n === 0) continue
      const last = cell.runs.map(({ lines }) => lines[lines.length - 1])
      const of = (figure: keyof Line) => mean(last.map((line) => Number(line[figure])))
      expect(costs).toEqual([
        '2 of 2',
        formatCount(of('step')),
        Number.isInteger(of('epoch')) ? formatCount(of('epoch')) : formatNumber(of('epoch'), 4),
        formatDuration(of('seconds')),
        formatCount(of('gradientEvaluations')),
        formatNumber(6 * cell.values['optimizer.learningRate'], 4)
      ])
    }
  })

  it('stand in the heat map: values, what has none, the best, what a pointer names, what a click and the keys choose', async () => {
    const title = 'Mean valLoss (validation)'
    expect(await plotTable(title)).toEqual(
      cells.map((cell) => [
        String(cell.index),
        eight(cell.values['optimizer.learningRate']),
        String(cell.values['model.layers.1']),
        eight(cell.mean),
        eight(cell.std),
        String(cell.n),
        '2'
      ])
    )
    const best = bestOf(cells)
    const map = page.getByRole('group', { name: `${title}: arrow keys choose a cell` })
    const texts = (await map.locator('g[text-anchor=middle] text').allTextContents()).map((text) => text.trim())
    expect(texts).toEqual(cells.flatMap((cell) => (cell.mean === null ? [] : [formatNumber(cell.mean, 3)])))
    await page.getByText('no value: every run failed or diverged').waitFor()
    expect(await page.getByTestId('best').textContent()).toBe(meanText(best))
    expect(await page.getByTestId('selection').textContent()).toBe('valLoss, lowest at the last step, mean over 2 seeds; validation')
    expect(await page.getByTestId('cell-mean').textContent()).toBe(meanText(best))
    // The first cell's text lies in its middle.
    const [first] = cells
    await map.locator('g[text-anchor=middle] text').first().hover({ force: true })
    await eventually('the pointed cell is named', async () => {
      const said = (await page.getByTestId('pointed').textContent()) ?? ''
      return said.includes('Width 2 = 2') && said.includes('Learning rate = 0.05') && said.endsWith(`${meanText(first)}, 2 of 2 runs`)
    })
    await map.locator('g[text-anchor=middle] text').first().click({ force: true })
    await page.waitForURL(/cell=0/)
    await page.getByRole('heading', { name: 'Cell 0' }).waitFor()
    expect(await page.getByTestId('cell-mean').textContent()).toBe(meanText(first))
    const seeds = await page
      .getByTestId('cell-runs')
      .locator('tbody tr')
      .evaluateAll(inPage<string[][]>('return element.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))') as never)
    expect((seeds as string[][]).map(([seed, , value, step]) => [seed, value, step])).toEqual(
      first.runs.map(({ seed, value }) => [String(seed), formatNumber(Number(value), 6), '6'])
    )
    // Up is the next width: the first axis goes upwards.
    await map.focus()
    await page.keyboard.press('ArrowUp')
    await page.waitForURL(/cell=3/)
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/cell=4/)
    await page.getByRole('button', { name: 'Swap axes' }).click()
    await page.waitForURL(/x=model\.layers\.1/)
    await map.focus()
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(/cell=1\b/)
    await page.reload()
    await page.getByRole('heading', { name: 'Cell 1' }).waitFor()
  })

  it('go into files, into Compare with all seeds, and into New run as the best spec', async () => {
    await page.getByRole('button', { name: 'Save Mean valLoss (validation)' }).click()
    const waiting = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'Save as SVG' }).click()
    const download: Download = await waiting
    const svg = readFileSync(await download.path(), 'utf8')
    expect(svg).toContain('Learning rate')
    for (const cell of cells) if (cell.mean !== null) expect(svg).toContain(`>${formatNumber(cell.mean, 3)}</text>`)
    await table().locator('[data-row="0"]').getByRole('checkbox').click()
    await table().locator('[data-row="4"]').getByRole('checkbox').click()
    await page.getByRole('button', { name: 'Compare their runs' }).click()
    await page.waitForURL(/#\/compare/)
    const wanted = [0, 4].flatMap((index) => cells[index].runs.map(({ run }) => run))
    expect(decodeURIComponent(page.url())).toContain(`runs=${wanted.join(',')}`)
    await visit(page, `#/study/${mapId}`)
    await page.getByRole('button', { name: 'Open the best as a spec' }).click()
    await page.waitForURL(/#\/new/)
    const spec = page.getByRole('textbox', { name: 'Run spec as JSON' })
    const best = bestOf(cells)
    await eventually('the best cell’s spec', async () => {
      const text = await spec.inputValue().catch(() => '')
      if (text === '') return false
      const made = JSON.parse(text) as { optimizer: { learningRate: number }; model: { layers: number[] } }
      return made.optimizer.learningRate === best.values['optimizer.learningRate'] && made.model.layers[1] === best.values['model.layers.1']
    })
    await page.getByRole('button', { name: 'Discard' }).click()
  })
})

const race = {
  schemaVersion: 1,
  name: 'Tuned race',
  base,
  axes: [],
  optimizers: [
    { optimizer: { kind: 'gd' }, axes: [{ path: 'optimizer.learningRate', values: [0.05, 0.2] }] },
    { optimizer: { kind: 'adam' }, axes: [{ path: 'optimizer.learningRate', values: [0.01, 0.05] }] }
  ],
  seeds: 2,
  select: { metric: 'loss', goal: 'min', at: 'last' },
  parallel: 2
}
let raceId = ''

describe('a face-off', () => {
  it('with unequal searches is refused at the optimizer; made even it runs', async () => {
    await visit(page, '#/studies/new')
    await page.getByLabel('Run', { exact: true }).selectOption({ label: 'Small net (base)' })
    await page.getByRole('button', { name: 'Use the run' }).click()
    await editor().waitFor()
    const uneven = structuredClone(race)
    uneven.optimizers[1].axes[0].values.push(0.1)
    await editor().fill(JSON.stringify(uneven))
    await fault(/as many cells/).waitFor()
    await page.getByText('They have 2, 3 cells').waitFor()
    const target = cellsOnDisk(mapId, 'loss')[0].runs[0].lines[2].loss
    await editor().fill(JSON.stringify({ ...race, target: { metric: 'loss', value: target } }, null, 2))
    await page.getByRole('button', { name: 'Start 8 runs' }).click()
    await page.waitForURL(/#\/study\//)
    raceId = studyId()
    await reach(['done'], 120)
  })

  it('says what each optimizer’s best cell came to, and what it cost to the target', async () => {
    const found = cellsOnDisk(raceId, 'loss')
    const { target } = json<{ spec: { target: { value: number } } }>('studies', raceId, 'study.json').spec
    await visit(page, `#/study/${raceId}`)
    await page.getByTestId('race').waitFor()
    const drawn = await plotTable('Mean loss (training) over Learning rate')
    const means = drawn.filter(([name]) => !name.endsWith(', seeds')).map((row) => row.slice(1, 3))
    expect(means).toEqual(found.map((cell) => [eight(cell.values['optimizer.learningRate']), eight(cell.mean)]))
    const seeds = drawn.filter(([name]) => name.endsWith(', seeds')).map((row) => row.slice(1, 3))
    expect(seeds).toEqual(
      found.flatMap((cell) => cell.runs.map(({ value }) => [eight(cell.values['optimizer.learningRate']), eight(value)]))
    )
    for (const place of [0, 1]) {
      const cell = bestOf(found.filter(({ optimizer }) => optimizer === place))
      const row = page.getByTestId('race').locator(`[data-racer="${place}"]`)
      const texts = (await row.locator('td').allTextContents()).map((text) => text.trim())
      const hits = cell.runs.flatMap(({ lines }) => {
        const hit = lines.findIndex(({ loss }) => loss <= target.value)
        return hit < 0 ? [] : [{ ...lines[hit], rate: (hit + 1) * cell.values['optimizer.learningRate'] }]
      })
      const of = (figure: 'step' | 'seconds' | 'gradientEvaluations' | 'rate') =>
        hits.length === 0 ? null : mean(hits.map((hit) => hit[figure]))
      const plain = (value: number | null) => (value === null ? '–' : Number.isInteger(value) ? formatCount(value) : formatNumber(value, 4))
      expect([texts[0], texts[1], texts[2], texts[4], texts[5], texts[6]], `optimizer ${place}`).toEqual([
        meanText(cell),
        `${hits.length} of 2`,
        plain(of('step')),
        of('seconds') === null ? '–' : formatDuration(of('seconds')),
        plain(of('gradientEvaluations')),
        plain(of('rate') === null ? null : Number(of('rate')?.toPrecision(12)))
      ])
    }
  })

  it('shows the hashes of the runs, and Verify finds start weights that were exchanged', async () => {
    const runs = cellsOnDisk(raceId, 'loss').flatMap((cell) => cell.runs)
    const hashes = (run: string) => json<{ hashes: Record<string, string> }>('runs', run, 'meta.json').hashes
    await page.getByTestId('fairness').getByText('Same start weights, projection, batch order and dataset').waitFor()
    for (const seed of [0, 1]) {
      const own = runs.filter((one) => one.seed === seed).map(({ run }) => hashes(run))
      const text = (await page.getByTestId('hashes').locator('tbody tr').nth(seed).textContent()) ?? ''
      for (const part of ['weights', 'projection', 'batches', 'dataset']) {
        expect(new Set(own.map((one) => one[part])).size, part).toBe(1)
        expect(text).toContain(`${own[0][part].slice(0, 12)} same`)
      }
    }
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByTestId('fairness').getByText('computed anew').waitFor()
    const [zero, one] = [runs.find(({ seed }) => seed === 0), runs.find(({ seed }) => seed === 1)] as [FoundRun, FoundRun]
    const weights = (run: string) => at('runs', run, 'checkpoints', 'step-000000', 'weights.npz')
    copyFileSync(weights(one.run), weights(zero.run))
    await page.getByRole('button', { name: 'Verify' }).click()
    await page.getByTestId('fairness').getByText('Not fair').waitFor()
    await page.getByRole('list', { name: 'What is not fair' }).getByRole('link', { name: zero.run }).first().waitFor()
  })
})

describe('the list', () => {
  it('says of both how far they are and what was selected, and nothing is clipped at 1024 × 700', async () => {
    await page.setViewportSize({ width: 1024, height: 700 })
    await visit(page, '#/studies')
    const list = page.getByRole('table', { name: 'Studies' })
    const row = list.locator(`[data-row="${mapId}"]`)
    await row.waitFor()
    const text = (await row.textContent()) ?? ''
    for (const part of [
      'done',
      '12 of 12 runs ended',
      '4 failed or diverged',
      meanText(bestOf(cells)),
      'valLoss, lowest at the last step, mean over 2 seeds; validation'
    ])
      expect(text).toContain(part)
    expect(await layoutFaults(page)).toEqual([])
    await visit(page, `#/study/${mapId}`)
    await page.getByTestId('best').waitFor()
    expect(await layoutFaults(page)).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('deletes a study with its runs, whose size is said first, and gives the runs back', async () => {
    await visit(page, '#/studies')
    await page
      .getByRole('table', { name: 'Studies' })
      .locator(`[data-row="${raceId}"]`)
      .getByRole('button', { name: /^Actions for/ })
      .click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    const goes = page.getByTestId('goes')
    await goes.getByText(/8 runs/).waitFor()
    expect(await goes.textContent()).toMatch(/^8 runs, [\d.]+\s(k|M)B, move to the trash\.$/)
    await page.getByRole('button', { name: 'Delete with 8 runs' }).click()
    await eventually('the study is gone', () => !existsSync(at('studies', raceId)))
    await eventually('its runs are gone', () => readdirSync(at('runs')).every((run) => !run.startsWith(raceId)))
    await page.getByRole('button', { name: 'Undo for its runs' }).click()
    await eventually('its runs are back', () => readdirSync(at('runs')).filter((run) => run.startsWith(raceId)).length === 8)
  })
})
