// Files in the desktop app: paths go to the workbench, what is saved is what lies on the disk, and only folders of the workspace are opened.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, readZipDirectory, readZipEntry } from '../../src/shared/npy'
import { visit } from '../e2e/flows'
import { eventually, makeWorkspace, root } from '../e2e/support'
import { electronVersion, launchApp } from './support'

let app: ElectronApplication
let page: Page
let workspace: ReturnType<typeof makeWorkspace>
const outside = (name: string) => join(dirname(workspace.path), name)

beforeAll(async () => {
  workspace = makeWorkspace()
  mkdirSync(dirname(workspace.path), { recursive: true })
  const spec = {
    schemaVersion: 1,
    name: 'Small run',
    data: { dataset: 'xor' },
    model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    optimizer: { kind: 'gd', learningRate: 0.1 },
    budget: { steps: 10 }
  }
  writeFileSync(outside('one.json'), JSON.stringify(spec))
  const words = [join(root, 'out', 'main', 'cli.js'), 'run', outside('one.json'), '--id', 'one', '--workspace', workspace.path]
  execFileSync(process.execPath, words, { stdio: 'ignore' })
  app = await launchApp(workspace.path)
  page = await app.firstWindow()
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  const child = app.process()
  const ended = new Promise((done) => child.once('exit', done))
  await app.close().catch(() => undefined)
  await ended
  workspace.remove()
})

/** Answers the next dialog as a person would. */
const saveAs = (path: string) =>
  app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: filePath === '', filePath })
  }, path)

describe(`files in Electron ${electronVersion}`, () => {
  it('saves one file and the whole run where the person says, the bytes of the disk', async () => {
    await visit(page, '#/run/one/files')
    await page.getByRole('searchbox', { name: 'Filter files' }).fill('metrics')
    await saveAs(outside('saved.ndjson'))
    await page.getByRole('button', { name: 'Download metrics.ndjson' }).click()
    await eventually('the file', () => existsSync(outside('saved.ndjson')))
    const metrics = readFileSync(join(workspace.path, 'runs', 'one', 'metrics.ndjson'))
    expect(readFileSync(outside('saved.ndjson')).equals(metrics)).toBe(true)

    await saveAs(outside('saved.zip'))
    await page.getByRole('button', { name: 'Export all as zip' }).click()
    await eventually('the zip', () => existsSync(outside('saved.zip')))
    const source = bytesSource(readFileSync(outside('saved.zip')), 'saved.zip')
    const entry = (await readZipDirectory(source)).find(({ name }) => name === 'metrics.ndjson')
    expect(Buffer.from(await readZipEntry(source, entry!)).equals(metrics)).toBe(true)
    await page
      .getByText(/exported one to .*saved\.zip: \d+ files/)
      .first()
      .waitFor()
  })

  it('imports what is chosen by its path, without a copy on the way', async () => {
    await visit(page, '#/')
    const [runs] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Import a run…' }).click()])
    await runs.setFiles(outside('saved.zip'))
    await page.getByText('imported as run saved').first().waitFor()
    await page.locator('[data-row="saved"]').waitFor()

    writeFileSync(outside('points.csv'), `a,b,label\n${Array.from({ length: 30 }, (_, i) => `${i},${i * i},${i % 2}`).join('\n')}\n`)
    await visit(page, '#/datasets')
    await page.getByRole('button', { name: 'Import…' }).click()
    const [tables] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose files…' }).click()])
    await tables.setFiles(outside('points.csv'))
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.locator('.understood').getByText('imported as points: 30 training and 0 test samples').waitFor()
    expect(existsSync(join(workspace.path, 'uploads'))).toBe(false)
  })

  it('opens folders of the workspace, and nothing else', async () => {
    await app.evaluate(({ shell }) => {
      const opened: string[] = []
      Object.assign(globalThis, { opened })
      shell.openPath = (path) => Promise.resolve((opened.push(path), ''))
    })
    await visit(page, '#/run/one/files')
    await page.getByRole('button', { name: 'Open folder' }).click()
    const opened = () => app.evaluate(() => (globalThis as unknown as { opened: string[] }).opened)
    const run = join(workspace.path, 'runs', 'one')
    await eventually('the folder', async () => (await opened()).length === 1)
    expect(await opened()).toEqual([run])
    symlinkSync(dirname(workspace.path), join(workspace.path, 'way-out'))
    const tries = [
      '/etc',
      dirname(workspace.path),
      `${workspace.path}/../..`,
      join(workspace.path, 'way-out'),
      join(run, 'spec.json'),
      join(run, 'none')
    ]
    for (const path of tries)
      expect(await page.evaluate(`window.saddlescope.ask('open-folder', { path: ${JSON.stringify(path)} })`)).toMatch(
        /only folders of the workspace|no folder|not there|not open/
      )
    expect(await opened()).toEqual([run])
  })
})
