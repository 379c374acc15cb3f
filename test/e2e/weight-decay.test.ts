// Weight decay on screen: the form's field is the spec's, and every place that shows a training loss with it says so, with the figures of metrics.ndjson.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { figure, visit } from './flows'
import { makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

const workspace = makeWorkspace()
let served: Served
let browser: Browser
let page: Page
let complaints: string[]

const spec = {
  schemaVersion: 1,
  name: 'decayed digits',
  data: { dataset: 'mnist10', trainLimit: 200, testLimit: 100, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
  model: { layers: [100, 3, 10], activation: { kind: 'tanh' }, bias: true },
  loss: 'half-sse',
  regularization: { l2: 0.25 },
  batch: { size: 50 },
  optimizer: { kind: 'gd', learningRate: 0.01 },
  evaluate: { everySteps: 5 },
  budget: { steps: 10 }
}
interface Line {
  readonly loss: number
  readonly penalty: number
  readonly testLoss?: number
}
const lines = () =>
  readFileSync(join(workspace.path, 'runs', 'decayed', 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const number = (text: string) => Number(text.replaceAll(',', '').replaceAll('−', '-'))

beforeAll(async () => {
  mkdirSync(workspace.path, { recursive: true })
  const file = join(workspace.path, 'decayed.json')
  writeFileSync(file, JSON.stringify(spec))
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'run', file, '--workspace', workspace.path, ...args], {
      stdio: 'ignore'
    })
  run('--id', 'decayed')
  run('--id', 'plain', '--set', 'regularization.l2=0')
  browser = await openBrowser()
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(20_000)
  complaints = watchConsole(page)
  await page.goto(served.link)
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

describe('weight decay', () => {
  it('has a field of its own after the loss, which is the spec’s, and fd-newton is refused at it', async () => {
    await visit(page, '#/new?from=decayed')
    const section = page.locator('[data-section=regularization]')
    const box = section.getByRole('textbox', { name: /^Weight decay/ })
    await expect.poll(() => box.inputValue(), { timeout: 20_000 }).toBe('0.25')
    const keys = await page.locator('[data-section]').evaluateAll((all) => all.map((one) => one.getAttribute('data-section')))
    expect(keys.indexOf('regularization')).toBe(keys.indexOf('loss') + 1)
    const [place, view] = [await section.boundingBox(), await box.boundingBox()]
    if (!place || !view) throw new Error('not shown')
    expect(view.x).toBeGreaterThanOrEqual(place.x)
    expect(view.x + view.width).toBeLessThanOrEqual(place.x + place.width)
    await box.fill('0.125')
    await box.blur()
    const json = async () => JSON.parse(await page.getByRole('textbox', { name: 'Run spec as JSON' }).inputValue()) as typeof spec
    await expect.poll(async () => (await json()).regularization.l2, { timeout: 20_000 }).toBe(0.125)
    await page.getByRole('textbox', { name: 'Run spec as JSON' }).fill(JSON.stringify({ ...spec, optimizer: { kind: 'fd-newton' } }))
    await expect.poll(() => section.textContent(), { timeout: 20_000 }).toContain('must be 0 with optimizer fd-newton')
  })

  it('is named beside the loss of a run, whose figures are the file’s: per sample, decay and all', async () => {
    await visit(page, '#/run/decayed')
    const last = lines()[9]
    expect(last.penalty).toBeGreaterThan(0)
    expect(last.loss).toBeGreaterThan(last.penalty)
    await page.getByText('per sample with weight decay').first().waitFor()
    expect(number(await figure(page, 'Loss'))).toBeCloseTo(last.loss / 50, 3)
    expect(number(await figure(page, 'Test loss'))).toBeCloseTo(last.testLoss ?? NaN, 3)
    const note = page.getByText(/The training loss holds weight decay too, ½ · 0\.25 · ‖w‖², once a batch/).first()
    await note.waitFor()
  })

  it('keeps test figures apart, and Compare says that the losses are of two objectives', async () => {
    await visit(page, '#/compare?runs=decayed,plain')
    await page.getByText('l2 = 0, 0.25 by run: such losses are not of one objective', { exact: false }).first().waitFor()
    // Neither run's line says anything of a penalty that the file has not.
    const plain = readFileSync(join(workspace.path, 'runs', 'plain', 'metrics.ndjson'), 'utf8')
    expect(plain).not.toContain('penalty')
    expect(complaints).toEqual([])
  })
})
