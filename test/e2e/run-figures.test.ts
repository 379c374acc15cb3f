// Step time and wall time, validation and test figures: what the page shows is what the run's files say; a run without wall time says so.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCount, formatDuration, formatNumber, formatPercent } from '../../src/renderer/app/format'
import { figure, visit } from './flows'
import { eventually, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

const workspace = makeWorkspace()
const runFolder = (id: string) => join(workspace.path, 'runs', id)
type Line = Record<string, number | undefined>
const linesOf = (id: string): Line[] =>
  readFileSync(join(runFolder(id), 'metrics.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const statusOf = (id: string) => JSON.parse(readFileSync(join(runFolder(id), 'status.json'), 'utf8')) as Record<string, number>

let server: Served
let browser: Browser
let page: Page
let complaints: string[]

/** The same run as a version that did not count wall time would have written it. */
function makeOlder(from: string, id: string) {
  cpSync(runFolder(from), runFolder(id), { recursive: true })
  const without = (text: string) => text.replace(/,?\s*"wallSeconds":\s*[\d.e-]+/g, '')
  const states = readdirSync(join(runFolder(id), 'checkpoints')).map((step) => join('checkpoints', step, 'state.json'))
  for (const name of ['status.json', 'metrics.ndjson', ...states]) {
    const path = join(runFolder(id), name)
    writeFileSync(path, without(readFileSync(path, 'utf8')))
  }
}

beforeAll(async () => {
  const spec = {
    schemaVersion: 1,
    name: 'Two times',
    seed: 3,
    data: {
      dataset: 'mnist10',
      trainLimit: 400,
      testLimit: 200,
      validation: 0.25,
      transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }]
    },
    model: { layers: [100, 5, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'softmax-cross-entropy',
    batch: { size: 100, shuffle: true },
    optimizer: { kind: 'adam', learningRate: 0.02 },
    evaluate: { everySteps: 5, histograms: true },
    snapshots: { everySteps: 10, eigenvectors: 4 },
    checkpoints: { everySteps: 10 },
    budget: { steps: 40 }
  }
  const path = join(dirname(workspace.path), 'spec.json')
  mkdirSync(workspace.path, { recursive: true })
  writeFileSync(path, JSON.stringify(spec))
  const words = ['run', path, '--id', 'whole', '--workspace', workspace.path]
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { stdio: 'pipe' })
  makeOlder('whole', 'older')
  server = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(server.link)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  workspace.remove()
})

const noteOf = async (name: string) =>
  (await page
    .locator('.figure')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('.note')
    .textContent()) ?? ''
const axis = (name: string) => page.getByRole('group', { name: 'Horizontal axis' }).getByText(name, { exact: true })
const lossChart = () => page.locator('figure').filter({ hasText: 'Loss' }).first()

describe('the head of a run', () => {
  it('shows both times as status.json has them; the snapshots are in the wall time', async () => {
    await visit(page, '/run/whole')
    const status = statusOf('whole')
    await eventually('the times', async () => (await figure(page, 'Wall time')) === formatDuration(status['wallSeconds']))
    expect(await figure(page, 'Step time')).toBe(formatDuration(status['seconds']))
    expect(status['wallSeconds']).toBeGreaterThan(3 * status['seconds'])
    expect(status['wallSeconds']).toBeGreaterThanOrEqual(linesOf('whole').at(-1)?.['wallSeconds'] ?? Infinity)
  })

  it('shows the last and the best validation accuracy, and the test accuracy of that step', async () => {
    const evaluated = linesOf('whole').filter((line) => line['valAccuracy'] !== undefined)
    expect(evaluated.map((line) => line['step'])).toEqual([5, 10, 15, 20, 25, 30, 35, 40])
    const best = evaluated.reduce((most, line) => ((line['valAccuracy'] ?? 0) > (most['valAccuracy'] ?? 0) ? line : most))
    expect(await figure(page, 'Validation accuracy')).toBe(formatPercent(evaluated.at(-1)?.['valAccuracy']))
    expect(await noteOf('Validation accuracy')).toBe(`best ${formatPercent(best['valAccuracy'])} at ${formatCount(best['step'])}`)
    expect(await figure(page, 'Test accuracy')).toBe(formatPercent(evaluated.at(-1)?.['testAccuracy']))
    expect(await noteOf('Test accuracy')).toBe(`${formatPercent(best['testAccuracy'])} at best validation, ${formatCount(best['step'])}`)
  })
})

describe('the axes', () => {
  it('offer step time and wall time; the choice is in the address and on the plot', async () => {
    for (const [name, value, label] of [
      ['Step time', 'seconds', 'step time (s)'],
      ['Wall time', 'wallSeconds', 'wall time (s)']
    ]) {
      await axis(name).click()
      await page.waitForURL(new RegExp(`x=${value}`))
      const [first, last] = [linesOf('whole')[0][value], linesOf('whole').at(-1)?.[value]]
      await eventually(`the loss over ${label}, from ${first} to ${last}`, async () => {
        const text = (await lossChart().textContent()) ?? ''
        const wanted = [label, 'Validation loss', formatNumber(first, 9), formatNumber(last, 9)]
        return wanted.every((one) => text.includes(one))
      })
    }
  })

  it('of a run that has no wall time: disabled with the reason, and an address that asks for it shows steps', async () => {
    await visit(page, '/run/older?x=wallSeconds')
    await eventually('the older run', async () => (await figure(page, 'Step time').catch(() => '')) !== '')
    await eventually('the axis to be off', async () => axis('Wall time').isDisabled())
    expect(await axis('Wall time').getAttribute('title')).toMatch(/^Not counted here/)
    expect(await figure(page, 'Wall time')).toBe(formatDuration(null))
    expect(await figure(page, 'Step time')).toBe(formatDuration(statusOf('older')['seconds']))
    await eventually('steps on the axis', async () => (await axis('Step').getAttribute('data-state')) === 'on')
  })

  it('of a comparison: offered where one of the runs has it; the results name both times', async () => {
    await visit(page, '/compare?runs=whole,older&x=wallSeconds')
    await eventually('the axis', async () => (await axis('Wall time').getAttribute('data-state')) === 'on')
    expect(await axis('Wall time').isDisabled()).toBe(false)
    const results = page.getByRole('table').filter({ hasText: 'Wall time' })
    await eventually('the results', async () =>
      ((await results.textContent().catch(() => null)) ?? '').includes(formatDuration(statusOf('whole')['wallSeconds']))
    )
    const text = (await results.textContent()) ?? ''
    for (const wanted of ['Step time', formatDuration(statusOf('whole')['seconds'])]) expect(text).toContain(wanted)
  })
})

it('the page has nothing to complain of', () => expect(complaints).toEqual([]))
