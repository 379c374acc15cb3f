// The Spectrum tab against the files behind it: bins and their eigenvalues, figures and distances at each step, overlays, waterfall, eigenvectors as pixels.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCount, formatNumber, formatPercent } from '../../src/renderer/app/format'
import { formatNpy, npzParts, parseNpy, toFloat64 } from '../../src/shared/npy'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let served: Served
let complaints: string[]
const workspace = makeWorkspace()
const beside = (name: string) => join(workspace.path, '..', name)

function cli(...words: string[]) {
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace.path], { stdio: 'pipe' })
}
function train(id: string, spec: object) {
  writeFileSync(beside(`${id}.json`), JSON.stringify({ schemaVersion: 1, seed: 2, loss: 'half-sse', batch: { size: 40 }, ...spec }))
  cli('run', beside(`${id}.json`), '--id', id)
}
const folder = (id: string, step: number) => join(workspace.path, 'runs', id, 'snapshots', `step-${String(step).padStart(6, '0')}`)
const array = (path: string) => parseNpy(readFileSync(path), path)
const spectrum = (id: string, step: number, block = 'full') => [...toFloat64(array(join(folder(id, step), `eigenvalues.${block}.npy`)))]

interface Block {
  readonly name: string
  readonly indices: readonly number[]
}
/** The stored vectors by the place of their eigenvalue. */
function vectors(id: string, step: number, block = 'full'): Map<number, number[]> {
  const manifest = JSON.parse(readFileSync(join(folder(id, step), 'manifest.json'), 'utf8')) as { blocks: Block[] }
  const { indices } = manifest.blocks.find(({ name }) => name === block) as Block
  const { shape } = array(join(folder(id, step), `eigenvectors.${block}.npy`))
  const all = toFloat64(array(join(folder(id, step), `eigenvectors.${block}.npy`)))
  return new Map(indices.map((index, k) => [index, Array.from({ length: shape[0] }, (_, row) => all[row * shape[1] + k])]))
}

/** τ, written down apart from the product's own. */
function figures(values: readonly number[]) {
  const tolerance = values.length * 2 ** -52 * Math.max(...values.map(Math.abs))
  const count = (test: (value: number) => boolean) => values.filter(test).length
  return {
    lambdaMin: Math.min(...values),
    lambdaMax: Math.max(...values),
    negative: count((value) => value < -tolerance),
    zero: count((value) => Math.abs(value) <= tolerance),
    tolerance
  }
}

// Pictures of 3 planes of 6 × 6, projected to 10 numbers by a matrix that the tests know.
const [planes, side, width, units] = [3, 6, 10, 4]
const area = side * side
const projection = Float64Array.from({ length: planes * area * width }, (_, i) => Math.sin(1.3 * i * i + i) / 5)
/** Steps of the long run's snapshots: one was taken out, so that they are not evenly spaced. */
const steps = [0, 8, 12, 16]

beforeAll(async () => {
  mkdirSync(workspace.path, { recursive: true })
  const x = { shape: [60, planes, side, side], data: Uint8Array.from({ length: 60 * planes * area }, (_, i) => (i * i * 7 + i * 3) % 256) }
  const y = { shape: [60], data: Int32Array.from({ length: 60 }, (_, i) => i % 3) }
  writeFileSync(beside('colours.npz'), Buffer.concat([...npzParts({ x, y })]))
  writeFileSync(beside('projection.npy'), formatNpy({ shape: [planes * area, width], data: projection }))
  cli('datasets', 'import', beside('colours.npz'), '--id', 'colours')
  const digits = { dataset: 'mnist10', trainLimit: 120, testLimit: 20, transforms: [{ kind: 'affine', divide: 255, subtract: 0.5 }] }
  const damping = { kind: 'shifted-abs', value: 0.1 }
  train('long', {
    name: 'Long run',
    data: digits,
    model: { layers: [null, 3, 10], activation: { kind: 'tanh' } },
    optimizer: { kind: 'sfn', damping, learningRate: 0.5 },
    budget: { steps: 16 },
    snapshots: { everySteps: 4, eigenvectors: 8 }
  })
  rmSync(folder('long', 4), { recursive: true })
  train('layers', {
    name: 'Layer blocks',
    data: digits,
    model: { layers: [null, 4, 10], activation: { kind: 'leaky-relu', slope: 0.5 } },
    optimizer: { kind: 'sfn', scope: 'layer-blocks', damping: { kind: 'abs-of-shifted', value: 0.1 }, learningRate: 0.1 },
    budget: { steps: 2 },
    snapshots: { everySteps: 2, eigenvectors: 'all' }
  })
  const colours = (matrix: string | null) => ({
    name: 'Colours',
    data: {
      dataset: 'colours',
      transforms: [
        { kind: 'affine', divide: 256, subtract: 0.5 },
        { kind: 'random-projection', dim: width, matrix }
      ]
    },
    model: { layers: [null, units, 3], activation: { kind: 'tanh' } },
    optimizer: { kind: 'sfn', damping, learningRate: 0.2 },
    budget: { steps: 2 },
    snapshots: { everySteps: 2, eigenvectors: 6 }
  })
  train('colours', colours(beside('projection.npy')))
  train('drawn', colours(null))
  train('other-projection', colours(null))
  const meta = join(workspace.path, 'runs', 'other-projection', 'meta.json')
  const recorded = JSON.parse(readFileSync(meta, 'utf8')) as { hashes: { projection: string } }
  recorded.hashes.projection = '0'.repeat(64)
  writeFileSync(meta, JSON.stringify(recorded))
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 1000 } })
  page.setDefaultTimeout(30_000)
  complaints = watchConsole(page)
  await page.goto(served.link)
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await served?.stop()
  workspace.remove()
})

const plot = (title: string | RegExp) =>
  page
    .locator('figure.plot')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .first()
async function visit(route: string, heading: string) {
  await page.getByText('Connected').waitFor()
  await page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
  await page.getByRole('heading', { name: heading, exact: true }).waitFor()
}
const text = async (of: Locator) => ((await of.textContent()) ?? '').replace(/\s+/g, ' ').trim()
async function download(open: Locator, kind: 'PNG' | 'SVG' | 'CSV') {
  await open.click()
  const [found] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: `Save as ${kind}` }).click()])
  const bytes = readFileSync(await found.path())
  return { bytes, text: bytes.toString('utf8') }
}
const saved = (title: string | RegExp, kind: 'PNG' | 'SVG' | 'CSV') => download(plot(title).getByRole('button', { name: /^Save / }), kind)
const rowsOf = (csv: string) =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))

const histogramOf = (step: number, block = 'full') => `Eigenvalues of ${block} after step ${step}`
const bins = () => plot(/^Eigenvalues of \S+ after/).getByRole('slider', { name: /^Bins of/ })

describe('a bin', () => {
  let fullest = { bin: 0, count: 0, first: 0 }

  it('names its eigenvalues by number and value: over all bins each one of the file, once', async () => {
    const values = spectrum('long', 16)
    await visit('/run/long/spectrum?count=linear', histogramOf(16))
    await page.getByText(`${values.length} of ${values.length} eigenvalues`).waitFor()
    await plot(/^Eigenvalues of full after/)
      .locator('canvas')
      .first()
      .waitFor()
    await bins().focus()
    await page.keyboard.press('Home')
    const readout = page.getByTestId('readout')
    await readout.waitFor()
    let next = 0
    let named = 0
    for (let bin = 0; next < values.length; bin++) {
      if (bin > 0) await page.keyboard.press('ArrowRight')
      const lines = await eventually(`the bin that begins with number ${next + 1}`, async () => {
        const found = ((await readout.evaluate(inPage<string>('return element.innerText'))) as string)
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
        return found.includes(`№ ${formatCount(next + 1)}`) ? found : null
      })
      const [, count, below, above] = /^([\d\u202f]+) eigenvalues?: ([\d\u202f]+) below, ([\d\u202f]+) above$/.exec(lines[1]) ?? []
      const whole = (word: string) => Number(word.replace(/\D/g, ''))
      expect(whole(below)).toBe(next)
      expect(whole(above)).toBe(values.length - next - whole(count))
      const shown = Math.min(10, whole(count))
      for (let i = 0; i < shown; i++) {
        const at = lines.indexOf(`№ ${formatCount(next + i + 1)}`)
        expect(lines[at + 1]).toBe(formatNumber(values[next + i], 7))
        named++
      }
      if (whole(count) > fullest.count) fullest = { bin, count: whole(count), first: next }
      if (whole(count) > shown) expect(lines[lines.length - 1]).toBe(`and ${whole(count) - shown} more`)
      next += whole(count)
    }
    expect(named).toBeGreaterThan(50)
  })

  it('opens the list of its eigenvalues, from which one is chosen', async () => {
    const values = spectrum('long', 16)
    await page.keyboard.press('Home')
    for (let bin = 0; bin < fullest.bin; bin++) await page.keyboard.press('ArrowRight')
    const list = page.getByTestId('bin-list')
    await page.keyboard.press('Enter')
    await list.waitFor()
    const chips = list.getByRole('button', { name: /№/ })
    const { first } = fullest
    const count = await chips.count()
    expect(count).toBe(Math.min(200, fullest.count))
    for (const i of [0, 1, count - 1])
      expect(await text(chips.nth(i))).toContain(`№ ${formatCount(first + i + 1)} ${formatNumber(values[first + i], 7)}`)
    await chips.nth(1).click()
    await eventually('the choice in the address', () => page.url().includes(`eigenvalue=${first + 1}`))
    await list.getByRole('button', { name: 'Close the list' }).click()
    await list.waitFor({ state: 'detached' })
  })
})

describe('each step of the slider', () => {
  it('says extremes, index and zeros with the tolerance, as the files have them', async () => {
    await visit('/run/long/spectrum?step=0', histogramOf(0))
    const line = page.getByTestId('spectrum-figures')
    for (const [place, step] of steps.entries()) {
      if (place > 0) await page.getByRole('button', { name: 'Snapshot after', exact: true }).click()
      await page.getByRole('heading', { name: histogramOf(step), exact: true }).waitFor()
      const values = spectrum('long', step)
      const { lambdaMin, lambdaMax, negative, zero, tolerance } = figures(values)
      const found = await eventually(`the figures after step ${step}`, async () => {
        const words = await text(line)
        return words.includes(`λ min ${formatNumber(lambdaMin, 5)}`) ? words : null
      })
      expect(found).toContain(`λ max ${formatNumber(lambdaMax, 5)}`)
      expect(found).toContain(`index ${formatPercent(negative / values.length, 2)}`.replace(/\s+/g, ' '))
      expect(found).toContain(`(${formatCount(negative)} of ${formatCount(values.length)} below −τ)`)
      expect(found).toContain(`${formatCount(zero)} within ±τ`)
      expect(found).toContain(`τ = P·ε·max|λ| = ${formatNumber(tolerance, 3)}`)
    }
  })

  it('has its place in the curves over the run: extremes, index, distance from the spectrum before, outliers', async () => {
    const all = steps.map((step) => spectrum('long', step))
    const rows = (title: RegExp) => saved(title, 'CSV').then((file) => rowsOf(file.text))
    const extremes = await rows(/^Extremes of full/)
    const index = await rows(/^Index of full/)
    const distance = await rows(/^Distance of full/)
    expect(extremes).toHaveLength(2 * steps.length)
    expect(index).toHaveLength(steps.length)
    for (const [i, step] of steps.entries()) {
      const { lambdaMin, lambdaMax, negative } = figures(all[i])
      expect(extremes[i]).toEqual(['λ max', String(step), String(lambdaMax)])
      expect(extremes[steps.length + i]).toEqual(['λ min', String(step), String(lambdaMin)])
      expect(index[i]).toEqual(['index', String(step), String(negative / all[i].length)])
      if (i === 0) continue
      // Of two spectra of one size: the mean distance of the values matched in order.
      const between = all[i].reduce((sum, value, k) => sum + Math.abs(value - all[i - 1][k]), 0) / all[i].length
      expect(distance[i - 1].slice(0, 2)).toEqual(['distance', String(step)])
      expect(Number(distance[i - 1][2]) / between).toBeCloseTo(1, 10)
    }
    expect(distance).toHaveLength(steps.length - 1)
  })

  it('marks the bulk’s edge where there is a clear gap: as many beyond it as it says', async () => {
    await visit('/run/layers/spectrum?block=W1&step=2', histogramOf(2, 'W1'))
    const values = spectrum('layers', 2, 'W1')
    const found = await eventually('the figures of W1', async () => {
      const words = await text(page.getByTestId('spectrum-figures'))
      return words.includes(`λ max ${formatNumber(values[values.length - 1], 5)}`) ? words : null
    })
    const [, count, edge] = /Beyond the bulk: (\d+) above (\S+)/.exec(found) ?? []
    if (count === undefined) expect(found).toContain('no clear gap above')
    else {
      const inside = values[values.length - 1 - Number(count)]
      expect(edge).toBe(formatNumber(inside, 3))
      expect(values[values.length - Number(count)] / inside).toBeGreaterThan(1.25)
    }
  })

  it('plays through the run by the space bar, on axes that stay, and stops at the end', async () => {
    await visit('/run/long/spectrum?step=0', histogramOf(0))
    await page.getByRole('combobox', { name: 'Speed' }).selectOption({ label: '8 a second' })
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
    await page.getByRole('heading', { name: histogramOf(16), exact: true }).waitFor()
    await page.getByRole('button', { name: 'Play through the snapshots' }).waitFor()
    expect(page.url()).not.toContain('step=')
    await page.getByRole('switch', { name: 'Same axes at every step' }).click()
    const ends = async () => {
      const rows = rowsOf((await saved(/^Eigenvalues of full after/, 'CSV')).text).map((row) => row.map(Number))
      return { low: rows[0][0], high: rows[rows.length - 1][1], total: rows.reduce((sum, row) => sum + row[2], 0) }
    }
    const all = steps.map((step) => spectrum('long', step))
    const whole = { low: Math.min(...all.flat()), high: Math.max(...all.flat()), total: all[0].length }
    await eventually('the axes of the whole run', async () => (await ends()).low === whole.low)
    expect(await ends()).toEqual(whole)
    await page.getByRole('button', { name: 'Snapshot before', exact: true }).click()
    await page.getByRole('heading', { name: histogramOf(12), exact: true }).waitFor()
    expect(await ends()).toEqual(whole)
  })
})

describe('the scree', () => {
  it('keeps the zeros, at their ranks along its foot', async () => {
    await visit('/run/layers/spectrum?block=W1&step=2', histogramOf(2, 'W1'))
    const values = spectrum('layers', 2, 'W1')
    const { tolerance, zero } = figures(values)
    expect(zero).toBeGreaterThan(0)
    const sizes = values.map(Math.abs).sort((a, b) => b - a)
    const first = sizes.findIndex((size) => size <= tolerance) + 1
    await page
      .getByText(`Along the foot at ranks ${formatCount(first)} to ${formatCount(values.length)}: ${formatCount(zero)} zero`)
      .waitFor()
    const rows = rowsOf((await saved(/^Scree of W1/, 'CSV')).text)
    expect(rows).toHaveLength(values.length)
    for (const [name, rank, size] of rows) {
      expect(Number(size)).toBe(sizes[Number(rank) - 1])
      expect(name === 'zero within rounding').toBe(Number(rank) >= first)
    }
  })
})

describe('another spectrum', () => {
  it('of any run is found by typing and laid over the bins; sizes differ, so shares are drawn; it can be taken away', async () => {
    await visit('/run/long/spectrum?step=12', histogramOf(12))
    await page.getByRole('button', { name: 'Lay another spectrum over it…' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: /^Lay another spectrum/ }).waitFor()
    const options = page.getByRole('listbox').getByRole('option')
    await options.first().waitFor()
    // The run at hand comes first, nearest steps first.
    expect((await options.allTextContents()).slice(0, 4).map((words) => Number(/step (\d+)/.exec(words)?.[1]))).toEqual([12, 16, 8, 0])
    await page.keyboard.type('layer w2 step 2')
    await eventually('one match', async () => (await options.count()) === 1)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await eventually('the overlay in the address', () => decodeURIComponent(page.url()).includes('with=layers:2/W2'))
    const [own, other] = [spectrum('long', 12), spectrum('layers', 2, 'W2')]
    const bar = page.getByTestId('overlays')
    await bar.getByText(`Layer blocks, after step 2 · W2, P = ${other.length}`).waitFor()
    const file = await saved(/^Eigenvalues of full after/, 'CSV')
    expect(file.text.split('\n')[0]).toContain('count: Layer blocks')
    const rows = rowsOf(file.text).map((row) => row.map(Number))
    const inside = (values: readonly number[], [from, to]: readonly number[], last: boolean) =>
      values.filter((value) => value >= from && (value < to || (last && value === to))).length
    rows.forEach((row, i) => {
      expect(row[2]).toBe(inside(own, row, i === rows.length - 1))
      expect(row[3]).toBe(inside(other, row, i === rows.length - 1))
    })
    expect([2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0))).toEqual([own.length, other.length])
    const svg = (await saved(/^Eigenvalues of full after/, 'SVG')).text
    expect(svg).toContain('share of the spectrum in a bin')
    expect(svg).toContain('Layer blocks, after step 2')
    const scree = rowsOf((await saved(/^Scree of full/, 'CSV')).text)
    expect(scree).toHaveLength(own.length + other.length)
    await bar.getByRole('button', { name: /^Take away/ }).click()
    await eventually('the address without it', () => !page.url().includes('with='))
  })

  it('that is not there says so', async () => {
    await visit('/run/long/spectrum?step=12&with=gone:3/full', histogramOf(12))
    await page.getByTestId('overlays').getByText(/gone/).first().waitFor()
    await page.getByTestId('overlays').locator('.bad').waitFor()
    expect(complaints.filter((words) => !/gone/.test(words))).toEqual([])
  })
})

describe('the waterfall', () => {
  const title = 'Eigenvalues of full over the run'
  it('stands at true steps, names what is pointed at, and saves every count, as colours and as lines', async () => {
    await visit('/run/long/spectrum?step=12', histogramOf(12))
    await plot(title).locator('.picture').waitFor()
    await eventually('all snapshots', async () => rowsOf((await saved(title, 'CSV')).text).length === 110 * steps.length)
    const counts = rowsOf((await saved(title, 'CSV')).text).map((row) => row.map(Number))
    for (const step of steps) {
      const values = spectrum('long', step)
      const own = counts.filter((row) => row[0] === step)
      own.forEach(([, from, to, count], i) =>
        expect(values.filter((value) => value >= from && (value < to || (i === own.length - 1 && value === to)))).toHaveLength(count)
      )
    }
    const picture = plot(title).locator('.picture')
    await picture.scrollIntoViewIfNeeded()
    // Cells end in the middle between steps, the outer ones as far out as in: −4 … 4 … 10 … 14 … 18.
    const expected: [at: number, step: number][] = [
      [-3, 0],
      [3, 0],
      [5, 8],
      [9, 8],
      [11, 12],
      [13.5, 12],
      [14.5, 16],
      [17, 16]
    ]
    for (const [at, step] of expected) {
      const box = await picture.boundingBox()
      if (!box) throw new Error('no picture')
      await page.mouse.move(box.x + ((at + 4) / 22) * box.width, box.y + box.height * 0.4)
      await eventually(`the readout at ${at}`, async () =>
        (await text(plot(title).getByTestId('pointed'))).startsWith(`After step ${step}:`)
      )
      expect(await text(plot(title).getByTestId('pointed'))).toMatch(/: \d+ eigenvalues from \S+ to \S+$/)
    }
    const density = (await saved(title, 'SVG')).text
    expect(density).toContain('<image')
    expect((await saved(title, 'PNG')).bytes.length).toBeGreaterThan(5000)
    await plot(title).getByText('lines', { exact: true }).click()
    await eventually('the form in the address', () => page.url().includes('form=lines'))
    const lines = (await saved(title, 'SVG')).text
    expect(lines).not.toContain('<image')
    expect(lines.match(/<path[^>]* d="M[^"]*L[^"]*Z"/g)).toHaveLength(steps.length)
    expect((await saved(title, 'PNG')).bytes.length).toBeGreaterThan(5000)
    expect(rowsOf((await saved(title, 'CSV')).text)).toHaveLength(counts.length)
  })
})

describe('eigenvectors', () => {
  it('of negative eigenvalues are as near as those of positive ones, by buttons, arrows and keys', async () => {
    await visit('/run/long/spectrum', histogramOf(16))
    const values = spectrum('long', 16)
    const stored = [...vectors('long', 16).keys()].sort((a, b) => a - b)
    const { tolerance } = figures(values)
    const [negative, positive] = [stored.filter((i) => values[i] < -tolerance), stored.filter((i) => values[i] > tolerance)]
    expect(Math.min(negative.length, positive.length)).toBeGreaterThan(1)
    const shown = (index: number) => page.getByText(`λ = ${formatNumber(values[index], 8)}, number ${formatCount(index + 1)} of`).waitFor()
    await page.getByRole('button', { name: 'Most negative' }).click()
    await shown(negative[0])
    await page.getByRole('button', { name: 'Negative: the next above' }).click()
    await shown(negative[1])
    await page.getByTestId('vectors-negative').getByRole('radio', { checked: true }).focus()
    await page.keyboard.press('ArrowLeft')
    await shown(negative[0])
    await page.getByRole('button', { name: 'Largest', exact: true }).click()
    await shown(positive[positive.length - 1])
    await page.getByRole('button', { name: 'Positive: the next below' }).click()
    await shown(positive[positive.length - 2])
    const chips = page.getByTestId('vectors-positive').getByRole('radio')
    expect(await chips.allTextContents()).toEqual(positive.map((i) => expect.stringContaining(formatNumber(values[i], 4))))
    const vector = vectors('long', 16).get(positive[positive.length - 2]) as number[]
    const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0)
    expect(await text(page.locator('.largest li .number').first())).toBe(formatNumber(largest, 4))
  })

  it('are drawn in pixels through the projection: Pᵀw for each unit and plane', async () => {
    const vector = vectors('colours', 2).get(0) as number[]
    await visit('/run/colours/spectrum?eigenvalue=0', histogramOf(2))
    await page
      .getByText(/Pᵀw of each unit, 6 × 6 in red, green, blue: .* \(108 → 10\) .*1 of a stored pixel value counts 1\/256 there/)
      .waitFor()
    expect(await page.getByRole('button', { name: /^Unit \d, (red|green|blue): 6 × 6/ }).count()).toBe(units * planes)
    for (const [unit, plane, name] of [
      [0, 0, 'red'],
      [1, 2, 'blue'],
      [3, 1, 'green']
    ] as const) {
      const rows = rowsOf((await download(page.getByRole('button', { name: new RegExp(`^Unit ${unit}, ${name}: 6 × 6`) }), 'CSV')).text)
      expect(rows).toHaveLength(area)
      for (const [row, column, value] of rows.map((cells) => cells.map(Number))) {
        const pixel = plane * area + row * side + column
        const wanted = Array.from({ length: width }, (_, j) => projection[pixel * width + j] * vector[j * units + unit]).reduce(
          (a, b) => a + b,
          0
        )
        expect(Math.abs(value - wanted)).toBeLessThan(1e-13)
      }
    }
  })

  it('behind a projection drawn by the seed are pictures too, and none where it is not the recorded one', async () => {
    await visit('/run/drawn/spectrum?eigenvalue=0', histogramOf(2))
    await page.getByText(/Pᵀw of each unit, 6 × 6 in red, green, blue/).waitFor()
    await visit('/run/other-projection/spectrum?eigenvalue=0', histogramOf(2))
    await page.getByText('No pictures of the input weights: the projection of run "other-projection" is not the one it recorded').waitFor()
    await page.getByRole('button', { name: /^Entries of W1: 10 × 4/ }).waitFor()
    expect(await page.getByRole('button', { name: /^Unit / }).count()).toBe(0)
  })

  it('of two snapshots lie side by side, with their cosine, their layers’ shares, and a word about the sign', async () => {
    const last = spectrum('long', 16).length - 1
    await visit('/run/long/spectrum?step=12&eigenvalue=0', histogramOf(12))
    await page.getByRole('button', { name: 'Compare with a vector of…' }).click()
    await page.getByRole('listbox').getByRole('option').filter({ hasText: 'after step 16' }).first().click()
    const panel = page.getByTestId('vector-comparison')
    await panel.getByTestId('cosine').waitFor()
    await panel
      .getByRole('combobox', { name: 'Vector' })
      .selectOption({ label: `№ ${formatCount(last + 1)}: λ = ${formatNumber(spectrum('long', 16)[last], 4)}` })
    await eventually('the other vector in the address', () => decodeURIComponent(page.url()).includes(`against=long:16/full/${last}`))
    const [u, v] = [vectors('long', 12).get(0) as number[], vectors('long', 16).get(last) as number[]]
    const dot = (a: readonly number[], b: readonly number[], from = 0, to = a.length) =>
      a.slice(from, to).reduce((sum, value, i) => sum + value * b[from + i], 0)
    const product = dot(u, v)
    const cosine = Math.abs(product) / Math.sqrt(dot(u, u) * dot(v, v))
    await eventually('the cosine', async () => (await text(panel.getByTestId('cosine'))) === formatNumber(cosine, 6))
    await panel.getByText(product < 0 ? /drawn with its sign turned/ : /drawn with the sign it is stored with/).waitFor()
    const first = 100 * 3
    const cells = await panel.getByRole('row').nth(1).getByRole('cell').allTextContents()
    const within = (Math.sign(product) * dot(u, v, 0, first)) / Math.sqrt(dot(u, u, 0, first) * dot(v, v, 0, first))
    expect(cells.map((cell) => cell.trim())).toEqual([
      formatPercent(dot(u, u, 0, first) / dot(u, u), 2),
      formatPercent(dot(v, v, 0, first) / dot(v, v), 2),
      formatNumber(within, 4)
    ])
    expect(await panel.getByRole('button', { name: /^u: Unit \d: 10 × 10/ }).count()).toBe(3)
    const rows = rowsOf((await download(panel.getByRole('button', { name: /^−?v: Unit 1: 10 × 10/ }), 'CSV')).text).map((row) =>
      row.map(Number)
    )
    for (const [row, column, value] of rows) expect(value).toBe(Math.sign(product) * v[(row * 10 + column) * 3 + 1])
  })

  it('of different networks are refused', async () => {
    await visit('/run/long/spectrum?step=12&eigenvalue=0&against=colours:2/full/0', histogramOf(12))
    await page
      .getByText(/of full with 330 parameters \(W1 100 × 3, W2 3 × 10\), the other of full with 52 parameters \(W1 10 × 4, W2 4 × 3\)/)
      .waitFor()
  })
})

it('nothing complained', () => expect(complaints.filter((words) => !/gone/.test(words))).toEqual([]))
