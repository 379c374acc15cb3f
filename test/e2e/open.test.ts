// Opening in a browser: the same kinds by the key, the file field and a drop as in the desktop app, and the same words for what is not known.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, JSHandle, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNpy, npzParts, parseNpy } from '../../src/shared/npy'
import { openKinds, whatIsKnown } from '../../src/shared/open-kinds'
import { visit } from './flows'
import { eventually, inPage, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>
const at = (...parts: string[]) => join(workspace.path, ...parts)
const outside = (name: string) => join(dirname(workspace.path), name)
const shots = process.env.SADDLESCOPE_SHOTS

beforeAll(async () => {
  workspace = makeWorkspace()
  mkdirSync(dirname(workspace.path), { recursive: true })
  browser = await openBrowser()
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1024, height: 700 } })
  complaints = watchConsole(page)
  // Playwright takes over the choosing of files while somebody listens: from here on, not only from just before a key is pressed.
  page.on('filechooser', () => undefined)
  await page.goto(served.link)
  await page.getByText('Connected', { exact: true }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

/** 2 × 2 with the eigenvalues a − b and a + b. */
const matrix = (a: number, b: number) => formatNpy({ shape: [2, 2], data: Float64Array.from([a, b, b, a]) })
async function eigenvaluesOf(run: string): Promise<number[]> {
  const file = at('runs', run, 'snapshots', 'step-000000', 'eigenvalues.full.npy')
  await eventually(file, () => existsSync(file))
  return [...(parseNpy(readFileSync(file), file).data as Float64Array)].map((value) => Math.round(value * 1e12) / 1e12)
}
/** IDX: magic, counts, bytes. */
function idx(...sizes: number[]): Buffer {
  const head = Buffer.from([0, 0, 8, sizes.length, ...sizes.flatMap((size) => [0, 0, size >> 8, size & 255])])
  const count = sizes.reduce((product, size) => product * size, 1)
  return Buffer.concat([head, Buffer.from(Array.from({ length: count }, (_, i) => (sizes.length === 1 ? i % 10 : i % 256)))])
}

const held = (files: { name: string; bytes: number[] }[]): Promise<JSHandle> =>
  page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    for (const { name, bytes } of ${JSON.stringify(files)}) transfer.items.add(new File([new Uint8Array(bytes)], name))
    return transfer
  })()`)
async function drop(...files: [name: string, content: Uint8Array | string][]) {
  const transfer = await held(files.map(([name, content]) => ({ name, bytes: [...Buffer.from(content)] })))
  for (const event of ['dragenter', 'dragover', 'drop']) await page.locator('main').dispatchEvent(event, { dataTransfer: transfer })
}
async function notice(pattern: RegExp): Promise<string> {
  const found = page.locator('.overlay-toast').filter({ hasText: pattern }).first()
  const text = (await found.locator('.overlay-toast-text').textContent({ timeout: 30_000 })) ?? ''
  await found.getByRole('button', { name: 'Dismiss' }).click()
  return text
}
const hash = () => new URL(page.url()).hash
const chosen = () => page.getByRole('list', { name: 'Chosen files' })
const manifest = (id: string) =>
  JSON.parse(readFileSync(at('datasets', id, 'manifest.json'), 'utf8')) as { counts: { train: number; test: number }; shape: number[] }

describe('what is opened in a browser', () => {
  it('by Ctrl O: one run is shown itself, with the eigenvalues of the file', async () => {
    writeFileSync(outside('by-key.npy'), matrix(3, 1))
    await visit(page, '#/settings')
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Control+o')])
    await chooser.setFiles(outside('by-key.npy'))
    await eventually('the run on screen', () => hash() === '#/run/by-key/spectrum')
    expect(await eigenvaluesOf('by-key')).toEqual([2, 4])
    expect(await notice(/imported as run by-key/)).toBe('Import by-key.npy: imported as run by-key')
  })

  it('by the palette, several at once: runs in the list, and the notice shows one', async () => {
    for (const [name, a, b] of [
      ['m-one.npy', 5, 2],
      ['m-two.npy', 9, 4]
    ] as const)
      writeFileSync(outside(name), matrix(a, b))
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Find a command' }).fill('Open…')
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')])
    await chooser.setFiles([outside('m-one.npy'), outside('m-two.npy')])
    expect(await eigenvaluesOf('m-one')).toEqual([3, 7])
    expect(await eigenvaluesOf('m-two')).toEqual([5, 13])
    expect(hash()).toBe('#/')
    for (const id of ['m-one', 'm-two']) await page.locator(`[data-row="${id}"]`).waitFor()
    const toast = page.locator('.overlay-toast').filter({ hasText: 'imported as run m-two' }).first()
    await toast.getByRole('button', { name: 'Show' }).click()
    await eventually('the run on screen', () => hash().startsWith('#/run/m-two'))
  })

  it('by a drop of parts, a table and arrays together: three sets wait, each named for what it is', async () => {
    const parts: [string, Buffer][] = [
      ['train-images-idx3-ubyte', idx(20, 4, 4)],
      ['train-labels-idx1-ubyte', idx(20)],
      ['t10k-images-idx3-ubyte', idx(10, 4, 4)],
      ['t10k-labels-idx1-ubyte', idx(10)]
    ]
    const x = { shape: [12, 3], data: Float64Array.from({ length: 36 }, (_, i) => i / 7) }
    const y = { shape: [12], data: Int32Array.from({ length: 12 }, (_, i) => i % 3) }
    const npz = Buffer.concat([...npzParts({ x, y })])
    await drop(...parts, ['table.csv', 'a,b\n1,2\n3,4\n5,6\n7,8\n'], ['arrays.npz', npz])
    await eventually('the Datasets screen', () => hash() === '#/datasets')
    const rows = chosen().getByRole('listitem')
    await eventually('three sets', async () => (await rows.count()) === 3)
    const texts = (await rows.allTextContents()).map((text) => text.replace(/\s+/g, ' ').trim())
    expect(texts[0]).toMatch(
      /^train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte CIFAR or MNIST, /
    )
    expect(texts[1]).toMatch(/^table\.csv a table of samples, 20 B/)
    expect(texts[2]).toMatch(/^arrays\.npz arrays of samples, /)
    if (shots) await page.screenshot({ path: join(shots, 'browser-staged.png') })
    await page.getByRole('button', { name: 'Install 3 data sets' }).click()
    const ids = () =>
      existsSync(at('datasets'))
        ? readdirSync(at('datasets')).filter((name) => !name.includes('.') && existsSync(at('datasets', name, 'manifest.json')))
        : []
    await eventually('three data sets', () => ids().length === 3, 60)
    const [idxId] = ids().filter((id) => id !== 'arrays' && id !== 'table')
    expect([manifest(idxId).counts, manifest(idxId).shape]).toEqual([{ train: 20, test: 10 }, [1, 4, 4]])
    expect(Object.values(manifest('arrays').counts).reduce((sum, count) => sum + count)).toBe(12)
    expect(Object.values(manifest('table').counts).reduce((sum, count) => sum + count)).toBe(4)
    await eventually('an empty folder of uploads', () => readdirSync(at('uploads')).length === 0)
  })

  it('what is not known, or not right, is refused with one sentence, and nothing of it is sent', async () => {
    await visit(page, '#/queue')
    await drop(['photo.jpg', 'JFIF'])
    expect(await notice(/photo\.jpg/)).toBe(`photo.jpg is nothing that can be opened here. What can be: ${whatIsKnown()}.`)
    await drop(['samples.npy', formatNpy({ shape: [5, 3], data: new Float64Array(15) })])
    expect(await notice(/samples\.npy/)).toMatch(/has shape \(5, 3\), must be square .*as \.npz with arrays x and y/)
    expect(hash()).toBe('#/queue')
    expect(readdirSync(at('uploads'))).toEqual([])
  })

  it.each([
    [1440, 900, 'light'],
    [1024, 700, 'dark'],
    [760, 520, 'light']
  ] as const)('while files are over a window of %d × %d (%s) every kind is named, inside it', async (width, height, theme) => {
    await page.setViewportSize({ width, height })
    await page.evaluate(`document.documentElement.dataset.theme = ${JSON.stringify(theme)}`)
    const transfer = await held([{ name: 'a.csv', bytes: [1] }])
    await page.locator('main').dispatchEvent('dragenter', { dataTransfer: transfer })
    const box = page.locator('.overlay-drop-box')
    const text = (await box.innerText()).toLowerCase()
    for (const { called, comesAs } of Object.values(openKinds)) expect(text).toContain(`${called}: ${comesAs}`.toLowerCase())
    const { fits, background } = await box.evaluate(
      inPage<{ fits: boolean; background: string }>(`
        const { left, top, right, bottom } = element.getBoundingClientRect()
        const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight
        return { fits: inside && element.scrollHeight <= element.clientHeight, background: getComputedStyle(element).backgroundColor }
      `)
    )
    expect(fits).toBe(true)
    expect(background).toMatch(/^rgb\(/)
    if (shots) await page.screenshot({ path: join(shots, `browser-drop-${width}-${theme}.png`) })
    await page.locator('main').dispatchEvent('dragleave', { dataTransfer: transfer })
    await box.waitFor({ state: 'detached' })
  })

  it('nothing was complained about on the console', () => expect(complaints).toEqual([]))
})
