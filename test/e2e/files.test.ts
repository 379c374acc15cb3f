// Files in and out of the window, in a browser: what was sent, what is shown of it, and what lies on the disk are the same.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, JSHandle, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, readZipDirectory, readZipEntry } from '../../src/shared/npy'
import { bytesOnPage } from '../../src/shared/format/bytes'
import { visit } from './flows'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>
const cli = join(root, 'out', 'main', 'cli.js')
const at = (...parts: string[]) => join(workspace.path, ...parts)
const outside = (name: string) => join(dirname(workspace.path), name)

const spec = (name: string, steps: number) => ({
  schemaVersion: 1,
  name,
  data: { dataset: 'xor' },
  model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true },
  loss: 'half-sse',
  optimizer: { kind: 'gd', learningRate: 0.1 },
  checkpoints: { everySteps: 10, keep: 1 },
  snapshots: { everySteps: 10, hessian: true },
  budget: { steps }
})
function specFile(name: string, content: object): string {
  writeFileSync(outside(name), JSON.stringify(content))
  return outside(name)
}

beforeAll(async () => {
  workspace = makeWorkspace()
  browser = await openBrowser()
  const words = [cli, 'run', specFile('one.json', { ...spec('Small run', 10) }), '--id', 'one', '--workspace']
  await promisify(execFile)(process.execPath, [...words, workspace.path])
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1024, height: 700 }, acceptDownloads: true })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

/** The files below a folder of the workspace, by path with "/", and their sizes. */
function filesBelow(folder: string): Map<string, number> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(folder.length + 1).replaceAll('\\', '/'), statSync(path).size]
    })
  )
}

const manifest = (id: string) =>
  JSON.parse(readFileSync(at('datasets', id, 'manifest.json'), 'utf8')) as {
    counts: { train: number; test: number }
    labels: { fine: string[] | null }
    targets: number | null
    csv: { inputs: string[]; targets: string[]; separator: string; header: number | null }
    files: { bytes: number }[]
  }

/** Files as a person's hand holds them over the window. */
const held = (files: { name: string; type: string; bytes: number[] }[]): Promise<JSHandle> =>
  page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    for (const { name, type, bytes } of ${JSON.stringify(files)}) transfer.items.add(new File([new Uint8Array(bytes)], name, { type }))
    return transfer
  })()`)
const dispatch = (name: string, dataTransfer: JSHandle) => page.locator('main').dispatchEvent(name, { dataTransfer })

async function drop(name: string, type: string, content: Buffer | string) {
  const transfer = await held([{ name, type, bytes: [...Buffer.from(content)] }])
  await dispatch('dragenter', transfer)
  await dispatch('dragover', transfer)
  await dispatch('drop', transfer)
}

const understood = async () => (await page.locator('.understood').textContent({ timeout: 30_000 })) ?? ''
const shownValue = async (name: string) =>
  (await page
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .first()
    .textContent()) ?? ''
/** Waits for a notice, returns its text and puts it away. */
async function notice(pattern: RegExp): Promise<string> {
  const found = page.locator('.overlay-toast').filter({ hasText: pattern }).first()
  const text = (await found.locator('.overlay-toast-text').textContent({ timeout: 30_000 })) ?? ''
  await found.getByRole('button', { name: 'Dismiss' }).click()
  return text
}

async function save(press: () => Promise<void>): Promise<{ name: string; content: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), press()])
  return { name: download.suggestedFilename(), content: readFileSync(await download.path()) }
}

describe('data sets', () => {
  const rows = Array.from({ length: 37 }, (_, i) => `${(i * 0.37).toFixed(3)},${Math.cos(i).toFixed(4)},${['red', 'green', 'blue'][i % 3]}`)

  it('a table by the picker: the counts, names and classes shown are those of the file', async () => {
    const table = outside('colours.csv')
    writeFileSync(table, `width,height,colour\n${rows.join('\n')}\n`)
    await visit(page, '#/datasets')
    await page.getByRole('button', { name: 'Import…' }).click()
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose files…' }).click()])
    await chooser.setFiles(table)
    await page.getByRole('list', { name: 'Chosen files' }).getByText('colours.csv').waitFor()
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    const said = await understood()
    const { counts, labels, csv, files } = manifest('colours')
    expect(counts.train + counts.test).toBe(rows.length)
    expect(said).toContain(`imported as colours: ${counts.train} training and ${counts.test} test samples`)
    expect(said).toContain('separator comma, names from line 1; 2 inputs (width, height); target colour (3 classes')
    expect(csv).toMatchObject({ inputs: ['width', 'height'], targets: ['colour'], header: 1 })
    await page.getByRole('heading', { name: /colours/ }).waitFor()
    expect(await shownValue('Samples')).toBe(`${counts.train} train, ${counts.test} test`)
    expect(await shownValue('Classes')).toBe(String(labels.fine?.length))
    expect(await shownValue('Size')).toBe(bytesOnPage(files.reduce((sum, file) => sum + file.bytes, 0)))
    expect(readdirSync(at('uploads'))).toEqual([])
    await notice(/imported as colours/)
  })

  it('a table by a drop: the window says what will happen, and the options are kept to', async () => {
    await visit(page, '#/')
    const text = `a;b;c\n${Array.from({ length: 21 }, (_, i) => `${i % 4};${(i / 7).toFixed(3)};${i * i}`).join('\n')}\n`
    const transfer = await held([{ name: 'dropped.csv', type: 'text/csv', bytes: [...Buffer.from(text)] }])
    await dispatch('dragenter', transfer)
    const box = page.locator('.overlay-drop-box')
    await box.getByText('Drop the file to import it').waitFor()
    await box.getByText('Opens on the Datasets screen, where its import is started').waitFor()
    const { left, top, right, bottom, background } = await box.evaluate(
      inPage<{ left: number; top: number; right: number; bottom: number; background: string }>(`
        const { left, top, right, bottom } = element.getBoundingClientRect()
        return { left, top, right, bottom, background: getComputedStyle(element).backgroundColor }
      `)
    )
    expect([left >= 0, top >= 0, right <= 1024, bottom <= 700]).toEqual([true, true, true, true])
    expect(background).toMatch(/^rgb\(/)
    await dispatch('dragleave', transfer)
    await box.waitFor({ state: 'detached' })
    await drop('dropped.csv', 'text/csv', text)
    await page.getByRole('list', { name: 'Chosen files' }).getByText('dropped.csv').waitFor()
    await page.getByLabel('Target', { exact: true }).fill('a')
    await page.getByLabel('The target is').selectOption({ label: 'Values' })
    await page.getByLabel('Id (optional)').fill('by-drop')
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    const said = await eventually('what was understood', async () => {
      const now = await page.locator('.understood').textContent()
      return now?.includes('by-drop') ? now : null
    })
    const { counts, csv, labels, targets } = manifest('by-drop')
    expect(counts.train + counts.test).toBe(21)
    expect([csv.targets, csv.inputs, labels.fine, targets]).toEqual([['a'], ['b', 'c'], null, 1])
    expect(said).toContain(`imported as by-drop: ${counts.train} training and ${counts.test} test samples`)
    expect(said).toContain('separator semicolon')
    expect(said).toContain('target a (values)')
    await notice(/imported as by-drop/)
  })

  it('what is no data set is refused with a sentence, and leaves nothing', async () => {
    await drop('broken.csv', 'text/csv', 'a,b\n1,2\n3\n')
    await page.getByRole('list', { name: 'Chosen files' }).getByText('broken.csv').waitFor()
    expect(await page.locator('.refused').textContent({ timeout: 30_000 })).toMatch(/broken\.csv: line 3/)
    expect(await page.getByRole('button', { name: 'Install', exact: true }).isDisabled()).toBe(true)
    await page.getByRole('button', { name: 'Do not import this' }).click()
    expect(existsSync(at('datasets', 'broken'))).toBe(false)
    await eventually('an empty folder of uploads', () => readdirSync(at('uploads')).length === 0)
  })

  it('is deleted after a question that names its size', async () => {
    const { files } = manifest('by-drop')
    const size = bytesOnPage(files.reduce((sum, file) => sum + file.bytes, 0))
    await visit(page, '#/datasets?id=by-drop')
    await page.getByRole('button', { name: 'Delete…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(`21 samples, ${size}`).waitFor()
    await dialog.getByText('No run refers to it.').waitFor()
    await dialog.getByRole('button', { name: 'Keep it' }).click()
    expect(existsSync(at('datasets', 'by-drop', 'manifest.json'))).toBe(true)
    await page.getByRole('button', { name: 'Delete…' }).click()
    await dialog.getByRole('button', { name: `Delete ${size}` }).click()
    expect(await notice(/Deleted the data set/)).toBe(`Deleted the data set by-drop (${size}).`)
    expect(readdirSync(at('datasets'))).toEqual(['colours'])
    await page.getByRole('button', { name: /dropped/ }).waitFor({ state: 'detached' })
  })
})

describe('runs', () => {
  it('the Files tab shows the files of the disk with their sizes, and none is clipped', async () => {
    await visit(page, '#/run/one/files')
    const files = filesBelow(at('runs', 'one'))
    const total = [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
    await page.getByRole('heading', { name: `${files.size} files, ${bytesOnPage(total)}` }).waitFor()
    const table = page.getByRole('table', { name: 'Files of the run' })
    const filter = page.getByRole('searchbox', { name: 'Filter files' })
    for (const name of ['metrics.ndjson', 'spec.json', 'snapshots/step-000010/manifest.json']) {
      await filter.fill(name)
      const row = table.locator(`[data-row="${name}"]`)
      await row.waitFor()
      expect(await row.getByRole('cell').nth(1).textContent()).toContain(bytesOnPage(files.get(name) ?? -1))
    }
    await filter.fill('step-000010 eigenvalues')
    const matching = [...files].filter(([name]) => name.includes('step-000010') && name.includes('eigenvalues'))
    const sum = matching.reduce((bytes, [, size]) => bytes + size, 0)
    await page
      .getByRole('heading', { name: `${matching.length} of ${files.size} files, ${bytesOnPage(sum)} of ${bytesOnPage(total)}` })
      .waitFor()
    await filter.fill('')
    const overflow = await page
      .getByRole('region', { name: 'Files of the run' })
      .evaluate(inPage<number[]>(`return [element.scrollWidth - element.clientWidth, innerWidth - element.getBoundingClientRect().right]`))
    expect(overflow[0]).toBeLessThanOrEqual(0)
    expect(overflow[1]).toBeGreaterThanOrEqual(0)
  })

  it('a file that is downloaded has the bytes of the disk and a telling name', async () => {
    const filter = page.getByRole('searchbox', { name: 'Filter files' })
    for (const [path, saved] of [
      ['metrics.ndjson', 'one-metrics.ndjson'],
      ['snapshots/step-000010/eigenvalues.full.npy', 'one-snapshots-step-000010-eigenvalues.full.npy']
    ]) {
      await filter.fill(path)
      const { name, content } = await save(() => page.getByRole('button', { name: `Download ${path}` }).click())
      expect(name).toBe(saved)
      expect(content.equals(readFileSync(at('runs', 'one', path)))).toBe(true)
    }
    await filter.fill('')
  })

  it('a run that is exported and imported again is the same run, figure by figure and byte by byte', async () => {
    await page.getByRole('button', { name: 'More actions' }).click()
    const { name, content } = await save(() => page.getByRole('menuitem', { name: 'Export as zip' }).click())
    expect(name).toBe('one.zip')
    const source = bytesSource(content, name)
    const entries = await readZipDirectory(source)
    const onDisk = filesBelow(at('runs', 'one'))
    const packed = entries.filter((entry) => onDisk.has(entry.name))
    for (const file of ['metrics.ndjson', 'spec.json', 'meta.json', 'status.json'])
      expect(packed.map((entry) => entry.name)).toContain(file)
    for (const entry of packed)
      expect(Buffer.from(await readZipEntry(source, entry)).equals(readFileSync(at('runs', 'one', entry.name))), entry.name).toBe(true)

    await visit(page, '#/')
    await drop('back.saddlescope', 'application/zip', content)
    expect(await notice(/imported as run back/)).toBe('Import back.saddlescope: imported as run back')
    await page.locator('[data-row="back"]').waitFor()
    for (const entry of packed.filter((one) => one.name !== 'status.json'))
      expect(readFileSync(at('runs', 'back', entry.name)).equals(readFileSync(at('runs', 'one', entry.name))), entry.name).toBe(true)
    const cells = async (id: string) => (await page.locator(`[data-row="${id}"] [role=cell]`).allTextContents()).slice(1)
    const [mine, theirs] = [await cells('one'), await cells('back')]
    expect(mine.some((text) => text.includes('gd'))).toBe(true)
    expect(theirs.slice(1, 6)).toEqual(mine.slice(1, 6))
    expect(readdirSync(at('uploads'))).toEqual([])
  })

  it('a zip that is no run nor data set is refused with a sentence', async () => {
    await drop('torn.zip', 'application/zip', 'PK this is none')
    expect(await notice(/torn\.zip/)).toMatch(/is not a zip archive/)
  })
})

describe('a server that goes away', () => {
  let theirs: ChildProcess | null = null
  afterAll(() => theirs?.kill('SIGKILL'))

  it('the page says what it knows, screens never seen open, and it heals without its link', async () => {
    const long = { ...spec('Long run', 10_000_000), snapshots: undefined, checkpoints: { everySteps: 100_000, keep: 1 } }
    const words = [cli, 'run', specFile('long.json', long), '--id', 'long', '--workspace', workspace.path]
    theirs = spawn(process.execPath, words, { stdio: 'ignore' })
    const row = page.locator('[data-row="long"]')
    await row.locator('[data-state=running]').waitFor({ timeout: 30_000 })
    expect(complaints).toEqual([])

    await visit(page, '#/run/long')
    const doing = page.getByRole('status', { name: 'What the run is doing' })
    await doing.getByText(/step/i).first().waitFor()
    served.child.kill('SIGKILL')
    await page.getByText(/The connection to the workbench is lost: what is shown is as of .*1 run was running then/).waitFor()
    await doing.getByText(/^ ?It was running, at step [\d\s\u202f]+, when the connection was lost/).waitFor()
    await visitOffline('#/')
    expect(await row.locator('[data-state=unknown]').textContent()).toContain('was running')
    expect(await page.getByText('1 live').count()).toBe(0)
    for (const screen of ['#/snapshots', '#/playground', '#/settings', '#/new', '#/compare']) {
      await visitOffline(screen)
      const main = page.locator('main')
      await eventually(`something on ${screen}`, async () =>
        (await main.innerText()).replace(/The connection[^]*reloaded\./, '').trim() === '' ? null : true
      )
    }
    await visitOffline('#/snapshots')
    await page.getByText('This screen shows when the connection to the workbench is back.').waitFor()

    const { link, port } = served
    served = await serve(workspace.path, ['--no-demo'], port)
    expect(served.link).toBe(link)
    await page.getByText('Connected', { exact: true }).waitFor({ timeout: 30_000 })
    await page.getByText('This screen shows when the connection').waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'Snapshots' }).waitFor()
  })

  it('with --new-token the old link and the old session are no longer valid, and the page says what to do', async () => {
    const { link, port } = served
    served.child.kill('SIGKILL')
    await page.getByText(/The connection to the workbench is lost/).waitFor()
    served = await serve(workspace.path, ['--no-demo', '--new-token'], port)
    expect(served.link).not.toBe(link)
    await page.getByRole('heading', { name: /Open the link that the server printed/ }).waitFor({ timeout: 30_000 })
    await page.goto('about:blank')
    await page.goto(link)
    await page.getByRole('heading', { name: /Open the link that the server printed/ }).waitFor()
    await page.goto('about:blank')
    await page.goto(served.link)
    await page.getByText('Connected', { exact: true }).waitFor()
  })
})

const visitOffline = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
