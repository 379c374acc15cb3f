// Charts against the files behind them: axes fit the data, curves pass through the figures, what is not finite is marked, tables and saved files hold every number.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]
let lines: Record<string, number>[]
let diverged: Record<string, number | null>[]

const steps = 12
const cli = (...words: string[]) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { encoding: 'utf8', stdio: 'pipe' })
function train(spec: unknown) {
  const path = join(workspace.path, '..', 'spec.json')
  writeFileSync(path, JSON.stringify(spec))
  try {
    cli('run', '--workspace', workspace.path, path)
  } catch {
    // A run that diverges ends with a status of its own.
  }
}
const readNpy = (path: string) => [...toFloat64(parseNpy(readFileSync(path), path))]
const metricsOf = <Line>(id: string) =>
  readFileSync(join(workspace.path, 'runs', id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

beforeAll(async () => {
  workspace = makeWorkspace()
  const preset = JSON.parse(cli('presets', 'sfn-mnist10'))
  const sfn = {
    ...preset,
    name: 'sfn charts',
    budget: { steps },
    evaluate: { everySteps: 4 },
    snapshots: { ...preset.snapshots, everySteps: 6, hessian: true }
  }
  train(sfn)
  train({
    ...sfn,
    name: 'diverges',
    loss: 'half-sse',
    model: { ...preset.model, activation: { kind: 'leaky-relu', slope: 0.5 }, init: { kind: 'fan-in-normal', gain: 1 } },
    optimizer: { kind: 'gd', learningRate: 0.002 },
    evaluate: { everySteps: 1 },
    snapshots: { everySteps: null },
    diagnostics: { everySteps: null }
  })
  lines = metricsOf('sfn-charts')
  diverged = metricsOf('diverges')
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
}, 120_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

async function visit(route: string, title: string) {
  await page.getByText('Connected').waitFor()
  await page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
  await plot(title).locator('canvas').first().waitFor()
}
const plot = (title: string) =>
  page
    .locator('figure.plot')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .first()

async function saved(title: string, kind: 'PNG' | 'SVG' | 'CSV'): Promise<{ name: string; bytes: Buffer; text: string }> {
  await plot(title)
    .getByRole('button', { name: /^Save / })
    .click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: `Save as ${kind}` }).click()])
  const bytes = readFileSync(await download.path())
  return { name: download.suggestedFilename(), bytes, text: bytes.toString('utf8') }
}
const rowsOf = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .slice(1)

const number = (label: string) => Number(label.replaceAll('−', '-').replaceAll('\u202f', ''))
interface Tick {
  readonly at: number
  readonly value: number
}
/** Tick labels of a saved line chart by their places. */
function ticks(svg: string, anchor: 'middle' | 'end'): Tick[] {
  const found = [
    ...svg.matchAll(new RegExp(`text-anchor="${anchor}"[^>]*transform="translate\\(([\\d.]+) ([\\d.]+)\\)"[^>]*>([^<]*)</text>`, 'g'))
  ]
  return found
    .map(([, x, y, label]) => ({ at: Number(anchor === 'end' ? y : x), value: number(label) }))
    .filter(({ value }) => Number.isFinite(value))
}
/** Points of the longest curves, in pixels. */
function curves(svg: string): number[][][] {
  return [...svg.matchAll(/<path d="(M[\d.]+ [\d.]+(?:L[\d.]+ [\d.]+)+)" fill="none"[^>]*stroke-width="1.6"/g)].map(([, path]) =>
    path
      .slice(1)
      .split('L')
      .map((pair) => pair.split(' ').map(Number))
  )
}
/** From pixels to values by two ticks. */
function reader([a, b]: Tick[], log: boolean): (pixel: number) => number {
  const f = log ? Math.log10 : (value: number) => value
  const slope = (f(b.value) - f(a.value)) / (b.at - a.at)
  return (pixel) => {
    const place = f(a.value) + (pixel - a.at) * slope
    return log ? 10 ** place : place
  }
}

describe('a line chart', () => {
  it('saves a curve that passes through every figure of the file, on axes that fit it', async () => {
    await visit('/run/sfn-charts', 'Loss')
    await eventually(
      'all steps',
      async () => (await plot('Loss').getByRole('img').first().getAttribute('aria-label'))?.includes(`to ${steps}`) ?? false
    )
    const { name, text } = await saved('Loss', 'SVG')
    expect(name).toBe('sfn-charts-loss.svg')
    expect(text).toContain('sfn charts · Loss')
    const [x, y] = [reader(ticks(text, 'middle'), false), reader(ticks(text, 'end'), true)]
    const curve = curves(text).find((points) => points.length === steps) ?? []
    expect(curve).toHaveLength(steps)
    curve.forEach(([px, py], i) => {
      expect(x(px)).toBeCloseTo(lines[i].step, 1)
      expect(y(py) / lines[i].loss).toBeCloseTo(1, 2)
    })
    // Not on 0.1 to 10: the data take up most of the height.
    const heights = curves(text).flatMap((points) => points.map(([, py]) => py))
    expect((Math.max(...heights) - Math.min(...heights)) / 380).toBeGreaterThan(0.7)
  })

  it('has its labels inside the plot and saves a PNG of twice the size', async () => {
    const { name, bytes } = await saved('Loss', 'PNG')
    expect(name).toBe('sfn-charts-loss.png')
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(bytes.readUInt32BE(16)).toBe(1600)
    const { text } = await saved('Loss', 'SVG')
    for (const { at } of ticks(text, 'middle')) expect(at).toBeLessThan(795)
    for (const { at } of ticks(text, 'end')) expect(at).toBeGreaterThan(5)
  })

  it('has a table and a CSV of every figure', async () => {
    const { name, text } = await saved('Loss', 'CSV')
    expect(name).toBe('sfn-charts-loss.csv')
    const rows = rowsOf(text)
    const evaluated = lines.filter((line) => line.testLoss !== undefined)
    expect(rows).toHaveLength(steps + evaluated.length)
    rows.slice(0, steps).forEach((row, i) => expect([Number(row[1]), Number(row[2])]).toEqual([lines[i].step, lines[i].loss]))
    rows.slice(steps).forEach((row, i) => expect(Number(row[2])).toBe(evaluated[i].testLoss))

    await plot('Loss').getByRole('button', { name: 'Table of Loss' }).click()
    const table = plot('Loss').getByRole('table')
    await table.waitFor()
    expect(await table.getAttribute('aria-rowcount')).toBe(String(rows.length + 1))
    const cells = await table.locator('tbody tr').nth(4).locator('td').allTextContents()
    expect(Number(cells[1])).toBe(5)
    expect(number(cells[2].trim()) / lines[4].loss).toBeCloseTo(1, 7)
    // The scrolling region takes the focus, so that keys scroll it.
    await plot('Loss').getByRole('region', { name: 'Numbers of Loss' }).focus()
    expect(await page.evaluate('document.activeElement?.getAttribute("role")')).toBe('region')
    await plot('Loss').getByRole('button', { name: 'Table of Loss' }).click()
    await table.waitFor({ state: 'detached' })
  })

  it('shows the same step in all charts of the screen, with the figures of the file', async () => {
    const host = plot('Loss').getByRole('img').first()
    const box = await host.boundingBox()
    if (!box) throw new Error('no chart')
    await page.mouse.move(box.x + box.width * 0.55, box.y + box.height / 2)
    const title = await eventually('the readout', async () => plot('Loss').locator('.chart-tooltip-title').textContent())
    const step = number(title.replace('step ', ''))
    const line = lines[step - 1]
    for (const [chart, figure] of [
      ['Loss', 'loss'],
      ['Smallest eigenvalue', 'lambdaMin'],
      ['Largest eigenvalue', 'lambdaMax'],
      ['Gradient norm', 'gradNorm'],
      ['Step norm', 'stepNorm']
    ] as const) {
      expect(await plot(chart).locator('.chart-tooltip-title').textContent()).toBe(title)
      expect(number((await plot(chart).locator('.chart-tooltip-value').first().textContent()) ?? '') / line[figure]).toBeCloseTo(1, 4)
    }
    await page.mouse.move(5, 5)
    await plot('Loss').locator('.chart-tooltip').waitFor({ state: 'detached' })
  })

  it('refits y when x is zoomed, and takes an own range and another scale', async () => {
    const host = plot('Loss').getByRole('img').first()
    const box = await host.boundingBox()
    if (!box) throw new Error('no chart')
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.97, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await plot('Loss').getByRole('button', { name: 'Whole range' }).waitFor()
    const zoomed = ticks((await saved('Loss', 'SVG')).text, 'end').map(({ value }) => value)
    expect(Math.max(...zoomed)).toBeLessThan(lines[0].loss)
    await plot('Loss').getByRole('button', { name: 'Whole range' }).click()

    await plot('Loss').getByRole('button', { name: 'Axes of Loss' }).click()
    const panel = page.locator('.overlay-panel')
    const look = await panel.evaluate(
      inPage<{ inside: boolean; opaque: boolean }>(`
      const { left, top, right, bottom } = element.getBoundingClientRect()
      const alpha = (getComputedStyle(element).backgroundColor.match(/[\\d.]+/g) ?? [])[3] ?? 1
      return { inside: left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight, opaque: Number(alpha) === 1 }`)
    )
    expect(look).toEqual({ inside: true, opaque: true })
    await panel.getByText('linear').first().click()
    await panel.getByLabel('From', { exact: true }).fill('4')
    await panel.getByLabel('To', { exact: true }).fill('1')
    await panel.getByText('From must be below to').waitFor()
    await panel.getByLabel('From', { exact: true }).fill('0')
    await panel.getByLabel('To', { exact: true }).fill('4')
    await panel.getByRole('button', { name: 'Set range' }).click()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    const svg = (await saved('Loss', 'SVG')).text
    const own = ticks(svg, 'end')
    expect([own.at(0)?.value, own.at(-1)?.value].sort()).toEqual([0, 4])
    const y = reader(own, false)
    curves(svg)
      .find((points) => points.length === steps)
      ?.forEach(([, py], i) => expect(y(py)).toBeCloseTo(lines[i].loss, 1))
    await plot('Loss').getByRole('button', { name: 'Fit y' }).click()
  })

  it('hides a series by click and by key, shows one only with Alt, and fits the axes to what is left', async () => {
    const names = plot('Loss').getByRole('list', { name: 'Series' }).getByRole('button')
    expect(await names.count()).toBe(2)
    await names.nth(0).click()
    expect(await names.nth(0).getAttribute('aria-pressed')).toBe('false')
    expect(curves((await saved('Loss', 'SVG')).text)).toHaveLength(1)
    await names.nth(0).focus()
    await page.keyboard.press('Enter')
    expect(await names.nth(0).getAttribute('aria-pressed')).toBe('true')
    await names.nth(0).click({ modifiers: ['Alt'] })
    expect(await names.nth(1).getAttribute('aria-pressed')).toBe('false')
    await names.nth(0).dblclick()
    expect(await names.nth(1).getAttribute('aria-pressed')).toBe('true')
  })
})

describe('a run that diverges', () => {
  it('is marked where it is not finite, and no line is drawn through', async () => {
    await visit('/run/diverges', 'Loss')
    const last = diverged.length
    expect(diverged[last - 1].testLoss).toBeNull()
    await plot('Loss')
      .getByText(new RegExp(`✕ not finite: [^;]*loss \\(batch\\) at step ${last + 1}; Test loss at step ${last}\\.`, 'i'))
      .waitFor()
    const { text } = await saved('Loss', 'SVG')
    const x = reader(ticks(text, 'middle'), false)
    const drawn = curves(text).map((points) => points.map(([px]) => Math.round(x(px))))
    expect(Math.max(...drawn[0])).toBe(last)
    expect(Math.max(...drawn[1])).toBe(last - 1)
    const rows = rowsOf((await saved('Loss', 'CSV')).text)
    expect(rows.filter((row) => row[2] === 'not finite').map((row) => Number(row[1]))).toEqual([last + 1, last])
    // Per sample or their sum: one divisor for all.
    const own = rows.filter((row) => row[0] !== 'Test loss' && row[2] !== 'not finite').map((row) => Number(row[2]))
    expect(own).toHaveLength(last)
    own.forEach((value, i) => expect(value / own[0] / (Number(diverged[i].loss) / Number(diverged[0].loss))).toBeCloseTo(1, 9))
    const tested = rows.filter((row) => row[0] === 'Test loss' && row[2] !== 'not finite').map((row) => Number(row[2]))
    expect(tested).toEqual(diverged.slice(0, -1).map((line) => line.testLoss))
  })
})

describe('plots on canvases', () => {
  it('of a spectrum save every bin and point, with axes and colour bar', async () => {
    await visit('/run/sfn-charts/spectrum', 'Eigenvalues of full after')
    const values = readNpy(join(workspace.path, 'runs', 'sfn-charts', 'snapshots', 'step-000012', 'eigenvalues.full.npy'))
    await page.getByText(`${values.length} of ${values.length} eigenvalues`).waitFor()
    const bins = rowsOf((await saved('Eigenvalues of full after', 'CSV')).text).map((row) => row.map(Number))
    expect(bins.reduce((sum, bin) => sum + bin[2], 0)).toBe(values.length)
    bins.forEach(([from, to, count], i) => {
      const last = i === bins.length - 1
      expect(values.filter((value) => value >= from && (value < to || (last && value === to)))).toHaveLength(count)
    })
    const zeros = values.filter((value) => value === 0).length
    const tolerance = values.length * 2 ** -52 * Math.max(...values.map(Math.abs))
    const scree = rowsOf((await saved('Scree of full', 'CSV')).text)
    expect(scree).toHaveLength(values.length)
    expect(scree.filter((row) => row[0] === 'zero within rounding')).toHaveLength(
      values.filter((value) => Math.abs(value) <= tolerance).length
    )
    if (zeros > 0) await plot('Scree of full').getByText(`${zeros} exactly zero`).waitFor()

    const waterfall = await saved('Eigenvalues of full over', 'CSV')
    const perStep = new Map<string, number>()
    for (const [step, , , count] of rowsOf(waterfall.text)) perStep.set(step, (perStep.get(step) ?? 0) + Number(count))
    expect([...perStep]).toEqual([0, 6, 12].map((step) => [String(step), values.length]))
    const { text, name } = await saved('Eigenvalues of full over', 'SVG')
    expect(name).toBe('sfn-charts-eigenvalues-of-full-over-the-run.svg')
    for (const part of ['<image', 'data:image/png', 'snapshot after step', 'eigenvalue λ', 'colour-bar', 'eigenvalues in a bin'])
      expect(text).toContain(part)
    expect((await saved('Eigenvalues of full over', 'PNG')).bytes.length).toBeGreaterThan(5000)
  })

  it('of a Hessian save picture and the entries in view', async () => {
    await visit('/run/sfn-charts/hessian', 'Hessian full')
    const hessian = readNpy(join(workspace.path, 'runs', 'sfn-charts', 'snapshots', 'step-000012', 'hessian.full.npy'))
    const size = Math.sqrt(hessian.length)
    await eventually('the tiles', async () => rowsOf((await saved('Hessian full', 'CSV')).text).length > 1000)
    const rows = rowsOf((await saved('Hessian full', 'CSV')).text)
    // Of the cells in view, each the entry of largest magnitude of those it covers, the largest come first.
    const span = (cell: string) => cell.split('–').map(Number)
    rows.slice(0, 40).forEach(([row, column, value], i) => {
      const [[top, bottom = top], [left, right = left]] = [span(row), span(column)]
      let largest = 0
      for (let r = top; r <= Math.min(bottom, size - 1); r++)
        for (let c = left; c <= Math.min(right, size - 1); c++)
          if (Math.abs(hessian[r * size + c]) > Math.abs(largest)) largest = hessian[r * size + c]
      expect(Math.fround(largest)).toBe(Math.fround(Number(value)))
      if (i > 0) expect(Math.abs(Number(value))).toBeLessThanOrEqual(Math.abs(Number(rows[i - 1][2])))
    })
    expect(Math.abs(Number(rows[0][2]))).toBeCloseTo(
      hessian.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      5
    )
    const { text } = await saved('Hessian full', 'SVG')
    for (const part of ['<image', '>row<', '>column<', '>W1<', 'colour-bar', 'symlog']) expect(text).toContain(part)
    expect((await saved('Hessian full', 'PNG')).bytes.readUInt32BE(16)).toBeGreaterThan(1500)
  })

  it('of an eigenvector and of a function do as well', async () => {
    await visit('/run/sfn-charts/spectrum?eigenvalue=564', 'Eigenvalues of full after')
    await page.locator('.matrix-button').first().click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as SVG' }).click()])
    const svg = readFileSync(await download.path(), 'utf8')
    for (const part of ['<image', '>row<', 'colour-bar', 'sfn charts · Unit 0']) expect(svg).toContain(part)
    await page.locator('.matrix-button').first().click()
    await page.getByRole('menuitem', { name: 'Numbers as a table' }).click()
    expect(await page.getByRole('dialog').getByRole('table').getAttribute('aria-rowcount')).toBe('101')
    await page.keyboard.press('Escape')

    await visit('/playground', 'Rosenbrock')
    await page.getByText(/Contours at/).waitFor()
    const { text, name } = await saved('Rosenbrock', 'SVG')
    expect(name).toBe('rosenbrock.svg')
    for (const part of ['<image', 'clip-path', 'colour-bar', 'Momentum']) expect(text).toContain(part)
    expect((await saved('Rosenbrock', 'CSV')).text.split('\n')[0]).toBe('optimizer,step,x,y')
  })

  it('no page complained', () => expect(complaints).toEqual([]))
})
