// Newton beyond second order on the screen: what a step says of its series and of its model is what the files say, and the form and the playground know the kinds.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]

const cli = (...words: string[]) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { encoding: 'utf8', stdio: 'pipe' })
const steps = 4
const series = { kind: 'series-newton', learningRate: 1, order: 5 }
const ar3 = { kind: 'ar3', learningRate: 1 }

function train(name: string, optimizer: unknown) {
  const path = join(workspace.path, '..', 'spec.json')
  const problem = { kind: 'function', function: 'rosenbrock', start: [0, 1] }
  writeFileSync(path, JSON.stringify({ schemaVersion: 1, name, problem, optimizer, budget: { steps } }))
  cli('run', '--workspace', workspace.path, path)
}
interface Line {
  readonly step: number
  readonly predictedDecrease: number
  readonly actualDecrease: number
  readonly figures: Readonly<Record<string, number>>
}
const metricsOf = (id: string) =>
  readFileSync(join(workspace.path, 'runs', id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

beforeAll(async () => {
  workspace = makeWorkspace()
  train('series', series)
  train('third order', ar3)
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 120_000)
afterAll(async () => {
  expect(complaints).toEqual([])
  await browser.close()
  await served.stop()
  workspace.remove()
})

const visit = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
const plot = (title: string) =>
  page
    .locator('figure.plot')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .first()

/** The numbers that a chart saves, by the name of the curve. */
async function numbersOf(title: string): Promise<Record<string, number[]>> {
  await plot(title).locator('canvas').first().waitFor()
  await plot(title)
    .getByRole('button', { name: /^Save / })
    .click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as CSV' }).click()])
  const found: Record<string, number[]> = {}
  for (const line of readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
    .slice(1)) {
    // A name may hold a comma, and then has quotes.
    const [, name = '', value = ''] = /^(?:"([^"]*)"|[^,]*),[^,]*,([^,]*)$/.exec(line.replace(/^([^",]*),/, '"$1",')) ?? []
    ;(found[name] ??= []).push(Number(value))
  }
  return found
}

it('draws the length, the radius and the terms of every step of a series', async () => {
  const lines = metricsOf('series')
  const of = (name: string) => lines.map(({ figures }) => figures[name])
  await visit('#/run/series/steps')
  expect(await numbersOf('Length t gone along the power series')).toEqual({
    'Length along the series, t': of('t'),
    'Radius estimate': of('radius')
  })
  expect(await numbersOf('Sizes of the power series’ terms')).toEqual({
    '‖s₁‖': of('term1'),
    '‖s₂‖': of('term2'),
    '‖s₃‖': of('term3'),
    '‖s₄‖': of('term4')
  })
  // The guard, told by the file itself.
  for (const { t, ...figures } of lines.map((line) => line.figures))
    for (let k = 2; k <= 4; k++) expect(figures[`term${k}`] * t ** k).toBeLessThanOrEqual(0.5 * figures.term1 * t * (1 + 1e-12))
  expect(Math.min(...of('t'))).toBeLessThan(1)
  expect(Math.max(...of('t'))).toBe(1)
}, 90_000)

it('draws σ, the inner iterations and the gain of every step of AR3', async () => {
  const lines = metricsOf('third-order')
  await visit('#/run/third-order/steps')
  expect(await numbersOf('Weight σ of the quartic regularizer')).toEqual({ 'Regularizer σ': lines.map(({ figures }) => figures.sigma) })
  expect(await numbersOf('Iterations on the third-order model')).toEqual({
    'Inner iterations': lines.map(({ figures }) => figures.innerIterations)
  })
  const ratios = await numbersOf('Gain ratio')
  lines.forEach(({ figures, actualDecrease, predictedDecrease }, i) => {
    expect(ratios['actual / predicted'][i]).toBeCloseTo(actualDecrease / predictedDecrease, 10)
    expect(figures.ratio).toBeCloseTo(actualDecrease / predictedDecrease, 8)
  })
}, 90_000)

it('offers both in the playground, where they go where the command says', async () => {
  const { trajectories } = JSON.parse(
    cli('play', 'rosenbrock', '--optimizers', JSON.stringify([series, ar3]), '--from=-1.2,1', '--steps', '3', '--json')
  ) as { trajectories: { values: number[] }[] }
  const query = new URLSearchParams({ optimizers: JSON.stringify([series, ar3]), steps: '3' })
  await visit(`#/playground?${query.toString()}`)
  for (const [place, { values }] of trajectories.entries()) {
    const value = values[3]
    expect(value).toBeGreaterThan(0)
    const shown = await eventually('a value at step 3', async () => {
      const text = await page
        .getByText(/f = .* at step 3/)
        .nth(place)
        .textContent()
      return /f = (\S+) at/.exec(text ?? '')?.[1] ?? null
    })
    expect(Math.abs(Number(shown.replace('−', '-')) / value - 1)).toBeLessThan(1e-3)
  }
  const offered = await page.getByRole('combobox', { name: 'Optimizer 1' }).locator('option').allTextContents()
  expect(offered).toEqual(expect.arrayContaining(['Series Newton', 'AR3 (third order)']))
}, 90_000)

it('has a form for every option, and says what is wrong with one', async () => {
  const problem = { kind: 'function', function: 'rosenbrock', start: null }
  const spec = {
    schemaVersion: 1,
    name: 'form',
    problem,
    optimizer: { ...series, damping: { value: 0, adapt: 'levenberg' } },
    budget: { steps }
  }
  await visit(`#/new?spec=${encodeURIComponent(JSON.stringify(spec))}`)
  for (const label of ['Order', 'Saddle-free', 'Summation', 'Guard θ']) await page.getByText(label, { exact: true }).first().waitFor()
  await page.getByText('must be a number > 0, got 0').first().waitFor()
}, 90_000)
