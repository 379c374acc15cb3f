// Comparisons in Chromium, against the files of the runs: means and deviations of seeds, differences, distances of spectra, correlation, CSV, toggles, many runs.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { visit } from './flows'
import { inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let served: Served
let complaints: string[]
const workspace = makeWorkspace()
const runsFolder = join(workspace.path, 'runs')

type Line = Readonly<Record<string, number | undefined>> & { readonly step: number }
const linesOf = (id: string): Line[] =>
  readFileSync(join(runsFolder, id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const eigenvaluesOf = (id: string, step: number): number[] => {
  const file = join(runsFolder, id, 'snapshots', `step-${String(step).padStart(6, '0')}`, 'eigenvalues.full.npy')
  return [...toFloat64(parseNpy(new Uint8Array(readFileSync(file)), file))].sort((a, b) => a - b)
}

/** The name is the same for all of them: what differs has to be read from the specs. */
const specOf = (learningRate: number, seed: number, hidden = 2) => ({
  schemaVersion: 1,
  name: 'Sweep',
  seed,
  data: { dataset: 'mnist10', trainLimit: 100, testLimit: 500, transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
  model: { layers: [100, hidden, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.5 } },
  loss: 'softmax-cross-entropy',
  batch: { size: 50, shuffle: true },
  optimizer: { kind: 'sfn', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate },
  budget: { steps: learningRate === 1 ? 10 : 12 },
  evaluate: { everySteps: 2 },
  snapshots: { everySteps: learningRate === 1 ? 3 : 4, eigenvalues: true, eigenvectors: 0 },
  checkpoints: { everySteps: 50, keep: 1 }
})
const slow = ['slow-1', 'slow-2', 'slow-3']
const fast = ['fast-1', 'fast-2', 'fast-3']
const seeded = [...slow, ...fast]

async function train(id: string, spec: object) {
  const path = join(workspace.path, `${id}.json`)
  writeFileSync(path, JSON.stringify(spec))
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'run', path, '--id', id, '--workspace', workspace.path], {
    stdio: 'ignore'
  })
  expect(await new Promise((done) => child.on('close', done))).toBe(0)
}

const many = Array.from({ length: 30 }, (_, k) => `grid-${k}`)
const manySteps = 3000
/** Runs of another place: the folder of a real one, with a learning rate and a long curve of its own, whose one spike must not be lost. */
function copyRuns() {
  many.forEach((id, k) => {
    cpSync(join(runsFolder, 'slow-1'), join(runsFolder, id), { recursive: true })
    const spec = JSON.parse(readFileSync(join(runsFolder, id, 'spec.json'), 'utf8')) as { optimizer: object }
    writeFileSync(
      join(runsFolder, id, 'spec.json'),
      JSON.stringify({ ...spec, optimizer: { ...spec.optimizer, learningRate: (k + 1) / 100 } })
    )
    const lines = Array.from({ length: manySteps }, (_, i) =>
      JSON.stringify({
        step: i + 1,
        epoch: (i + 1) / 2,
        seconds: i / 100,
        loss: i === 1234 ? 50 + k : 2 + Math.sin(i / 50 + k),
        gradNorm: 1,
        stepNorm: 1
      })
    )
    writeFileSync(join(runsFolder, id, 'metrics.ndjson'), `${lines.join('\n')}\n`)
  })
}

beforeAll(async () => {
  mkdirSync(workspace.path, { recursive: true })
  for (const seed of [1, 2, 3]) await Promise.all([train(`slow-${seed}`, specOf(0.3, seed)), train(`fast-${seed}`, specOf(1, seed))])
  await train('wide', specOf(0.3, 1, 3))
  copyRuns()
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(30_000)
  complaints = watchConsole(page)
  await page.goto(served.link)
  // Seven runs are trained; on a busy machine that takes its time.
}, 400_000)
afterAll(async () => {
  await browser?.close()
  await served?.stop()
  workspace.remove()
})

const open = (ids: readonly string[], more = '') => visit(page, `/compare?runs=${ids.join(',')}${more}`)
/** Cells of a row, by the figure's name and statistic; a loss is the batch's mean here, per sample or not. */
const cellText = async (row: string, column: string) => {
  const found = page.locator(row).locator(`td[data-column="${column}"]`).first()
  await expect.poll(() => found.textContent()).not.toMatch(/^\s*–?\s*$/)
  return (await found.textContent()) ?? ''
}
const runRow = (id: string) => `tr[data-run="${id}"]`
const groupRow = (name: string) => `tr.group:has-text("${name}")`
const number = (text: string | undefined) => Number(text?.replaceAll('−', '-').replaceAll(/[\s\u202f,]/g, ''))
const numbers = (text: string) => (text.replaceAll('−', '-').match(/-?\d+(\.\d+)?(e-?\d+)?/g) ?? []).map(Number)
const lossColumn = async (statistic: string) => {
  const find = async () => {
    const names = await page.locator('td[data-column]').evaluateAll(inPage<string[]>('return element.map((cell) => cell.dataset.column)'))
    return names.find((name) => /^loss(PerSample)? /.test(name) && name.endsWith(statistic)) ?? ''
  }
  await expect.poll(find).not.toBe('')
  return find()
}

/** The textbook formulas. */
function spread(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) }
}
/** As shown to so many digits: half a unit of the last one may be lost. */
function expectShown(shown: number, value: number, what: string) {
  const decimals = (/\.(\d+)/.exec(String(shown))?.[1] ?? '').length
  const exponent = Number(/e(-?\d+)/.exec(String(shown))?.[1] ?? 0)
  expect(Math.abs(shown - value), `${what}: ${shown} is shown, ${value} is right`).toBeLessThanOrEqual(
    0.51 * 10 ** (exponent - decimals) + 1e-12
  )
}
const last = (id: string, name: string) => linesOf(id).reduce<number>((found, line) => line[name] ?? found, NaN)

async function download(press: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download') as Promise<Download>, press()])
  return readFileSync(await file.path(), 'utf8')
}
/** A cell ends with its comma, the last one of a line without. */
const csvRows = (text: string) =>
  text
    .trim()
    .split('\r\n')
    .map((line) => (`${line},`.match(/("([^"]|"")*"|[^,]*),/g) ?? []).map((cell) => cell.slice(0, -1).replace(/^"(.*)"$/, '$1')))

describe('seeds', () => {
  it('are groups by what differs; rows have the mean ± sample deviation of the files’ last and lowest values', async () => {
    await open(seeded)
    await page.getByText('lr 0.3').first().waitFor()
    const legend = await page.getByRole('list', { name: 'Compared runs' }).textContent()
    expect(legend).toMatch(/lr 0\.3\s*n = 3.*seed 1.*seed 2.*seed 3.*lr 1\s*n = 3/s)
    expect(legend).not.toContain('Sweep')
    await page.getByText('Every group has the same set of start weights and batch order').waitFor()
    for (const [name, ids] of [
      ['lr 0.3', slow],
      ['lr 1', fast]
    ] as const) {
      const loss = numbers(await cellText(groupRow(name), await lossColumn('last')))
      const right = spread(ids.map((id) => last(id, 'loss')))
      expectShown(loss[0], right.mean, `${name}, mean of the last losses`)
      expectShown(loss[1], right.deviation, `${name}, deviation of the last losses`)
      const least = numbers(await cellText(groupRow(name), await lossColumn('min')))
      const lowest = spread(ids.map((id) => Math.min(...linesOf(id).map((line) => line.loss ?? NaN))))
      expectShown(least[0], lowest.mean, `${name}, mean of the lowest losses`)
      const accuracy = numbers(await cellText(groupRow(name), 'testAccuracy last'))
      const percent = spread(ids.map((id) => 100 * last(id, 'testAccuracy')))
      expectShown(accuracy[0], percent.mean, `${name}, mean accuracy in percent`)
      expectShown(accuracy[1], percent.deviation, `${name}, deviation of the accuracy`)
    }
  })

  it('single runs: last, lowest with its step, and at a chosen step', async () => {
    await open(seeded, '&at=6')
    for (const id of ['slow-2', 'fast-3']) {
      const lines = linesOf(id)
      const least = lines.reduce((best, line) => ((line.loss ?? NaN) < (best.loss ?? NaN) ? line : best))
      expectShown(numbers(await cellText(runRow(id), await lossColumn('last')))[0], last(id, 'loss'), `${id}, last loss`)
      const [value, at] = numbers(await cellText(runRow(id), await lossColumn('min')))
      expectShown(value, least.loss ?? NaN, `${id}, lowest loss`)
      expect(at).toBe(least.step)
      expectShown(numbers(await cellText(runRow(id), await lossColumn(' at')))[0], lines[5].loss ?? NaN, `${id}, loss of step 6`)
    }
  })

  it('differences are of the right kind: points, differences with ratios, factors', async () => {
    await open(seeded, '&baseline=slow-1')
    const accuracy = /([+−±]\d+\.\d) points/.exec(await cellText(runRow('fast-1'), 'testAccuracy last'))
    expectShown(number(accuracy?.[1]), 100 * (last('fast-1', 'testAccuracy') - last('slow-1', 'testAccuracy')), 'points')
    const loss = /([+−][\d.e−]+), ×\s*([\d.]+)/.exec(await cellText(runRow('fast-1'), await lossColumn('last')))
    expectShown(number(loss?.[1]), last('fast-1', 'loss') - last('slow-1', 'loss'), 'difference of the losses')
    expectShown(number(loss?.[2]), last('fast-1', 'loss') / last('slow-1', 'loss'), 'ratio of the losses')
    const time = /×\s*([\d.]+)/.exec(await cellText(runRow('fast-2'), 'seconds'))
    expectShown(number(time?.[1]), last('fast-2', 'seconds') / last('slow-1', 'seconds'), 'factor of the times')
    const means = /([+−±]\d+\.\d) points/.exec(await cellText(groupRow('lr 1'), 'testAccuracy last'))
    const mean = (ids: string[]) => spread(ids.map((id) => 100 * last(id, 'testAccuracy'))).mean
    expectShown(number(means?.[1]), mean(fast) - mean(slow), 'points between the means')
  })

  it('the mean curve is that of the files, and says of how many; a run that is left out by a click takes no part', async () => {
    await open(slow)
    const chart = page.getByRole('img', { name: /^Loss/ }).first()
    const lastOf = async () => numbers(/last ([\d.e−]+)\.$/.exec((await chart.getAttribute('aria-label')) ?? '')?.[1] ?? '')[0]
    await expect.poll(lastOf).toBeDefined()
    expectShown((await lastOf()) ?? NaN, spread(slow.map((id) => last(id, 'loss'))).mean, 'last mean of three')
    await expect.poll(() => page.locator('figure .note').first().textContent()).toContain('n = 3; band: ± one sample standard deviation')
    await page.getByRole('button', { name: 'seed 3' }).click()
    await expect.poll(() => page.locator('figure .note').first().textContent()).toContain('n = 2; band')
    await expect.poll(lastOf).toBeCloseTo(spread(slow.slice(0, 2).map((id) => last(id, 'loss'))).mean, 3)
    await page.getByText('2 of 3 runs shown').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByText('3 of 3 runs shown').waitFor()
    await page.getByLabel('Band', { exact: true }).selectOption({ label: 'min–max' })
    await expect.poll(() => page.locator('figure .note').first().textContent()).toContain('band: lowest to highest run')
    expect(page.url()).toContain('band=range')
  })

  it('patterns show and hide runs, and a broken one is said', async () => {
    await open(seeded)
    const pattern = page.getByRole('searchbox', { name: /Pattern/ })
    await pattern.fill('lr 1')
    await page.getByText('3 of 6 runs shown').waitFor()
    const chart = page.getByRole('img', { name: /^Loss/ }).first()
    await expect.poll(() => chart.getAttribute('aria-label')).not.toContain('lr 0.3')
    await page.getByText('hide those', { exact: true }).click()
    await expect.poll(() => chart.getAttribute('aria-label')).toContain('lr 0.3, mean of 3')
    expect(await chart.getAttribute('aria-label')).not.toContain('lr 1,')
    await pattern.fill('seed [12]')
    await page.getByText('2 of 6 runs shown').waitFor()
    await pattern.fill('seed (')
    await page.getByText('This is no regular expression: Unterminated group. All runs are shown.').waitFor()
    await page.getByText('6 of 6 runs shown').waitFor()
  })
})

describe('spectra', () => {
  /** By definition: the area between the distribution functions. */
  function area(a: readonly number[], b: readonly number[]): number {
    const places = [...a, ...b].sort((p, q) => p - q)
    let [i, j, sum] = [0, 0, 0]
    for (let k = 0; k + 1 < places.length; k++) {
      while (i < a.length && a[i] <= places[k]) i++
      while (j < b.length && b[j] <= places[k]) j++
      sum += (places[k + 1] - places[k]) * Math.abs(i / a.length - j / b.length)
    }
    return sum
  }
  const index = (values: readonly number[]) => {
    const largest = Math.max(...values.map(Math.abs))
    return values.filter((value) => value < -values.length * 2 ** -52 * largest).length / values.length
  }

  it('at a step: the nearest snapshots, with distances that the stored eigenvalues have, also of nets of different size', async () => {
    await open(['slow-1', 'fast-1', 'wide'], '&tab=spectra&target=7')
    const row = (id: string) => page.getByRole('region', { name: 'Table of spectra' }).locator(runRow(id))
    await expect.poll(() => row('fast-1').textContent()).toContain('step 6')
    expect(await row('slow-1').textContent()).toContain('step 8')
    await page.getByText('snapshot nearest to step 7').waitFor()
    const reference = eigenvaluesOf('slow-1', 8)
    for (const [id, step] of [
      ['fast-1', 6],
      ['wide', 8]
    ] as const) {
      const own = eigenvaluesOf(id, step)
      const cells = await row(id).locator('td').allTextContents()
      expect(number(cells[3])).toBe(own.length)
      expectShown(number(await row(id).locator('[data-figure=wasserstein]').innerText()), area(own, reference), `${id}, Wasserstein-1`)
      expectShown(numbers(cells[4])[0], own[0], `${id}, λ min`)
      expectShown(number(cells[8]), own[0] - reference[0], `${id}, difference of λ min`)
      expectShown(number(cells[9]), own[own.length - 1] - reference[reference.length - 1], `${id}, difference of λ max`)
      expectShown(numbers(cells[10])[0], 100 * (index(own) - index(reference)), `${id}, points of the index`)
    }
    expect(eigenvaluesOf('wide', 8).length).not.toBe(reference.length)
  })

  it('at a loss: of each run the snapshot whose weights have the nearest one', async () => {
    await open(['slow-1', 'fast-1'], '&tab=spectra&match=loss&target=1.9')
    for (const [id, every] of [
      ['slow-1', 4],
      ['fast-1', 3]
    ] as const) {
      const lines = linesOf(id)
      const steps = [0, 1, 2, 3].map((k) => k * every).filter((step) => step < lines.length)
      const losses = steps.map((step) => lines[step].loss ?? NaN)
      const nearest = losses.reduce((best, loss, k) => (Math.abs(loss - 1.9) < Math.abs(losses[best] - 1.9) ? k : best), 0)
      const row = page.getByRole('region', { name: 'Table of spectra' }).locator(runRow(id))
      await expect.poll(() => row.locator('td').first().textContent()).toBe(`step ${steps[nearest]}`)
      expectShown(number(await row.locator('td').nth(1).innerText()), losses[nearest], `${id}, loss of the snapshot`)
    }
  })
})

it('a setting against a figure: Spearman’s correlation over the runs', async () => {
  await open(many, '&tab=scatter&parameter=optimizer.learningRate&figure=loss&statistic=max')
  const text = await page.getByTestId('correlation').textContent()
  // The spikes grow with the learning rate, without exception.
  expect(text).toMatch(/ρ = 1, n = 30 runs/)
  await open(seeded, '&tab=scatter&parameter=optimizer.learningRate&figure=loss&statistic=last')
  await expect.poll(() => page.getByTestId('correlation').textContent()).toContain('n = 6 runs')
  const losses = seeded.map((id) => last(id, 'loss'))
  // Two ranks of three each against six different ones.
  const ranks = losses.map((loss) => losses.filter((other) => other <= loss).length)
  const [x, middle] = [[2, 2, 2, 5, 5, 5], 3.5]
  const product = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + (value - middle) * (b[i] - middle), 0)
  const right = product(x, ranks) / Math.sqrt(product(x, x) * product(ranks, ranks))
  expectShown(numbers(/ρ = (\S+),/.exec((await page.getByTestId('correlation').textContent()) ?? '')?.[1] ?? '')[0], right, 'Spearman’s ρ')
})

describe('CSV', () => {
  it('curves: every value of the files, with names and ids', async () => {
    await open(seeded)
    await page.getByText('lr 0.3').first().waitFor()
    await page.getByRole('button', { name: 'CSV', exact: true }).click()
    const rows = csvRows(await download(() => page.getByRole('menuitem', { name: /Curves/ }).click()))
    expect(rows[0]).toEqual(['group', 'run', 'id', 'label', 'figure', 'step', 'value'])
    for (const id of seeded) {
      const mine = rows.filter((row) => row[2] === id && row[4].startsWith('loss'))
      expect(mine.map((row) => Number(row[6]))).toEqual(linesOf(id).map((line) => line.loss))
      expect(new Set(mine.map((row) => `${row[1]} ${row[3]}`)).size).toBe(1)
    }
    expect(new Set(rows.slice(1).map((row) => row[1]))).toEqual(new Set(['Sweep']))
    expect(new Set(rows.slice(1).map((row) => row[3])).size).toBe(6)
  })

  it('results and specs', async () => {
    await page.getByRole('button', { name: 'CSV', exact: true }).click()
    const rows = csvRows(await download(() => page.getByRole('menuitem', { name: 'Results' }).click()))
    const column = rows[0].indexOf('Test accuracy, last')
    expect(rows.filter((row) => row[1] === 'run').map((row) => Number(row[column]))).toEqual(seeded.map((id) => last(id, 'testAccuracy')))
    expect(Number(rows.find((row) => row[1] === 'sample deviation')?.[column])).toBeCloseTo(
      spread(slow.map((id) => last(id, 'testAccuracy'))).deviation,
      12
    )
    await page.getByRole('button', { name: 'CSV', exact: true }).click()
    const diff = csvRows(await download(() => page.getByRole('menuitem', { name: 'What differs' }).click()))
    expect(diff.filter((row) => row[0] === 'optimizer.learningRate').map((row) => [row[1], row[4], row[6]])).toEqual(
      seeded.map((id) => ['between groups', id, id.startsWith('slow') ? '0.3' : '1'])
    )
    expect(diff.filter((row) => row[0] === 'seed')[0][1]).toBe('within groups')
  })
})

it('more than 24 runs: all of them, honest about points left out, no spike lost, and the address brings them back', async () => {
  await open(many)
  await page.getByText('30 of 30 runs shown').waitFor()
  await expect.poll(() => page.getByTestId('thinned-note').textContent()).toMatch(/of 90\s000 points drawn/)
  const [drawn] = numbers(((await page.getByTestId('thinned-note').textContent()) ?? '').replaceAll('\u202f', ''))
  expect(drawn).toBeLessThan(many.length * manySteps)
  expect(drawn).toBeGreaterThan(many.length * 300)
  const chart = page.getByRole('img', { name: /^Loss/ }).first()
  await expect.poll(() => chart.getAttribute('aria-label')).toContain('highest 50')
  await page.reload()
  await page.getByText('30 of 30 runs shown').waitFor()
  expect(readdirSync(runsFolder).length).toBe(37)
})

it('at 1024 × 700 nothing is clipped: tables scroll in their frames, the run’s column stays', async () => {
  await page.setViewportSize({ width: 1024, height: 700 })
  await open(seeded, '&baseline=slow-1&at=4')
  const frame = page.getByRole('region', { name: 'Table of results' })
  await cellText(groupRow('lr 1'), 'testAccuracy last')
  await frame.scrollIntoViewIfNeeded()
  const box = () =>
    frame.evaluate(
      inPage<{ inside: boolean; pinned: boolean; wide: boolean; page: boolean }>(`
      element.scrollLeft = 10000
      const own = element.getBoundingClientRect()
      const name = element.querySelector('tbody th').getBoundingClientRect()
      const last = [...element.querySelectorAll('tbody tr')][0].lastElementChild.getBoundingClientRect()
      return {
        inside: own.left >= 0 && own.right <= innerWidth && last.right <= own.right + 1,
        pinned: Math.abs(name.left - own.left) <= 1,
        wide: element.scrollWidth > element.clientWidth,
        page: document.querySelector('.screen .body').scrollWidth <= document.querySelector('.screen .body').clientWidth
      }`)
    )
  await expect.poll(box).toEqual({ inside: true, pinned: true, wide: true, page: true })
  await page.setViewportSize({ width: 1440, height: 900 })
})

it('a comparison is saved with its view and opened again', async () => {
  await open(seeded, '&groups=by:optimizer.learningRate&band=range')
  await page.getByRole('button', { name: 'Save comparison…' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Two rates')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved “Two rates”.', { exact: true }).waitFor()
  await open(slow)
  await page.getByText('3 of 3 runs shown').waitFor()
  await page.getByRole('button', { name: 'Saved', exact: true }).click()
  await page.getByRole('button', { name: 'Two rates', exact: true }).click()
  await page.getByText('6 of 6 runs shown').waitFor()
  expect(decodeURIComponent(page.url())).toContain('groups=by:optimizer.learningRate')
  expect(JSON.parse(readFileSync(join(workspace.path, 'comparisons', 'two-rates.json'), 'utf8'))).toMatchObject({
    name: 'Two rates',
    runs: seeded
  })
  await page.getByRole('button', { name: 'Saved', exact: true }).click()
  await page.getByRole('button', { name: 'Remove Two rates' }).click()
  const kept = () => existsSync(join(workspace.path, 'comparisons', 'two-rates.json'))
  await expect.poll(kept).toBe(false)
  await page.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect.poll(kept).toBe(true)
  expect(JSON.parse(readFileSync(join(workspace.path, 'comparisons', 'two-rates.json'), 'utf8'))).toMatchObject({ runs: seeded })
  expect(complaints).toEqual([])
})
