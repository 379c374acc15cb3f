// The Hessian screen against the files behind it: entries, names, copies, rows, saved parts, the order by unit, two side by side, and their difference.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNumber } from '../../src/renderer/app/format'
import { formatNpyHeader, parseNpy, toFloat64 } from '../../src/shared/npy'
import { layoutFaultsPastNotices } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]

const cli = (...words: string[]) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { encoding: 'utf8', stdio: 'pipe' })
const layers = [100, 3, 10]
const P = 343
const spec = {
  schemaVersion: 1,
  name: 'one',
  seed: 3,
  data: { dataset: 'mnist10', trainLimit: 250, testLimit: 100, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
  model: { layers, activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.3 } },
  loss: 'softmax-cross-entropy',
  batch: { size: 60 },
  optimizer: { kind: 'sfn', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate: 0.5 },
  snapshots: { everySteps: 4, eigenvectors: 0, hessian: true },
  budget: { steps: 8 }
}
const spiked = 1500
const spike = { row: 301, column: 907, value: -7.5 }

beforeAll(async () => {
  workspace = makeWorkspace()
  const folder = join(workspace.path, '..')
  for (const [id, changes] of [
    ['one', {}],
    ['two', { seed: 4 }],
    ['blocks', { optimizer: { ...spec.optimizer, scope: 'layer-blocks' } }]
  ] as const) {
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ ...spec, name: id, ...changes }))
    cli('run', join(folder, `${id}.json`), '--id', id, '--workspace', workspace.path)
  }
  // Zeros but for one pair of entries: nothing may average it away.
  const values = new Float64Array(spiked * spiked)
  values[spike.row * spiked + spike.column] = values[spike.column * spiked + spike.row] = spike.value
  writeFileSync(join(folder, 'spike.npy'), Buffer.concat([formatNpyHeader('f8', [spiked, spiked]), new Uint8Array(values.buffer)]))
  cli('import', join(folder, 'spike.npy'), '--id', 'spike', '--workspace', workspace.path)
  served = await serve(workspace.path)
  browser = await openBrowser()
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(served.link).origin })
  page = await context.newPage()
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 240_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const read = (path: string) => toFloat64(parseNpy(readFileSync(path), path))
const hessian = (run: string, step = 8, block = 'full') =>
  read(join(workspace.path, 'runs', run, 'snapshots', `step-${String(step).padStart(6, '0')}`, `hessian.${block}.npy`))
/** As the parameter vector is laid out: inputs × units row by row, then the biases. */
const W1 = (input: number, unit: number) => input * layers[1] + unit
const b1 = (unit: number) => layers[0] * layers[1] + unit
const W2 = (input: number, unit: number) => (layers[0] + 1) * layers[1] + input * layers[2] + unit

async function open(query: string, run = 'one') {
  await page.evaluate(`window.location.hash = '#/'`)
  await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor()
  await page.evaluate(`window.location.hash = ${JSON.stringify(`#/run/${run}/hessian${query}`)}`)
  await eventually('the tiles', () => coloured(canvas().first()).then((count) => count > 0))
}
/** A notice lies over what is below it, for as long as it is there. */
const faults = () => layoutFaultsPastNotices(page)
const canvas = () => page.locator('.pictures canvas')
/** Pixels of the picture that are drawn, and how many of them. */
const coloured = (of: Locator) =>
  of.evaluate(
    inPage<number>(`
    const { width, height } = element
    if (width === 0) return 0
    const { data } = element.getContext('2d').getImageData(0, 0, width, height)
    let count = 0
    for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count++
    return count`)
  )
const readout = () => page.locator('.panel .entry')
async function jump(row: string, column: string) {
  await page.getByPlaceholder('row', { exact: true }).fill(row)
  await page.getByPlaceholder('column', { exact: true }).fill(column)
  await page.getByPlaceholder('column', { exact: true }).press('Enter')
}
/** Value of the entry at places of the file, once it is there. */
function shownValue(row: number, column: number, of = 'strong') {
  return eventually(`entry (${row}, ${column})`, async () => {
    const text = (await readout().textContent()) ?? ''
    const value = ((await readout().locator(of).first().textContent()) ?? '').trim()
    return text.includes(`(${row}, ${column})`) && value !== '…' ? value : null
  })
}
async function saved(click: () => Promise<void>) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()])
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
}
const savedAs = (figure: Locator, kind: string) =>
  saved(async () => {
    await figure.getByRole('button', { name: /^Save / }).click()
    await page.getByRole('menuitem', { name: `Save as ${kind}` }).click()
  })
const lines = (csv: Buffer) =>
  csv
    .toString('utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell) => cell.replaceAll('"', '')))
const picture = (k = 0) => page.locator('.pictures figure').nth(k)
const names = (side: 'row' | 'column') => picture().locator(`.${side}-name`).allTextContents()
const trimmed = (texts: readonly string[]) => texts.map((text) => text.trim())
async function savedPart(k = 0) {
  const { name, bytes } = await saved(() => picture(k).getByRole('button', { name: '.npy' }).click())
  const [, row, lastRow, column, lastColumn] = /rows-(\d+)-(\d+)-columns-(\d+)-(\d+)\.npy$/.exec(name)?.map(Number) ?? []
  const array = parseNpy(bytes, name)
  expect(array.shape).toEqual([lastRow - row + 1, lastColumn - column + 1])
  return { name, row, column, rows: array.shape[0], columns: array.shape[1], values: toFloat64(array) }
}
const copied = () => page.evaluate<string>('navigator.clipboard.readText()')

describe('the Hessian screen', () => {
  it('fills the window, without anything cut', async () => {
    for (const [width, height] of [
      [1440, 900],
      [1024, 700]
    ]) {
      await page.setViewportSize({ width, height })
      await open('')
      const box = await eventually('its place', () => picture().boundingBox())
      if (height === 900) {
        expect(box.y + box.height).toBeLessThanOrEqual(height)
        expect(box.y + box.height).toBeGreaterThan(height - 110)
      }
      expect(box.x + box.width).toBeLessThanOrEqual(width)
      expect(await faults()).toEqual([])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  })

  it('shows entries of the file with their weights’ names, at the zoom where each has its own', async () => {
    await open('')
    const matrix = hessian('one')
    for (const [rowName, row, columnName, column] of [
      ['W1[3, 2]', W1(3, 2), 'b1[1]', b1(1)],
      ['W2[2, 9]', W2(2, 9), 'W1[99, 0]', W1(99, 0)],
      [String(P - 1), P - 1, 'b1[0]', b1(0)]
    ] as const) {
      await jump(rowName, columnName)
      expect(await shownValue(row, column)).toBe(formatNumber(matrix[row * P + column], 9))
    }
    await jump('W1[50, 1]', 'W1[60, 2]')
    await shownValue(W1(50, 1), W1(60, 2))
    const shown = trimmed(await names('row'))
    const first = shown.indexOf('W1[50, 1]')
    expect(shown.slice(first, first + 3)).toEqual(['W1[50, 1]', 'W1[50, 2]', 'W1[51, 0]'])
    expect(trimmed(await names('column'))).toContain('W1[60, 2]')
    // Its row and its column are marked, and the entry where they cross.
    expect(await picture().locator('.picked rect').count()).toBe(3)
    // The colours of the picture have the signs of the file.
    const { left, top } = await page.evaluate<{ left: number; top: number }>(`(() => {
      const box = document.querySelector('.picked rect:last-child').getBoundingClientRect()
      const frame = document.querySelector('.pictures canvas').getBoundingClientRect()
      return { left: box.left + box.width / 2 - frame.left, top: box.top + box.height / 2 - frame.top }
    })()`)
    const scale = await page.evaluate<number>(`document.querySelector('.picked rect:last-child').getBoundingClientRect().width`)
    let compared = 0
    for (let dr = -3; dr <= 3; dr++)
      for (let dc = -3; dc <= 3; dc++) {
        const value = matrix[(W1(50, 1) + dr) * P + W1(60, 2) + dc]
        if (Math.abs(value) < 1e-3 * Math.max(...matrix.subarray(0, P).map(Math.abs))) continue
        const [red, , blue, alpha] = await canvas()
          .first()
          .evaluate(
            inPage<number[]>(
              `return [...element.getContext('2d').getImageData(${Math.round(left + dc * scale)}, ${Math.round(top + dr * scale)}, 1, 1).data]`
            )
          )
        expect(alpha).toBe(255)
        expect(Math.sign(blue - red), `${dr}, ${dc}: ${value}`).toBe(Math.sign(value))
        compared++
      }
    expect(compared).toBeGreaterThan(20)
  })

  it('says at its field what cannot be gone to', async () => {
    await open('')
    await jump('343', 'W3[0, 0]')
    await page.getByText('There is no row 343: they are 0 to 342.').waitFor()
    await page.getByText('There is no W3 here: there are W1, b1, W2, b2.').waitFor()
    expect(await page.getByPlaceholder('row', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    await jump('W1[3, 3]', '2')
    await page.getByText('The units of W1 are 0 to 2.').waitFor()
    expect(await page.getByPlaceholder('column', { exact: true }).getAttribute('aria-invalid')).toBeNull()
  })

  it('copies the entry in full on a click and by Enter, and says what', async () => {
    await open('')
    const matrix = hessian('one')
    await jump('W1[10, 1]', 'W1[20, 0]')
    await shownValue(W1(10, 1), W1(20, 0))
    await picture().locator('.picked rect').nth(2).waitFor()
    const at = await page.evaluate<{ x: number; y: number }>(`(() => {
      const box = document.querySelector('.picked rect:last-child').getBoundingClientRect()
      return { x: box.left + box.width * 1.5, y: box.top + box.height / 2 }
    })()`)
    await page.mouse.click(at.x, at.y)
    const value = matrix[W1(10, 1) * P + W1(20, 1)]
    await page
      .getByText(`Copied ${value.toPrecision(17)}: W1[10, 1] × W1[20, 1] of full after step 8.`)
      .first()
      .waitFor()
    expect(await copied()).toBe(value.toPrecision(17))
    expect(Number(await copied())).toBe(value)
    // Keys alone: Shift and an arrow choose, Enter copies.
    await canvas().first().focus()
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('Enter')
    const next = matrix[W1(10, 2) * P + W1(20, 2)]
    await page
      .getByText(`Copied ${next.toPrecision(17)}: W1[10, 2] × W1[20, 2]`)
      .first()
      .waitFor()
    expect(await copied()).toBe(next.toPrecision(17))
    await page.mouse.move(5, 5)
    await page.keyboard.press('Escape')
    await readout().getByText('Point at an entry').waitFor()
  })

  it('draws the chosen row: every entry of the file by its column', async () => {
    await open(`?entry=${W2(1, 4)},7`)
    const curve = page.locator('figure.plot').filter({ has: page.getByRole('heading', { name: 'Row W2[1, 4]' }) })
    await curve.locator('canvas').first().waitFor()
    const { bytes } = await savedAs(curve, 'CSV')
    const matrix = hessian('one')
    const rows = lines(bytes)
    expect(rows).toHaveLength(P)
    rows.forEach(([, x, y], k) => expect([Number(x), Number(y)]).toEqual([k, matrix[W2(1, 4) * P + k]]))
  })

  it('stops at the edges', async () => {
    await open('?at=100,100,12')
    const box = await eventually('its place', () => canvas().first().boundingBox())
    const middle = [box.x + box.width / 2, box.y + box.height / 2] as const
    await page.mouse.move(...middle)
    await page.mouse.down()
    await page.mouse.move(middle[0] + 3000, middle[1] + 3000, { steps: 4 })
    await page.mouse.up()
    await eventually('the upper left corner', () => decodeURIComponent(page.url()).includes('at=0,0,12'))
    await page.mouse.move(...middle)
    for (let k = 0; k < 12; k++) await page.mouse.wheel(0, 400)
    await eventually('the whole', async () => {
      const at = /at=([\d.,-]+)/.exec(decodeURIComponent(page.url()))?.[1].split(',').map(Number)
      return at !== undefined && at[2] < 2 && at[1] > -0.01
    })
    // No further out than the whole: its frame touches the room above and below.
    const [x, y, scale] = (/at=([\d.,-]+)/.exec(decodeURIComponent(page.url()))?.[1] ?? '').split(',').map(Number)
    expect(y).toBeCloseTo(0, 3)
    expect(x).toBeLessThanOrEqual(0)
    expect(scale * P).toBeGreaterThan(300)
  })

  it('follows a touchpad: pinching zooms about the fingers, two fingers move', async () => {
    const where = () => (/at=([\d.,-]+)/.exec(decodeURIComponent(page.url()))?.[1] ?? '').split(',').map(Number)
    const pointedAt = async () => /\(\d+, \d+\)/.exec((await readout().textContent()) ?? '')?.[0]
    await open('?at=100,100,4')
    const box = await eventually('its place', () => canvas().first().boundingBox())
    const fingers = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) }
    await page.mouse.move(fingers.x, fingers.y)
    const before = await eventually('an entry', pointedAt)
    const session = await page.context().newCDPSession(page)
    await session.send('Input.synthesizePinchGesture', { ...fingers, scaleFactor: 2, relativeSpeed: 400, gestureSourceType: 'mouse' })
    // The address follows the view after a moment: until it no longer changes.
    const seen: string[] = []
    await eventually('a larger scale that stays', () => {
      seen.push(where().join())
      return where()[2] > 6 && seen.length > 5 && new Set(seen.slice(-5)).size === 1
    })
    expect(await pointedAt()).toBe(before)
    const [left, top, scale] = where()
    const turn = { deltaX: 24, deltaY: 40, deltaMode: 0, wheelDeltaX: -72, wheelDeltaY: -120, clientX: fingers.x, clientY: fingers.y }
    await canvas().first().dispatchEvent('wheel', turn)
    await eventually('moved', () => Math.abs(where()[0] - left) > 1e-6)
    const moved = where()
    expect(moved[2]).toBe(scale)
    expect((moved[0] - left) * scale).toBeCloseTo(24, 1)
    expect((moved[1] - top) * scale).toBeCloseTo(40, 1)
  })

  it('averages nothing away: one entry of 2,250,000 is seen from afar in its full colour', async () => {
    await open('', 'spike')
    const found = await eventually('both entries', async () => {
      const pixels = await canvas()
        .first()
        .evaluate(
          inPage<[number, number, number, number][]>(`
        const { width, height } = element
        const { data } = element.getContext('2d').getImageData(0, 0, width, height)
        const found = []
        const ground = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim()
        for (let i = 0; i < width * height; i++) {
          const [r, g, b, a] = data.subarray(4 * i, 4 * i + 4)
          if (a === 255 && r - b > 60) found.push([i % width, Math.floor(i / width), r, b])
        }
        return found`)
        )
      return pixels.length > 0 ? pixels : null
    })
    const spots = new Set(found.map(([x, y]) => `${Math.round(x / 4)} ${Math.round(y / 4)}`))
    expect(spots.size).toBeGreaterThanOrEqual(2)
    expect(spots.size).toBeLessThanOrEqual(8)
    await jump(String(spike.row), String(spike.column))
    expect(await shownValue(spike.row, spike.column)).toBe(formatNumber(spike.value, 9))
  })

  it('saves the part in view as .npy, to the bit, and as a picture with title and colour bar', async () => {
    await open('?at=40,20,15')
    const matrix = hessian('one')
    const part = await savedPart()
    expect(part.name).toMatch(/^one-full-after-step-8-rows-20-/)
    expect(part.rows * part.columns).toBeLessThan(P * P)
    for (let r = 0; r < part.rows; r++)
      for (let c = 0; c < part.columns; c++) expect(part.values[r * part.columns + c]).toBe(matrix[(part.row + r) * P + part.column + c])
    const svg = (await savedAs(picture(), 'SVG')).bytes.toString('utf8')
    for (const text of ['one · Hessian full after step 8: 343 × 343', 'colour-bar', 'symlog', '>W1<', 'W1[', '<image'])
      expect(svg).toContain(text)
    // The part's cells, each with the row and column of the file.
    const cells = lines((await savedAs(picture(), 'CSV')).bytes)
    expect(cells.length).toBeGreaterThan(500)
    for (const [row, column, value] of cells.slice(0, 300))
      expect(Math.fround(matrix[Number(row) * P + Number(column)])).toBe(Math.fround(Number(value)))
    const png = (await savedAs(picture(), 'PNG')).bytes
    const [, wide] = /<svg[^>]* width="(\d+)"/.exec(svg) ?? []
    expect(png.readUInt32BE(16)).toBe(2 * Number(wide))
  })

  it('orders by unit: names and values are those of the file at their new places', async () => {
    await open('?order=unit&borders=all')
    const matrix = hessian('one')
    // Unit by unit, a unit's bias behind its weights: by the definition, not by the code.
    const order = [
      ...[0, 1, 2].flatMap((unit) => [...Array.from({ length: 100 }, (_, input) => W1(input, unit)), b1(unit)]),
      ...Array.from({ length: 10 }, (_, unit) => [0, 1, 2, 3].map((input) => W2(input, unit))).flat()
    ]
    expect(new Set(order).size).toBe(P)
    await jump('W1[50, 1]', 'b1[0]')
    expect(await shownValue(W1(50, 1), b1(0))).toBe(formatNumber(matrix[W1(50, 1) * P + b1(0)], 9))
    const shown = trimmed(await names('row'))
    const first = shown.indexOf('W1[50, 1]')
    expect(shown.slice(first - 1, first + 2)).toEqual(['W1[49, 1]', 'W1[50, 1]', 'W1[51, 1]'])
    const columns = trimmed(await names('column'))
    expect(columns.slice(columns.indexOf('b1[0]'), columns.indexOf('b1[0]') + 2)).toEqual(['b1[0]', 'W1[0, 1]'])
    const part = await savedPart()
    expect(part.name).toContain('by-unit')
    for (let r = 0; r < part.rows; r++)
      for (let c = 0; c < part.columns; c++)
        expect(part.values[r * part.columns + c]).toBe(matrix[order[part.row + r] * P + order[part.column + c]])
    const cells = lines((await savedAs(picture(), 'CSV')).bytes)
    for (const [row, column, value] of cells.slice(0, 200))
      expect(Math.fround(matrix[Number(row) * P + Number(column)])).toBe(Math.fround(Number(value)))
    const curve = page.locator('figure.plot').filter({ has: page.getByRole('heading', { name: 'Row W1[50, 1]' }) })
    lines((await savedAs(curve, 'CSV')).bytes).forEach(([, x, y], k) =>
      expect([Number(x), Number(y)]).toEqual([k, matrix[W1(50, 1) * P + order[k]]])
    )
    await page
      .getByRole('radio', { name: 'as stored' })
      .or(page.getByRole('button', { name: 'as stored' }))
      .first()
      .click()
    await eventually('the order of the file', () => !page.url().includes('order='))
    expect(await shownValue(W1(50, 1), b1(0))).toBe(formatNumber(matrix[W1(50, 1) * P + b1(0)], 9))
  })

  it('hides what is small and ends the colours where it is told', async () => {
    await open('')
    // All that will be drawn: what is read while tiles still come would never come again.
    const counts: number[] = []
    const before = await eventually('the whole picture', async () => {
      counts.push(await coloured(canvas().first()))
      return counts.length > 5 && new Set(counts.slice(-5)).size === 1 ? counts[counts.length - 1] : null
    })
    const largest = hessian('one').reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const limit = page.getByRole('slider', { name: 'Limit of the colours' })
    expect(Number(await limit.getAttribute('aria-valuenow'))).toBeCloseTo(Number(Math.fround(largest)), 9)
    await limit.press('ArrowLeft')
    await eventually(
      'the limit in the address',
      () => Math.abs(Number(/limit=([\d.e-]+)/.exec(page.url())?.[1]) / (largest * 10 ** -0.1) - 1) < 1e-3
    )
    const threshold = page.getByRole('slider', { name: 'Entries below are hidden' })
    // From the left end of the histogram up, a decade a press.
    for (let k = 0; k < 7; k++) await threshold.press('PageUp')
    await eventually('what is hidden in the address', () => /hide=/.test(page.url()))
    await eventually('fewer entries', async () => (await coloured(canvas().first())) < before / 2)
    await page
      .getByText(/Entries below .* in magnitude are hidden\./)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Reset', exact: true }).click()
    await eventually('all entries', async () => (await coloured(canvas().first())) === before)
  })
})

describe('two Hessians', () => {
  const value = (of: string) => `strong[data-value="${of}"]`
  it('are shown side by side with one zoom and one cursor, and the difference where it stands', async () => {
    await open('')
    await page.getByRole('button', { name: 'Beside another Hessian…' }).click()
    await page.getByPlaceholder('Run, step 50, W1…').fill('two step 4')
    await page
      .getByRole('option', { name: /after step 4/ })
      .first()
      .click()
    await eventually('two pictures', async () => (await canvas().count()) === 2)
    expect(decodeURIComponent(page.url())).toContain('beside=two:4/full')
    const [a, b] = [hessian('one'), hessian('two', 4)]
    await jump('W1[10, 1]', 'W2[1, 3]')
    const [row, column] = [W1(10, 1), W2(1, 3)]
    expect(await shownValue(row, column, value('a'))).toBe(formatNumber(a[row * P + column], 9))
    expect(await shownValue(row, column, value('b'))).toBe(formatNumber(b[row * P + column], 9))
    expect(await shownValue(row, column, value('difference'))).toBe(formatNumber(a[row * P + column] - b[row * P + column], 9))
    // What is pointed at in one is marked in the other, at the same zoom.
    const place = await eventually('the second', () => canvas().nth(1).boundingBox())
    await page.mouse.move(place.x + place.width * 0.6, place.y + place.height * 0.4)
    await eventually('both cursors', async () => (await page.locator('.pictures .pointed').count()) === 2)
    const text = await eventually('the entry', async () => {
      const shown = (await readout().textContent()) ?? ''
      return shown.includes('…') ? null : shown
    })
    const [, r, c] = /\((\d+), (\d+)\)/.exec(text)?.map(Number) ?? []
    expect(await shownValue(r, c, value('b'))).toBe(formatNumber(b[r * P + c], 9))
    expect(await shownValue(r, c, value('difference'))).toBe(formatNumber(a[r * P + c] - b[r * P + c], 9))
    const before = trimmed(await picture(1).locator('.row-name').allTextContents())
    await page.mouse.wheel(0, -240)
    await eventually('both zoomed', async () => {
      const [left, right] = [
        trimmed(await picture(0).locator('.row-name').allTextContents()),
        trimmed(await picture(1).locator('.row-name').allTextContents())
      ]
      return right.join() !== before.join() && left.join() === right.join()
    })
    expect(await faults()).toEqual([])
    // A click in the second copies the second's.
    await page.mouse.click(place.x + place.width * 0.6, place.y + place.height * 0.4)
    const said = await eventually('the notice', () =>
      page
        .getByText(/^Copied .* of two: full after step 4\.$/)
        .first()
        .textContent()
    )
    const [, clicked] = /Copied (\S+):/.exec(said) ?? []
    expect(b.includes(Number(clicked))).toBe(true)
  })

  it('of unequal size are refused in one sentence', async () => {
    await open('?beside=blocks:8/W2')
    await page.getByText('is 40 × 40 and full after step 8 is 343 × 343: only matrices of equal size are shown side by side.').waitFor()
    expect(await canvas().count()).toBe(1)
  })

  it('have a difference: computed in a job, kept, shown like a Hessian, deleted', async () => {
    await open('?beside=two:4/full')
    await eventually('two pictures', async () => (await canvas().count()) === 2)
    await page.getByRole('button', { name: 'Compute A − B…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('one:8/full').waitFor()
    await dialog.getByRole('button', { name: 'Compute', exact: true }).click()
    await page.getByRole('button', { name: 'Show difference-8', exact: true }).click()
    await page.getByRole('button', { name: 'Alone', exact: true }).click()
    const [a, b] = [hessian('one'), hessian('two', 4)]
    const folder = join(workspace.path, 'runs', 'one', 'analyses', 'difference-8')
    const written = read(join(folder, 'difference.npy'))
    expect(written.findIndex((entry, k) => entry !== a[k] - b[k])).toBe(-1)
    for (const [rowName, row, columnName, column] of [
      ['W1[3, 2]', W1(3, 2), 'b1[1]', b1(1)],
      ['W2[2, 9]', W2(2, 9), 'W2[0, 0]', W2(0, 0)]
    ] as const) {
      await jump(rowName, columnName)
      expect(await shownValue(row, column)).toBe(formatNumber(a[row * P + column] - b[row * P + column], 9))
    }
    const norm = Math.sqrt(written.reduce((sum, entry) => sum + entry * entry, 0))
    expect(await page.locator('[data-figure="norm"]').textContent()).toBe(formatNumber(norm, 6))
    await page.getByLabel('The difference that is shown').getByText('verified: 3 checks').waitFor()
    const part = await savedPart()
    for (let r = 0; r < part.rows; r++)
      for (let c = 0; c < part.columns; c++)
        expect(part.values[r * part.columns + c]).toBe(a[(part.row + r) * P + part.column + c] - b[(part.row + r) * P + part.column + c])
    expect(await faults()).toEqual([])
    await page.getByRole('button', { name: 'Delete difference-8' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await eventually('the folder is gone', () => !existsSync(folder))
    await page.getByRole('heading', { name: 'Hessian full after step 8' }).waitFor()
    expect(readdirSync(join(folder, '..'))).toEqual([])
  })

  it('no page complained', () => expect(complaints).toEqual([]))
})
