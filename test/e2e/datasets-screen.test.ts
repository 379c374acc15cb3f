// The Datasets screen against the files: what is understood before anything is installed, pixels of every layout, class counts, statistics, search, downloads.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOnPage } from '../../src/shared/format/bytes'
import { npzParts } from '../../src/shared/npy'
import { visit } from './flows'
import { layoutFaults } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>
let mirror: Awaited<ReturnType<typeof openMirror>>
const at = (...parts: string[]) => join(workspace.path, ...parts)
const outside = (...parts: string[]) => join(dirname(workspace.path), ...parts)

/** Numbers that look random and are the same every time. */
function numbers(seed: number): () => number {
  let state = seed >>> 0
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8
}
const bytesFrom = (seed: number, count: number) => {
  const next = numbers(seed)
  return Uint8Array.from({ length: count }, () => next() & 255)
}
function idx(shape: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length)
  header[2] = 8
  header[3] = shape.length
  shape.forEach((length, axis) => header.writeUInt32BE(length, 4 + 4 * axis))
  return Buffer.concat([header, data])
}
const labelsFrom = (seed: number, count: number, classes: number) => {
  const next = numbers(seed)
  return Uint8Array.from({ length: count }, () => next() % classes)
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

/** A server on loopback that sends slowly, knows ranges, and counts what it was asked for. */
async function openMirror(files: Readonly<Record<string, Buffer>>) {
  const state = { slow: true, ranges: [] as (string | null)[] }
  const send = async (response: ServerResponse, bytes: Buffer) => {
    const piece = 4000
    for (let from = 0; from < bytes.length && !response.destroyed; from += piece) {
      response.write(bytes.subarray(from, from + piece))
      if (!state.slow) continue
      await pause(60)
      // There it stands still until it may go on: nobody has to be quick.
      if (from > 100_000) while (state.slow && !response.destroyed) await pause(60)
    }
    response.end()
  }
  const server: Server = createServer((request, response) => {
    const bytes = files[(request.url ?? '').slice(1)]
    if (!bytes) return void response.writeHead(404).end()
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    state.ranges.push(request.headers.range ?? null)
    const from = range ? Number(range[1]) : 0
    response.writeHead(range ? 206 : 200, {
      'content-length': bytes.length - from,
      ...(range ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {})
    })
    return void send(response, bytes.subarray(from))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { state, address, close: () => void (server.closeAllConnections(), server.close()) }
}

const train = { count: 300, images: bytesFrom(1, 300 * 28 * 28), labels: labelsFrom(2, 300, 10) }
const test = { count: 60, images: bytesFrom(3, 60 * 28 * 28), labels: labelsFrom(4, 60, 10) }
/** Hardly compressible: about a quarter of a megabyte. */
const mnistFiles: Record<string, Buffer> = {
  'train-images-idx3-ubyte.gz': gzipSync(idx([train.count, 28, 28], train.images)),
  'train-labels-idx1-ubyte.gz': gzipSync(idx([train.count], train.labels)),
  't10k-images-idx3-ubyte.gz': gzipSync(idx([test.count, 28, 28], test.images)),
  't10k-labels-idx1-ubyte.gz': gzipSync(idx([test.count], test.labels))
}

beforeAll(async () => {
  workspace = makeWorkspace()
  mkdirSync(dirname(workspace.path), { recursive: true })
  mirror = await openMirror(mnistFiles)
  const files = Object.entries(mnistFiles).map(([name, bytes]) => ({
    url: `${mirror.address}${name}`,
    name,
    bytes: bytes.length,
    md5: createHash('md5').update(bytes).digest('hex')
  }))
  writeFileSync(outside('mirrors.json'), JSON.stringify([{ id: 'mnist', files }]))
  process.env.SADDLESCOPE_MIRRORS = outside('mirrors.json')
  browser = await openBrowser()
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  delete process.env.SADDLESCOPE_MIRRORS
  expect(complaints).toEqual([])
  await browser.close()
  await served.stop()
  mirror.close()
  workspace.remove()
})

interface Manifest {
  readonly counts: { readonly train: number; readonly test: number }
  readonly labels: { readonly fine: readonly string[] | null }
  readonly targets: number | null
  readonly fingerprint: string
  readonly csv: { readonly targets: readonly string[] }
}
const manifest = (id: string) => JSON.parse(readFileSync(at('datasets', id, 'manifest.json'), 'utf8')) as Manifest
const installed = () => (existsSync(at('datasets')) ? readdirSync(at('datasets')).filter((name) => !name.startsWith('.')) : [])

async function openImport(open: boolean) {
  const button = page.getByRole('button', { name: /^(Import…|Close the import)$/ })
  await button.waitFor()
  if (((await button.getAttribute('aria-expanded')) === 'true') !== open) await button.click()
}
/** Notices lie over what is below them. */
async function dismissNotices() {
  const dismiss = page.locator('.overlay-toast').getByRole('button', { name: 'Dismiss' })
  while ((await dismiss.count()) > 0) await dismiss.first().click()
}
async function choose(files: string[]) {
  await visit(page, '#/datasets')
  await openImport(true)
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose files…' }).click()])
  await chooser.setFiles(files)
}
const fact = async (name: string) =>
  (
    (await page
      .locator('[data-understood] dl > div')
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator('dd')
      .textContent({ timeout: 30_000 })) ?? ''
  ).replaceAll('\u202f', '')
async function install(id: string) {
  const field = page.getByLabel('Id (optional)')
  await field.fill(id)
  await page.getByRole('button', { name: 'Install', exact: true }).click()
  await page.locator('.understood').getByText(`imported as ${id}:`).waitFor({ timeout: 60_000 })
  const shown = page
    .locator('dl > div')
    .filter({ has: page.getByText('Id', { exact: true }) })
    .locator('dd')
  await eventually('its card', async () => (await shown.textContent()) === id)
}
/** Red, green, blue of every pixel as they are drawn. */
const drawn = (picture: Locator) =>
  picture.evaluate(
    inPage<{ width: number; height: number; pixels: number[] }>(`
      const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height)
      return { width: element.width, height: element.height, pixels: [...data].filter((_, i) => i % 4 < 3) }
    `)
  )
const sample = (place: number) => page.locator(`[data-sample="${place}"] canvas`)
/** Grey bytes, row by row, as red, green and blue. */
const greys = (bytes: ArrayLike<number>) => Array.from(bytes).flatMap((value) => [value, value, value])

describe('before anything is installed', () => {
  const rows = Array.from({ length: 41 }, (_, i) => `${(i * 0.37).toFixed(3)},${i % 5},${['red', 'green', 'blue'][i % 3]}`)

  it('a table: header, separator, target, classes, split and the first rows are those of the file; other options read it anew', async () => {
    writeFileSync(outside('colours.csv'), `width,kind,colour\n${rows.join('\n')}\n`)
    await choose([outside('colours.csv')])
    expect(await fact('Samples')).toBe('41 training, 0 test')
    expect(await fact('Target')).toBe('3 classes: blue, green, red')
    await page.getByText(/separator comma, names from line 1; 2 inputs \(width, kind\); target colour/).waitFor()
    const cells = await page.locator('[data-understood] tbody tr').nth(2).locator('td').allTextContents()
    expect([Number(cells[0]), Number(cells[1]), cells[2].trim()]).toEqual([0.74, 2, 'blue'])
    expect(await fact('Balance')).toBe('from 13 to 14 training samples a class')
    expect(installed()).toEqual([])
    await page.getByLabel('Target', { exact: true }).fill('kind')
    await page.getByText(/line 2, cell 3 \(colour\)/).waitFor()
    expect(await page.getByRole('button', { name: 'Install', exact: true }).isDisabled()).toBe(true)
    await page.getByLabel('Target', { exact: true }).fill('colour')
    await eventually('read as before', async () => (await fact('Target')).startsWith('3 classes'))
    await dismissNotices()
    expect(await layoutFaults(page)).toEqual([])
    await install('colours')
    expect([manifest('colours').counts, manifest('colours').csv.targets]).toEqual([{ train: 41, test: 0 }, ['colour']])
    await eventually('no upload left', () => readdirSync(at('uploads')).length === 0)
  })

  it('what is no data set says why, and is put away without a trace', async () => {
    writeFileSync(outside('broken.csv'), 'a,b\n1,2\n3\n')
    await choose([outside('broken.csv')])
    await page
      .locator('.refused')
      .getByText(/line 3/)
      .waitFor()
    await page.getByRole('button', { name: 'Do not import this' }).click()
    await eventually('no upload left', () => readdirSync(at('uploads')).length === 0)
    expect(installed()).toEqual(['colours'])
  })

  it('an id that is taken is refused with a free one, and two of one name are told apart', async () => {
    writeFileSync(outside('colours.csv'), `width,kind,colour\n${rows.slice(0, 30).join('\n')}\n`)
    await choose([outside('colours.csv')])
    await page.getByText('colours is installed with other data: choose another id, such as colours-2').waitFor()
    expect(await page.getByRole('button', { name: 'Install', exact: true }).isDisabled()).toBe(true)
    await install('colours-2')
    const distinctions = page.locator('.list [data-distinction]')
    await eventually('two of one title', async () => (await distinctions.count()) === 2)
    const texts = await distinctions.allTextContents()
    for (const [k, id] of ['colours', 'colours-2'].entries()) {
      expect(texts[k]).toContain(`${id}, ${manifest(id).counts.train} + 0 samples, since `)
      expect(texts[k]).toContain(`fingerprint ${manifest(id).fingerprint.slice(0, 12)}…`)
    }
    await visit(page, '#/new?preset=sfn-mnist10')
    const option = page.locator('datalist option[value="colours-2"]')
    await option.waitFor({ state: 'attached' })
    const beginning = manifest('colours-2').fingerprint.slice(0, 12)
    expect(await option.getAttribute('label')).toContain(`colours.csv: colours-2, 30 + 0 samples, since `)
    expect(await option.getAttribute('label')).toContain(`fingerprint ${beginning}…`)
    const list = await option.locator('..').getAttribute('id')
    await page.locator(`input[list="${list}"]`).fill('colours-2')
    await page.locator('[data-distinction]').getByText(`fingerprint ${beginning}…`).waitFor()
  })
})

describe('pixels', () => {
  const side = 6
  const area = side * side
  const count = 20
  const rgb = bytesFrom(7, count * area * 3)
  const y = { shape: [count], data: Int32Array.from({ length: count }, (_, i) => i % 4) }
  /** Value of channel c at pixel p of sample n in the array as it was saved. */
  const layouts = {
    'pixels-last': { shape: [count, side, side, 3], value: (n: number, p: number, c: number) => rgb[(n * area + p) * 3 + c] },
    'pixels-first': { shape: [count, 3, side, side], value: (n: number, p: number, c: number) => rgb[(n * 3 + c) * area + p] }
  }

  it.each(Object.entries(layouts))('%s in an .npz are drawn as they were saved', async (id, { shape, value }) => {
    writeFileSync(outside(`${id}.npz`), Buffer.concat([...npzParts({ x: { shape, data: rgb }, y })]))
    await choose([outside(`${id}.npz`)])
    expect(await fact('Shape')).toBe('6 × 6 pixels, 3 channels')
    const expected = (n: number) => Array.from({ length: area * 3 }, (_, i) => value(n, Math.floor(i / 3), i % 3))
    const preview = page.locator('[data-understood] canvas').nth(3)
    expect(await drawn(preview)).toEqual({ width: side, height: side, pixels: expected(3) })
    await install(id)
    for (const n of [0, 11, 19]) {
      await sample(n).waitFor()
      expect(await drawn(sample(n))).toEqual({ width: side, height: side, pixels: expected(n) })
    }
  })

  it('a row of numbers is a row, and can be folded as planes, pixels or rows', async () => {
    const features = 3 * 16
    const flat = bytesFrom(9, count * features)
    writeFileSync(outside('flat.npz'), Buffer.concat([...npzParts({ x: { shape: [count, features], data: flat }, y })]))
    await choose([outside('flat.npz')])
    await install('flat')
    const row = flat.subarray(5 * features, 6 * features)
    expect(await drawn(sample(5))).toEqual({ width: features, height: 1, pixels: greys(row) })
    await page.getByLabel('Shown as').selectOption({ label: '4 × 4 colour, plane by plane' })
    const planes = Array.from({ length: features }, (_, i) => row[(i % 3) * 16 + Math.floor(i / 3)])
    await eventually('planes', async () => JSON.stringify((await drawn(sample(5))).pixels) === JSON.stringify(planes))
    await page.getByLabel('Shown as').selectOption({ label: '4 × 4 colour, pixel by pixel' })
    await eventually('pixels', async () => JSON.stringify((await drawn(sample(5))).pixels) === JSON.stringify([...row]))
  })

  const cifar = join(import.meta.dirname, '..', '..', '..', 'shared', 'datasets', 'cifar-100-sample')
  it.runIf(existsSync(cifar))('real CIFAR-100, from the archive and from the binary files, is drawn plane by plane', async () => {
    const binary = join(cifar, 'cifar-100-binary')
    const raw = readFileSync(join(binary, 'train.bin'))
    const record = 2 + 3072
    const pixels = (n: number) => Array.from({ length: 3072 }, (_, i) => raw[n * record + 2 + (i % 3) * 1024 + Math.floor(i / 3)])
    const total = raw.length / record
    for (const [id, files] of [
      ['cifar-100', [join(cifar, 'cifar-100-python.tar.gz')]],
      ['from-binary', readdirSync(binary).map((name) => join(binary, name))]
    ] as const) {
      await choose([...files])
      expect(await fact('Samples')).toMatch(new RegExp(`^${total} training`))
      await install(id)
      for (const n of [0, 1, 59]) {
        await sample(n).waitFor()
        expect(await drawn(sample(n))).toEqual({ width: 32, height: 32, pixels: pixels(n) })
      }
    }
    expect(manifest('from-binary').fingerprint).toBe(manifest('cifar-100').fingerprint)
    await eventually('the same data are named', async () => /Same data as/.test((await page.locator('main').textContent()) ?? ''))
    // Superclasses are the first byte of each record.
    const coarse = Array.from({ length: total }, (_, n) => raw[n * record])
    await page.getByLabel('Labels').selectOption({ label: 'Superclass' })
    await page.getByRole('searchbox', { name: 'Search by superclass' }).fill('7')
    const expected = coarse.flatMap((label, n) => (label === 7 ? [n] : []))
    await page
      .locator('[data-match]')
      .getByText(new RegExp(`: ${expected.length} of `))
      .waitFor()
    await eventually('those samples', async () => {
      const shown = await page
        .locator('[data-sample]')
        .evaluateAll(inPage<number[]>('return element.map((one) => Number(one.dataset.sample))') as never)
      return JSON.stringify(shown) === JSON.stringify(expected.slice(0, 60))
    })
  })
})

describe('a download', () => {
  const total = Object.values(mnistFiles).reduce((sum, bytes) => sum + bytes.length, 0)
  const panel = () => page.locator('[data-download]')
  const kept = () => {
    const folder = at('datasets', '.downloads', 'mnist')
    return existsSync(folder) ? readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) : 0
  }

  it('shows bytes, rate and remaining time on its card; cancelled it keeps what is there, and goes on from it', async () => {
    await visit(page, '#/datasets?id=mnist')
    await openImport(false)
    await panel()
      .getByRole('button', { name: `Download ${bytesOnPage(total)}` })
      .click()
    await panel()
      .getByText(new RegExp(`of ${bytesOnPage(total)} \\(\\d+.%\\).*/s, .* left`))
      .waitFor()
    await page.locator('.list').getByText('downloading').waitFor()
    await eventually('some of it', () => kept() > 60_000)
    await panel().getByRole('button', { name: 'Cancel' }).click()
    await panel()
      .getByText(/are kept from a download that was cancelled: it goes on from there/)
      .waitFor()
    const here = kept()
    expect(here).toBeGreaterThan(60_000)
    expect(here).toBeLessThan(total)
    expect(
      await panel()
        .getByText(/are kept from/)
        .textContent()
    ).toContain(`${bytesOnPage(here)} of ${bytesOnPage(total)} are kept`)
    await page.locator('.list').getByText('partly here').waitFor()
    mirror.state.ranges.length = 0
    mirror.state.slow = false
    await panel()
      .getByRole('button', { name: `Resume (${bytesOnPage(total - here)} to go)` })
      .click()
    await panel().waitFor({ state: 'detached', timeout: 60_000 })
    // The file that was broken off is asked for from where it stopped.
    expect(mirror.state.ranges[0]).toMatch(/^bytes=[1-9]\d*-$/)
    expect(manifest('mnist').counts).toEqual({ train: train.count, test: test.count })
    expect(existsSync(at('datasets', '.downloads', 'mnist'))).toBe(false)
    await sample(7).waitFor()
    expect((await drawn(sample(7))).pixels).toEqual(greys(train.images.subarray(7 * 784, 8 * 784)))
  })

  it('its classes and pixels are counted as they are in the files', async () => {
    await page
      .getByRole('button', { name: 'Classes', exact: true })
      .or(page.getByRole('radio', { name: 'Classes' }))
      .first()
      .click()
    await page.getByRole('button', { name: 'Save Samples of each class' }).click()
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as CSV' }).click()])
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n')
    const countOf = (labels: Uint8Array, label: number) => labels.reduce((sum, one) => sum + Number(one === label), 0)
    expect(lines.slice(1)).toEqual(
      Array.from({ length: 10 }, (_, label) => [label, label, countOf(train.labels, label), countOf(test.labels, label)].join(','))
    )
    await page
      .getByRole('button', { name: 'Pixels', exact: true })
      .or(page.getByRole('radio', { name: 'Pixels' }))
      .first()
      .click()
    const grey = page.locator('[data-channel="grey"]')
    await grey.waitFor()
    const mean = train.images.reduce((sum, value) => sum + value, 0) / train.images.length
    const std = Math.sqrt(train.images.reduce((sum, value) => sum + (value - mean) ** 2, 0) / train.images.length)
    const exact = (await grey
      .locator('td[title]')
      .evaluateAll(inPage<number[]>('return element.map((one) => Number(one.title))') as never)) as number[]
    expect(exact[0]).toBeCloseTo(mean, 9)
    expect(exact[1]).toBeCloseTo(std, 9)
    const [least, greatest] = train.images.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [255, 0])
    expect((await grey.locator('td').allTextContents()).slice(2).map(Number)).toEqual([least, greatest])
    await page.getByText(`Exact: every value of the 300 training samples`, { exact: false }).waitFor()
    await dismissNotices()
    expect(await layoutFaults(page)).toEqual([])
  })

  it('samples are found by their label', async () => {
    await page
      .getByRole('button', { name: 'Samples', exact: true })
      .or(page.getByRole('radio', { name: 'Samples' }))
      .first()
      .click()
    await page.getByRole('searchbox', { name: 'Search by class' }).fill('4')
    const expected = Array.from(train.labels).flatMap((label, n) => (label === 4 ? [n] : []))
    await page.locator('[data-match]').getByText(`4: ${expected.length} of 300 training samples`).waitFor()
    await sample(expected[2]).waitFor()
    expect((await drawn(sample(expected[2]))).pixels).toEqual(greys(train.images.subarray(expected[2] * 784, (expected[2] + 1) * 784)))
    await page.getByRole('searchbox', { name: 'Search by class' }).fill('zebra')
    await page.getByText('No class has “zebra” in its name, nor that number.').waitFor()
    await page.getByRole('searchbox', { name: 'Search by class' }).fill('')
    expect(await page.locator('[data-range]').textContent()).toBe('1–60 of 300')
  })
})

it.each([
  [1440, 900, 'light'],
  [1024, 700, 'dark']
] as const)('nothing is clipped or over anything at %d × %d (%s)', async (width, height, theme) => {
  await page.setViewportSize({ width, height })
  await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`)
  await dismissNotices()
  for (const id of ['mnist', 'colours', 'cifar-10']) {
    await visit(page, `#/datasets?id=${id}`)
    await eventually(
      'the set',
      async () => (await page.locator('.list .current').textContent())?.includes(id === 'mnist' ? '28 × 28' : '') ?? false
    )
    expect(await layoutFaults(page)).toEqual([])
  }
})
