// Analyses on screen against the files behind them: the list, every kind's picture, two side by side, a run from a point of a plane; made, watched, cancelled and deleted; the list across runs.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatBytes, formatNumber, formatPercent } from '../../src/renderer/app/format'
import { analysisKindNames } from '../../src/shared/analyses/kinds'
import { parseNpy, parseNpz, toFloat64 } from '../../src/shared/npy'
import type { AnalysisManifest } from '../../src/shared/analyses/manifest'
import { accessibilityFaults } from './accessibility'
import { landau, writeAnalyses, writeAnalysis } from './analysis-fixtures'
import { layoutFaults, layoutFaultsPastNotices } from './layout'
import { eventually, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]

const cli = (...words: string[]) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace.path], {
    encoding: 'utf8',
    stdio: 'pipe'
  })
const P = 343
const spec = {
  schemaVersion: 1,
  name: 'First run',
  seed: 3,
  data: { dataset: 'mnist10', trainLimit: 250, testLimit: 100, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
  model: { layers: [100, 3, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.3 } },
  loss: 'softmax-cross-entropy',
  batch: { size: 60 },
  optimizer: { kind: 'sfn', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate: 0.5 },
  snapshots: { everySteps: 6, eigenvectors: 0, hessian: true },
  checkpoints: { everySteps: 2, keep: 10 },
  budget: { steps: 6 }
}
/** Small ones of every kind there is, by the command; sharpness and the like have no options worth setting. */
const made = [
  ['landau', 'vectors=4', 'coupling=2'],
  ['scales', 'count=2', 'perDecade=2'],
  ['landscape', 'size=11', 'plane=trajectory'],
  ['overlap', 'vectors=3'],
  ['ntk', 'samples=6'],
  ['density', 'probes=2', 'vectors=12'],
  ['sharpness'],
  ['tensor', 'k=4']
].filter(([kind]) => (analysisKindNames as readonly string[]).includes(kind))
const folderOf = (run: string, name = '') => join(workspace.path, 'runs', run, 'analyses', name)

beforeAll(async () => {
  workspace = makeWorkspace()
  for (const [id, name] of [
    ['one', 'First run'],
    ['two', 'Second run'],
    ['real', 'Analysed by the command']
  ]) {
    const file = join(workspace.path, '..', `${id}.json`)
    writeFileSync(file, JSON.stringify({ ...spec, name }))
    cli('run', file, '--id', id)
  }
  for (const [kind, ...settings] of made) cli('analyse', kind, 'real:4', ...settings.flatMap((setting) => ['--set', setting]))
  writeAnalyses(join(workspace.path, 'runs', 'one'), P)
  writeAnalysis(join(workspace.path, 'runs', 'one'), {
    kind: 'of-tomorrow',
    name: 'of-tomorrow-6-2',
    options: { colour: 'red' },
    figures: { answer: 43.5 },
    arrays: { curve: { shape: [3], data: [1, 2, 3] } }
  })
  served = await serve(workspace.path)
  browser = await openBrowser()
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(served.link).origin })
  page = await context.newPage()
  page.setDefaultTimeout(25_000)
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 240_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const go = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(`#${route}`)}`)
const view = () => page.getByTestId('analysis')
async function open(name: string, query = '', run = 'one') {
  await go('/analyses')
  await page.getByRole('heading', { name: 'Analyses', exact: true }).waitFor()
  await go(`/run/${run}/analyses?analysis=${name}${query}`)
  await view().locator('code', { hasText: name }).first().waitFor()
}
const read = (run: string, name: string, array: string) => {
  const path = join(folderOf(run, name), `${array}.npy`)
  return toFloat64(parseNpy(readFileSync(path), path))
}
const faults = () => layoutFaultsPastNotices(page)
async function saved(click: () => Promise<void>) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}
const plot = (title: string | RegExp) =>
  view()
    .locator('figure')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .first()
const cells = (line: string) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => cell.replaceAll('"', ''))
/** The rows of a plot's CSV, without the header. */
async function csvOf(figure: Locator): Promise<string[][]> {
  const { bytes } = await saved(async () => {
    await figure.getByRole('button', { name: /^Save / }).click()
    await page.getByRole('menuitem', { name: 'Save as CSV' }).click()
  })
  return bytes.toString('utf8').trim().split('\n').slice(1).map(cells)
}
const seriesOf = (rows: readonly string[][], name: string) => rows.filter(([series]) => series === name)
const numbers = (rows: readonly string[][], column: number) => rows.map((row) => Number(row[column]))
const median = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2
}
const texts = async (of: Locator) => (await of.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())
const choose = (name: string, option: string) => page.getByRole('combobox', { name, exact: true }).selectOption({ label: option })

describe('the tab of a run', () => {
  it('lists what the run has, with sizes, options and whether the checks hold', async () => {
    await go('/run/one/analyses')
    const row = (name: string) => page.locator(`tr[data-analysis="${name}"]`)
    await row('landau-6').waitFor()
    const names = readdirSync(folderOf('one'))
    expect(await page.locator('tr[data-analysis]').count()).toBe(names.length)
    for (const name of names) {
      const bytes = readdirSync(folderOf('one', name)).reduce((sum, file) => sum + statSync(join(folderOf('one', name), file)).size, 0)
      expect(await row(name).textContent()).toContain(formatBytes(bytes))
    }
    expect(await row('landau-6').textContent()).toContain('vectors 3, order 6, coupling 3, data batch')
    expect(await row('landau-6').getByTestId('checks').textContent()).toContain('1 of 2 checks fails')
    expect(await row('landscape-6').getByTestId('checks').textContent()).toContain('verified: 1 check')
    expect(await row('ntk-6').getByTestId('checks').textContent()).toContain('not checked')
    await row('landau-6').getByTestId('checks').click()
    await page.getByRole('dialog').locator('tr[data-check="loss"]').getByText('2e−6 ✕').waitFor()
    await page.keyboard.press('Escape')
    await row('scales-6').getByRole('button', { name: 'Show scales-6' }).click()
    expect(await page.evaluate('window.location.hash')).toContain('analysis=scales-6')
    await view().getByRole('button', { name: 'Close' }).click()
    await view().waitFor({ state: 'detached' })
    await go('/run/two/analyses?analysis=landau-6')
    await page.getByText('This run has not been analysed').waitFor()
  })

  it('is nowhere cut or laid over itself, and says everything to a screen reader, whatever is open', async () => {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700]
    ]) {
      await page.setViewportSize({ width, height })
      for (const name of ['landau-6', 'scales-6', 'landscape-6', 'overlap-6', 'ntk-6', 'density-6', 'sharpness-6', 'of-tomorrow-6']) {
        await open(name)
        await view().locator('figure').first().waitFor()
        expect(await faults(), `${name} at ${width}`).toEqual([])
        if (width === 1440) expect(await accessibilityFaults(page), name).toEqual([])
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })
})

describe('the pictures', () => {
  it('of Landau coefficients: every coefficient and error, the truncations and the loss along the chosen direction', async () => {
    await open('landau-6')
    const [a, errors] = [read('one', 'landau-6', 'coefficients'), read('one', 'landau-6', 'errors')]
    const rows = view().getByTestId('coefficients').locator('tbody tr')
    await eventually('a line a direction', async () => (await rows.count()) === 3)
    for (let k = 0; k < 3; k++) {
      const shown = await texts(rows.nth(k).locator('td'))
      expect(shown[0]).toBe(formatNumber(landau.eigenvalues[k], 4))
      for (let n = 0; n < 7; n++) expect(shown[1 + n]).toBe(`${formatNumber(a[7 * k + n], 4)}± ${formatNumber(errors[7 * k + n], 2)}`)
      expect(shown[8]).toBe(['trough', 'saddle direction', 'fold'][k])
    }
    await rows.nth(1).getByRole('button', { name: 'Draw direction 0' }).click()
    const figure = plot('Loss along eigenvector 0, λ = −1: saddle direction')
    await figure.waitFor()
    expect(await page.evaluate('window.location.hash')).toContain('direction=0')
    const csv = await csvOf(figure)
    const t = read('one', 'landau-6', 't')
    expect(numbers(seriesOf(csv, 'the loss itself'), 2)).toEqual([...read('one', 'landau-6', 'loss').subarray(81, 162)])
    for (const [order, radius] of [
      [2, 0.4],
      [4, 0.9],
      [6, 1.7]
    ]) {
      const own = seriesOf(csv, `to order ${order}, r${order} = ${radius}`)
      expect(own.length).toBe(81)
      for (const [i, row] of own.entries()) {
        const sum = landau.coefficients[1].reduce((total, one, n) => (n <= order ? total + one * t[i] ** n : total), 0)
        expect(Number(row[2])).toBeCloseTo(sum, 10)
      }
    }
    const coupling = plot(/^Coupling T₃ with eigenvector 63/)
    expect(numbers(await csvOf(coupling), 2)).toEqual([...read('one', 'landau-6', 't3').subarray(0, 9)])
    await coupling.getByRole('combobox', { name: 'Derivative' }).selectOption({ label: 'fourth' })
    await plot(/^Coupling T₄/)
      .getByRole('combobox', { name: 'Second' })
      .selectOption({ label: 'eigenvector 20' })
    expect(numbers(await csvOf(plot(/^Coupling T₄/)), 2)).toEqual([...read('one', 'landau-6', 't4').subarray(18, 27)])
  })

  it('of curvature at scales: medians and quartiles over the directions, controls, and where signs change', async () => {
    await open('scales-6')
    const csv = await csvOf(plot('Curvature along lines against the scale it is measured at'))
    const [epsilon, curvature] = [read('one', 'scales-6', 'epsilon'), read('one', 'scales-6', 'curvature')]
    for (const [name, rows] of [
      ['eigenvectors', [0, 1, 2, 3]],
      ['random directions', [4, 5, 6]]
    ] as const) {
      const own = seriesOf(csv, `${name}: median`)
      expect(numbers(own, 1)).toEqual([...epsilon])
      for (const [m, row] of own.entries()) {
        const sizes = rows.map((d) => Math.abs(curvature[d * 33 + m])).sort((x, y) => x - y)
        expect(Number(row[2])).toBeCloseTo(median(sizes), 12)
        expect(Number(row[3])).toBeGreaterThanOrEqual(sizes[0])
        expect(Number(row[4])).toBeLessThanOrEqual(sizes[sizes.length - 1])
        expect(Number(seriesOf(csv, `${name}: smallest`)[m][2])).toBe(sizes[0])
        expect(Number(seriesOf(csv, `${name}: largest`)[m][2])).toBe(sizes[sizes.length - 1])
      }
    }
    const control = read('one', 'scales-6', 'control')
    expect(numbers(seriesOf(csv, 'control: the local quadratic'), 2)).toEqual([...control.subarray(0, 33)])
    expect(numbers(seriesOf(csv, 'control: fractional profiles, median'), 2)).toEqual([...control.subarray(33, 66)])
    const first = epsilon.find((_, m) => curvature[m] < 0) ?? NaN
    expect((await texts(view().getByTestId('signs').locator('li')))[0]).toBe(
      `eigenvectors (4): κ changes its sign in 4 of them, first at ε = ${formatNumber(first, 3)}; 0 of 132 values are not above their error.`
    )
  })

  it('of a plane: loss and path, and a run that starts exactly where the plane was clicked', async () => {
    await open('landscape-6')
    const figure = plot('Loss over a plane through weight space')
    const csv = await csvOf(figure)
    expect(numbers(seriesOf(csv, 'grid'), 4)).toEqual([...read('one', 'landscape-6', 'loss')])
    const path = seriesOf(csv, 'path')
    expect(numbers(path, 1)).toEqual([...read('one', 'landscape-6', 'pathSteps')])
    expect(path.flatMap((row) => [Number(row[2]), Number(row[3])])).toEqual([...read('one', 'landscape-6', 'path')])
    expect(await figure.locator('svg text.name').allTextContents()).toEqual(expect.arrayContaining(['step 0', 'step 6']))
    expect(await figure.locator('svg.drawing').textContent()).toContain('u, along the first principal direction of the path')
    expect(await view().getByTestId('shares').textContent()).toBe(
      `Of the variance of the run's checkpoints about the centre u holds ${formatPercent(0.8125)} and v ${formatPercent(0.125)}.`
    )
    await figure.locator('svg.drawing').click({ position: { x: 300, y: 120 } })
    const [u, v] = [
      Number(await page.getByLabel('u', { exact: true }).inputValue()),
      Number(await page.getByLabel('v', { exact: true }).inputValue())
    ]
    expect(Math.abs(u) + Math.abs(v)).toBeGreaterThan(0.1)
    const at = (axis: Float64Array, value: number) => Math.round(((value - axis[0]) / (axis[40] - axis[0])) * 40)
    const place = 41 * at(read('one', 'landscape-6', 'v'), v) + at(read('one', 'landscape-6', 'u'), u)
    expect(await view().getByTestId('point-loss').textContent()).toContain(formatNumber(read('one', 'landscape-6', 'loss')[place], 6))
    await view().getByRole('button', { name: 'Start a run here…' }).click()
    await page.getByRole('heading', { name: 'New run' }).waitFor()
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.waitForURL(/#\/run\/(?!one)[a-z0-9-]+/)
    const id = /#\/run\/([a-z0-9-]+)/.exec(page.url())?.[1] ?? ''
    const file = join(workspace.path, 'runs', id, 'checkpoints', 'step-000000', 'weights.npz')
    await eventually('the start is stored', () => existsSync(file))
    const weights = Object.values(await parseNpz(readFileSync(file), file)).flatMap(({ data }) => [...data])
    const [center, axes] = [read('one', 'landscape-6', 'center'), read('one', 'landscape-6', 'axes')]
    expect(weights).toEqual(Array.from(center, (c, i) => c + u * axes[i] + v * axes[P + i]))
  })

  it('of overlaps, tangent kernel, density and sharpness: the numbers of their files', async () => {
    await open('overlap-6')
    const overlap = plot('Overlap of the leading subspaces of two steps')
    const values = read('one', 'overlap-6', 'overlap')
    expect(numbers(await csvOf(overlap), 2)).toEqual([...values])
    await overlap.getByRole('group').focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp']) await page.keyboard.press(key)
    await overlap.getByText(`step 2, step 2: ${formatNumber(values[5], 6)}`).waitFor()
    const ipr = read('one', 'overlap-6', 'ipr')
    const curves = await csvOf(plot('Inverse participation ratio of each leading eigenvector'))
    for (const k of [0, 1, 2]) expect(numbers(seriesOf(curves, `vector ${k + 1}`), 2)).toEqual([0, 1, 2, 3].map((s) => ipr[3 * s + k]))
    expect(numbers(seriesOf(curves, `a random vector: ${formatNumber(3 / (P + 2), 3)}`), 2)).toEqual([0, 1, 2, 3].map(() => 3 / (P + 2)))

    await open('ntk-6')
    const kernel = await csvOf(plot('Eigenvalues of the tangent kernel and of the Gauss–Newton matrix'))
    expect(numbers(seriesOf(kernel, 'tangent kernel J Jᵀ'), 2)).toEqual([...read('one', 'ntk-6', 'eigenvalues')])
    expect(numbers(seriesOf(kernel, 'Gauss–Newton matrix'), 2)).toEqual([...read('one', 'ntk-6', 'ggn')])

    await open('density-6')
    const density = await csvOf(plot('Density of the Hessian’s eigenvalues'))
    const [bell, error] = [read('one', 'density-6', 'density'), read('one', 'density-6', 'error')]
    expect(numbers(density, 2)).toEqual([...bell])
    expect(numbers(density, 4)).toEqual(Array.from(bell, (value, i) => value + error[i]))

    await open('sharpness-6')
    const gradient = read('one', 'sharpness-6', 'gradient')
    const order = Array.from(gradient, (_, i) => i).sort((x, y) => Math.abs(gradient[y]) - Math.abs(gradient[x]))
    const rows = view().getByTestId('largest').locator('tbody tr')
    for (let k = 0; k < 12; k++) {
      const i = order[k]
      // As the parameter vector is laid out: W1 (100 × 3) row by row, b1, W2 (3 × 10), b2.
      const name =
        i < 300
          ? `W1[${Math.floor(i / 3)}, ${i % 3}]`
          : i < 303
            ? `b1[${i - 300}]`
            : i < 333
              ? `W2[${Math.floor((i - 303) / 10)}, ${(i - 303) % 10}]`
              : `b2[${i - 333}]`
      expect((await texts(rows.nth(k).locator('th, td'))).slice(0, 3)).toEqual([name, String(i), formatNumber(gradient[i], 6)])
    }
  })

  it('of a kind that nobody knows: figures, arrays one by one, and each as its file', async () => {
    await open('of-tomorrow-6')
    expect((await view().locator('td[data-figure="answer"]').textContent())?.trim()).toBe('42')
    expect(numbers(await csvOf(plot('Array curve')), 2)).toEqual([...read('one', 'of-tomorrow-6', 'curve')])
    await choose('Array', 'table')
    expect(numbers(await csvOf(plot('Array table')), 2)).toEqual([...read('one', 'of-tomorrow-6', 'table')])
    expect(await page.evaluate('window.location.hash')).toContain('array=table')
    expect(await view().locator('tr[data-array="cube"]').textContent()).toContain('2 × 3 × 4')
    const { name, bytes } = await saved(() => view().getByRole('button', { name: 'Save cube.npy' }).click())
    expect(name).toBe('one-analyses-of-tomorrow-6-cube.npy')
    expect(bytes.equals(readFileSync(join(folderOf('one', 'of-tomorrow-6'), 'cube.npy')))).toBe(true)
  })

  it('of what the command made: nothing is missing, every figure and check is the manifest’s, coefficients are the files’', async () => {
    for (const [kind] of made) {
      const name = `${kind}-4`
      await open(name, '', 'real')
      const manifest = JSON.parse(readFileSync(join(folderOf('real', name), 'manifest.json'), 'utf8')) as AnalysisManifest
      await view().locator('figure').first().waitFor()
      expect(await view().getByRole('alert').count(), kind).toBe(0)
      expect(await view().locator('figure .empty').count(), kind).toBe(0)
      for (const [figure, value] of Object.entries(manifest.figures))
        expect((await view().locator(`td[data-figure="${figure}"]`).textContent())?.trim(), `${kind} ${figure}`).toBe(
          formatNumber(value, 6)
        )
      for (const [check, { value, limit, ok }] of Object.entries(manifest.checks)) {
        const cellsOf = await texts(view().locator(`tr[data-check="${check}"] td`))
        expect(cellsOf.slice(0, 2), `${kind} ${check}`).toEqual([`${formatNumber(value, 3)} ${ok ? '✓' : '✕'}`, formatNumber(limit, 2)])
      }
      expect(await texts(view().getByTestId('arrays').locator('tbody td:nth-child(2)'))).toEqual(
        Object.values(manifest.arrays).map(({ shape }) => shape.join(' × '))
      )
      expect(await faults(), kind).toEqual([])
    }
    await open('landau-4', '', 'real')
    const rows = view().getByTestId('coefficients').locator('tbody tr')
    await eventually('a line a direction', async () => (await rows.count()) === 4)
    const [a, errors, eigenvalues] = ['coefficients', 'errors', 'eigenvalues'].map((array) => read('real', 'landau-4', array))
    for (let k = 0; k < 4; k++) {
      const shown = await texts(rows.nth(k).locator('td'))
      expect(shown[0]).toBe(formatNumber(eigenvalues[k], 4))
      for (let n = 0; n < 7; n++) expect(shown[1 + n]).toBe(`${formatNumber(a[7 * k + n], 4)}± ${formatNumber(errors[7 * k + n], 2)}`)
    }
    await open('landscape-4', '', 'real')
    expect(numbers(seriesOf(await csvOf(plot('Loss over a plane through weight space')), 'grid'), 4)).toEqual([
      ...read('real', 'landscape-4', 'loss')
    ])
  })

  it('of two of a kind side by side, with what differs', async () => {
    await open('of-tomorrow-6')
    await choose('Beside', 'of-tomorrow-6-2')
    const row = page.locator('tr[data-compared="answer"]')
    await row.waitFor()
    expect((await texts(row.locator('td'))).slice(0, 3)).toEqual(['42', '43.5', '1.5'])
    expect(await view().getByTestId('comparison').textContent()).toMatch(/colour\s*blue\s*red/)
    expect(await view().locator('figure').count()).toBe(2)
    expect(await page.evaluate('window.location.hash')).toContain('with=one:of-tomorrow-6-2')
    expect(await faults()).toEqual([])
  })
})

describe('an analysis is made', () => {
  const dialog = () => page.getByRole('dialog')
  it('from a form that says what is wrong at its field and what it costs, and is shown as its files have it', async () => {
    await go('/run/two/analyses')
    await page.getByRole('button', { name: 'New analysis…' }).click()
    await choose('Kind', 'Critical points')
    expect(await dialog().getByTestId('summary').textContent()).toContain('Newton on the gradient')
    expect(await dialog().getByLabel('Weights').locator('option').allTextContents()).toEqual([6, 4, 2, 0].map((at) => `after step ${at}`))
    await dialog().getByLabel('starts', { exact: true }).fill('0')
    await dialog().getByText('must be an integer ≥ 1 and ≤ 1000, got 0').waitFor()
    expect(await dialog().getByLabel('starts', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    expect(await dialog().getByRole('button', { name: 'Compute', exact: true }).isDisabled()).toBe(true)
    expect(await layoutFaults(page)).toEqual([])
    await dialog().getByLabel('starts', { exact: true }).fill('3')
    await dialog().getByLabel('iterations', { exact: true }).fill('6')
    await dialog().getByLabel('Weights').selectOption({ label: 'after step 4' })
    await dialog()
      .getByText(/^about .* \(rough\)$/)
      .waitFor()
    expect(await accessibilityFaults(page, ['region'])).toEqual([])
    await dialog().getByRole('button', { name: 'Copy as command' }).click()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      'saddlescope analyse critical-points two:4 --set starts=3 --set iterations=6'
    )
    await eventually('the cost is known', () => dialog().getByRole('button', { name: 'Compute', exact: true }).isEnabled())
    await dialog().getByRole('button', { name: 'Compute', exact: true }).click()
    await page.getByRole('button', { name: 'Show critical-points-4' }).click()
    const rows = view().getByTestId('searches').locator('tbody tr')
    await eventually('a line a search', async () => (await rows.count()) === 3)
    const array = (name: string) => read('two', 'critical-points-4', name)
    for (let k = 0; k < 3; k++) {
      const shown = await texts(rows.nth(k).locator('td'))
      expect(shown).toEqual([
        ['not converged', 'critical', 'gradient-flat'][array('outcome')[k]],
        formatNumber(array('loss')[k], 6),
        formatNumber(array('gradNorm')[k], 3),
        formatNumber(array('flatness')[k], 3),
        formatNumber(array('largest')[k], 4),
        formatPercent(array('index')[k]).replace(/\s/g, ' '),
        String(array('zero')[k]),
        String(array('iterations')[k])
      ])
    }
    await view().getByText('verified: 1 check').waitFor()
  })

  it('not where it cannot be, and says why', async () => {
    await go('/run/two/analyses')
    await page.getByRole('button', { name: 'New analysis…' }).click()
    await choose('Kind', 'Difference of two Hessians')
    await dialog().getByLabel('b (required)', { exact: true }).fill('one:5')
    await dialog().getByText('It cannot be computed: run "one" has no snapshot of step 5; it has 0, 6.').waitFor()
    expect(await dialog().getByRole('button', { name: 'Compute', exact: true }).isDisabled()).toBe(true)
    await page.keyboard.press('Escape')
  })

  it('with progress, until it is cancelled: nothing is left', async () => {
    const before = readdirSync(folderOf('two')).sort()
    await page.getByRole('button', { name: 'New analysis…' }).click()
    await choose('Kind', 'Critical points')
    await dialog().getByLabel('starts', { exact: true }).fill('1000')
    await dialog().getByLabel('tolerance', { exact: true }).fill('1e-300')
    await eventually('the cost is known', () => dialog().getByRole('button', { name: 'Compute', exact: true }).isEnabled())
    await dialog().getByRole('button', { name: 'Compute', exact: true }).click()
    const job = page.getByRole('status', { name: /Critical points/ })
    await job.getByText(/search \d+ of 1000/).waitFor()
    await job.getByRole('button', { name: 'Cancel' }).click()
    await job.waitFor({ state: 'detached' })
    await eventually('nothing is left', () => JSON.stringify(readdirSync(folderOf('two')).sort()) === JSON.stringify(before))
  })

  it('and deleted, when its size was said', async () => {
    await page.getByRole('button', { name: 'Delete critical-points-4' }).first().click()
    const bytes = readdirSync(folderOf('two', 'critical-points-4')).reduce(
      (sum, file) => sum + statSync(join(folderOf('two', 'critical-points-4'), file)).size,
      0
    )
    await dialog()
      .getByText(`critical-points-4 of two takes ${formatBytes(bytes)}.`)
      .waitFor()
    await dialog().getByRole('button', { name: 'Delete', exact: true }).click()
    await eventually('the folder is gone', () => !existsSync(folderOf('two', 'critical-points-4')))
    await page.getByText('This run has not been analysed').waitFor()
  })
})

describe('the list across runs', () => {
  it('is filtered by kind and by text, and leads to the run', async () => {
    await go('/')
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.getByRole('heading', { name: 'Analyses', exact: true }).waitFor()
    const lines = () => page.locator('[data-row]')
    const count = readdirSync(folderOf('one')).length + readdirSync(folderOf('real')).length
    await eventually('every analysis has a line', async () => (await lines().count()) === count)
    expect(await faults()).toEqual([])
    expect(await accessibilityFaults(page)).toEqual([])
    await choose('Kind', 'of-tomorrow')
    await eventually('two of the kind', async () => (await lines().count()) === 2)
    await page.getByRole('searchbox', { name: 'Filter analyses' }).fill('red')
    await eventually('one of them red', async () => (await lines().count()) === 1)
    expect(await page.getByTestId('totals').textContent()).toContain(`1 of ${count} analyses`)
    await page.getByRole('searchbox', { name: 'Filter analyses' }).fill('nothing like this')
    await page.getByText('No analysis matches the filter').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.setViewportSize({ width: 1024, height: 700 })
    expect(await faults()).toEqual([])
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.locator('[data-row="one:landau-6"]').getByRole('link').first().click()
    await view().locator('code', { hasText: 'landau-6' }).first().waitFor()
    expect(await page.evaluate('window.location.hash')).toBe('#/run/one/analyses?analysis=landau-6')
  })

  it('no page complained', () => expect(complaints).toEqual([]))
})
