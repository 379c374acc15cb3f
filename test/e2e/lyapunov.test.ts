// Lyapunov exponents on screen against their files, while they are computed, and as a study over the learning rate from the button to its picture.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility'
import { analysisPage, numbers, seriesOf } from './analysis-page'
import { layoutFaultsPastNotices } from './layout'
import { eventually, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]
let on: ReturnType<typeof analysisPage>

const net = {
  schemaVersion: 1,
  name: 'Net',
  seed: 3,
  data: {
    dataset: 'mnist10',
    trainLimit: 40,
    testLimit: 20,
    transforms: [
      { kind: 'affine', divide: 256, subtract: 0 },
      { kind: 'random-projection', dim: 6 }
    ]
  },
  model: { layers: [6, 3, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.5 } },
  loss: 'mse',
  optimizer: { kind: 'gd', learningRate: 2 },
  budget: { steps: 12 },
  snapshots: { everySteps: 4, eigenvectors: 0 },
  checkpoints: { everySteps: 4, keep: 10 }
}
const bowl = {
  schemaVersion: 1,
  name: 'Bowl',
  problem: { kind: 'function', function: 'x^2 + 3*y^2', start: [1, 1] },
  optimizer: { kind: 'gd', learningRate: 0.2 },
  budget: { steps: 4 }
}

beforeAll(async () => {
  workspace = makeWorkspace()
  const cli = (...words: string[]) =>
    execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace.path], { stdio: 'pipe' })
  for (const [id, spec] of Object.entries({ net, bowl })) {
    const file = join(workspace.path, '..', `${id}.json`)
    writeFileSync(file, JSON.stringify(spec))
    cli('run', file, '--id', id)
  }
  cli('analyse', 'lyapunov', 'net', '--set', 'steps=60')
  cli('analyse', 'lyapunov', 'bowl', '--set', 'steps=40')
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  page.setDefaultTimeout(25_000)
  complaints = watchConsole(page)
  on = analysisPage(page, workspace.path)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 240_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const name = 'lyapunov-12'
const read = (array: string) => on.read('net', name, array)

describe('the picture of exponents', () => {
  it('draws the numbers of its files: spectrum, running estimates, sums, one-step exponents, sharpness', async () => {
    await on.open('net', name)
    const [exponents, running, steps] = [read('exponents'), read('running'), read('runningSteps')]
    const count = exponents.length
    const spectrum = await on.csvOf(on.plot('Lyapunov spectrum of training'))
    expect(numbers(spectrum, 2)).toEqual([...exponents])
    const estimates = await on.csvOf(on.plot('Running estimates'))
    for (const k of [1, 2, 3, count]) {
      const own = seriesOf(estimates, `exponent ${k}`)
      expect(numbers(own, 1)).toEqual([...steps])
      expect(numbers(own, 2)).toEqual(Array.from(steps, (_, row) => running[row * count + k - 1]))
    }
    const sums = numbers(await on.csvOf(on.plot('Sum of the leading exponents')), 2)
    expect(sums).toHaveLength(count)
    const { figures } = on.manifest('net', name)
    expect(sums[count - 1]).toBeCloseTo(figures.sum ?? NaN, 10)
    const oneStep = read('oneStep')
    const rows = read('oneStepSteps')
    const largest = seriesOf(await on.csvOf(on.plot('Largest one-step exponent of the stored snapshots')), 'largest of one step')
    expect(numbers(largest, 1)).toEqual([...rows])
    expect(numbers(largest, 2)).toEqual(Array.from(rows, (_, k) => Math.max(...oneStep.subarray(k * count, (k + 1) * count))))
    const map = numbers(await on.csvOf(on.plot('One-step exponents over the stored snapshots')), 2)
    expect(map[0]).toBe(Math.max(...oneStep.subarray(0, count)))
    const sharpness = await on.csvOf(on.plot('Sharpness against the edge of stability'))
    expect(numbers(seriesOf(sharpness, /^λ max/), 1)).toEqual([0, 4, 8, 12])
    expect(numbers(seriesOf(sharpness, /^largest/), 2)).toEqual([figures.sharpness])
    const says = await page.getByTestId('dynamics').textContent()
    expect(says).toContain('2/η = 1')
    expect(says).toMatch(/Ruelle’s bound/)
  })

  it('is nowhere cut or laid over itself, light and dark, wide and small', async () => {
    for (const [width, height, colorScheme] of [
      [1440, 900, 'light'],
      [1024, 700, 'dark']
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await on.open('net', name)
      const faults = await layoutFaultsPastNotices(page)
      expect(faults, `${width} ${colorScheme}`).toEqual([])
      expect(await accessibilityFaults(page), colorScheme).toEqual([])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
  })

  it('is live while it is computed, and goes when it is cancelled', async () => {
    await on.go('/run/net/analyses')
    await page.getByRole('button', { name: 'New analysis…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: /Kind/ }).selectOption({ label: 'Lyapunov spectrum' })
    await dialog.getByRole('textbox', { name: /^steps/ }).fill('3000000')
    await dialog.getByRole('button', { name: 'Compute', exact: true }).click()
    const live = page.getByTestId('live-preview')
    await live
      .getByText(/After [\d\s]+ steps; it is not done/)
      .first()
      .waitFor({ timeout: 60_000 })
    const figure = on.plot('Running estimates so far', live)
    expect(numbers(seriesOf(await on.csvOf(figure), 'exponent 1'), 2).length).toBeGreaterThan(0)
    await page
      .getByRole('button', { name: /Cancel/ })
      .first()
      .click()
    await live.waitFor({ state: 'detached', timeout: 60_000 })
  })
})

describe('the learning rate against the largest exponent', () => {
  it('goes from the button to a study with its exponents, exact for a quadratic, and the edge marked at a third', async () => {
    await on.open('bowl', 'lyapunov-4')
    await page.getByRole('button', { name: 'Learning rate against largest exponent…' }).click()
    await page.getByRole('heading', { name: 'New study' }).waitFor()
    const editor = page.getByRole('textbox', { name: 'Study as JSON' })
    const text = async () => JSON.parse(await editor.inputValue()) as Record<string, never>
    await expect.poll(async () => (await editor.inputValue()).length).toBeGreaterThan(50)
    expect(await text()).toMatchObject({
      axes: [{ path: 'optimizer.learningRate', from: 0.02, to: 2, count: 9, scale: 'log' }],
      analyse: [{ kind: 'lyapunov', at: 'last', options: { steps: 40, exponents: 'all' } }],
      select: { metric: 'lyapunov.largest', goal: 'min' }
    })
    const analysis = page.locator('[data-analysis-kind=lyapunov]')
    await analysis.getByRole('textbox', { name: /^steps/ }).fill('0')
    await analysis.getByText(/must be an integer ≥ 1/).waitFor()
    await analysis.getByRole('textbox', { name: /^steps/ }).fill('30')
    // Rates at which gradient descent stays in the bowl for the few steps that are asked for.
    await editor.fill(
      JSON.stringify({ ...(await text()), axes: [{ path: 'optimizer.learningRate', values: [0.05, 0.1, 0.2, 0.4, 0.6] }], parallel: 2 })
    )
    await page.getByRole('button', { name: 'Start 5 runs' }).click()
    await page.waitForURL(/#\/study\//)
    const id = /#\/study\/([a-z0-9-]+)/.exec(page.url())?.[1] ?? ''
    const results = join(workspace.path, 'studies', id, 'results.csv')
    const columns = () => {
      const [header, ...rows] = readFileSync(results, 'utf8').trim().split(/\r?\n/)
      const at = header.split(',').indexOf('lyapunov.largest')
      return rows.map((row) => row.split(',')[at])
    }
    await eventually('all exponents are there', () => existsSync(results) && columns().every((value) => value !== ''), 120)
    const figure = on.plot(/^Mean lyapunov\.largest/, page.locator('body'))
    const mean = await eventually('the picture has all of them', async () => {
      const rows = seriesOf(await on.csvOf(figure), /^mean/)
      return rows.length === 5 && rows
    })
    expect(numbers(mean, 1)).toEqual([0.05, 0.1, 0.2, 0.4, 0.6])
    expect(numbers(mean, 2)).toEqual(columns().map(Number))
    // The Hessian is diag(2, 6): the larger of ln|1 − 2η| and ln|1 − 6η|.
    numbers(mean, 1).forEach((rate, k) =>
      expect(numbers(mean, 2)[k]).toBeCloseTo(Math.log(Math.max(Math.abs(1 - 2 * rate), Math.abs(1 - 6 * rate))), 9)
    )
    expect(await figure.textContent()).toContain('Marked is the edge of stability')
    for (const run of readdirSync(join(workspace.path, 'runs')).filter((one) => one.startsWith(id)))
      expect(readdirSync(join(workspace.path, 'runs', run, 'analyses'))).toEqual(['lyapunov-4'])
    expect(await layoutFaultsPastNotices(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})
