// The first ten minutes and what stands around the work: the first start, examples, Settings and diagnostics, the picture of the network. What is on screen is held against the files.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNumber } from '../../src/renderer/app/format'
import { bytesOnPage } from '../../src/shared/format/bytes'
import type { BackendSpeeds } from '../../src/shared/linalg-choice'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { currentStep, visit } from './flows'
import { layoutFaults } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let served: Served
let complaints: string[]
const workspace = makeWorkspace()
const program = join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js')
const at = (...names: string[]) => join(workspace.path, ...names)
const json = <Value>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as Value
const settings = () => (existsSync(at('settings.json')) ? json<Record<string, unknown>>(at('settings.json')) : {})
const ids = () => (existsSync(at('runs')) ? readdirSync(at('runs')).sort() : [])
const specOf = (id: string) => json<{ name: string; optimizer: { kind: string; learningRate: number } }>(at('runs', id, 'spec.json'))
/** Every file below a folder by its path from there, with its bytes. */
function filesBelow(folder: string): [string, number][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name): [string, ReturnType<typeof statSync>] => [name.replaceAll('\\', '/'), statSync(join(folder, name))])
    .flatMap(([name, info]) => (info?.isFile() ? [[name, Number(info.size)] as [string, number]] : []))
}
const plain = (text: string | null) => (text ?? '').replace(/\s+/g, ' ').trim()
/** Written into the settings while nobody looks: it must not leave the machine. */
const secret = 'a-secret-of-somebody'

const guide = () => page.getByRole('region', { name: 'Where to begin' })

async function open(size: readonly [number, number] = [1440, 900]) {
  page = await browser.newPage({ viewport: { width: size[0], height: size[1] }, acceptDownloads: true })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected', { exact: true }).waitFor()
}

beforeAll(async () => {
  browser = await openBrowser()
  served = await serve(workspace.path, [])
  await open()
})
afterAll(async () => {
  await browser?.close()
  await served?.stop()
  workspace.remove()
})

describe('the first start', () => {
  it('opens on the run that trains, with three sentences', async () => {
    await page.waitForURL(/#\/run\/[a-z0-9-]+$/, { timeout: 60_000 })
    const [run] = await eventually('the run on disk', () => (ids().length === 1 ? ids() : null))
    expect(page.url()).toMatch(new RegExp(`#/run/${run}$`))
    await page.getByRole('heading', { name: specOf(run).name, exact: true }).waitFor()
    await guide().waitFor()
    expect(await guide().getByRole('heading').allTextContents()).toEqual(['Where to look', 'What the curves mean', 'What to do next'])
    expect(settings().guide).toEqual({ run, closed: false })
    // Live: its figures move while the guide stands there.
    await eventually('two steps', async () => (await currentStep(page)) >= 2, 60)
    expect(await layoutFaults(page)).toEqual([])
    await guide().getByRole('button', { name: 'Examples' }).click()
    const palette = page.getByRole('dialog', { name: 'Command palette' })
    await palette.waitFor()
    await expect.poll(() => palette.getByRole('option').filter({ hasText: 'Examples' }).count()).toBe(4)
    await page.keyboard.press('Escape')
    await palette.waitFor({ state: 'detached' })
  })

  it('closed for good survives a reload and a restart, which opens on the list', async () => {
    const [run] = ids()
    await guide().getByRole('button', { name: 'Close for good' }).click()
    await guide().waitFor({ state: 'detached' })
    await expect.poll(() => settings().guide).toEqual({ run, closed: true })
    await page.reload()
    await page.getByRole('heading', { name: specOf(run).name, exact: true }).waitFor()
    await page.getByRole('img', { name: /^Loss/ }).first().waitFor()
    expect(page.url()).toMatch(new RegExp(`#/run/${run}$`))
    expect(await guide().count()).toBe(0)
    expect(complaints).toEqual([])
    await page.close()
    expect(await served.stop()).toBe(0)
    writeFileSync(at('settings.json'), JSON.stringify({ ...settings(), apiToken: secret }))
    served = await serve(workspace.path, [])
    await open()
    await page.getByRole('link', { name: specOf(run).name }).waitFor()
    expect(new URL(page.url()).hash).toBe('#/')
    await page.getByRole('link', { name: specOf(run).name }).click()
    await page.getByRole('img', { name: /^Loss/ }).first().waitFor()
    expect(await guide().count()).toBe(0)
    expect(ids()).toEqual([run])
  })
})

/** The numbers of a plot of bars as it saves them, and as its bars have them. */
async function savedBars(figure: Locator) {
  await figure.locator('[data-bar]').first().waitFor()
  await figure.getByRole('button', { name: /^Save / }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as CSV' }).click()])
  const lines = readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
  const shown = await figure
    .locator('[data-bar]')
    .evaluateAll(
      inPage<{ text: string; value: number }[]>(
        "return element.map((one) => ({ value: Number(one.dataset.value ?? 0), text: [...one.querySelectorAll('text')].map((word) => word.textContent.trim()).join(' ').replace(/\\s+/g, ' ') }))"
      )
    )
  return { rows: lines.map((line) => (line.match(/"[^"]*"|[^,]+|(?<=,)(?=,|$)/g) ?? []).map((cell) => cell.replaceAll('"', ''))), shown }
}

describe('settings', () => {
  it('say what is on disk, and keep what is chosen for the engines', async () => {
    await visit(page, '#/settings')
    await expect.poll(async () => plain(await page.getByTestId('workspace').textContent())).toBe(workspace.path)
    await page.getByText('saddlescope serve --workspace FOLDER').waitFor()
    await page.getByLabel('Threads').selectOption({ label: '1' })
    await expect.poll(() => settings().threads).toBe(1)
    await page
      .getByRole('radio', { name: 'Embedded kernels' })
      .or(page.getByRole('button', { name: 'Embedded kernels' }))
      .first()
      .click()
    await expect.poll(() => settings().backend).toBe('wasm')
    await page.getByText(/\(wasm\), 1 thread/).waitFor()
    const row = page.locator('[data-row="threads"]')
    await expect.poll(async () => plain(await row.textContent())).toMatch(/1 of \d+ cores, chosen in Settings/)
    const snapshots = filesBelow(at('runs')).filter(([name]) => name.includes('/snapshots/'))
    const inSnapshots = snapshots.reduce((sum, [, bytes]) => sum + bytes, 0)
    const stored = page.locator('figure').filter({ has: page.getByRole('heading', { name: 'Bytes by kind' }) })
    const { rows, shown } = await savedBars(stored)
    expect(rows[0]).toEqual(['kind', 'bytes'])
    expect(rows.slice(1).find(([name]) => name === 'Snapshots')).toEqual(['Snapshots', String(inSnapshots)])
    expect(shown.map(({ text }) => text)).toEqual(rows.slice(1).map(([name, bytes]) => plain(`${name} ${bytesOnPage(Number(bytes))}`)))
    // A bar is as long as its bytes on an axis in one unit.
    const perUnit = Number(rows[1][1]) / shown[0].value
    for (const [i, [, bytes]] of rows.slice(1).entries()) expect(shown[i].value * perUnit).toBeCloseTo(Number(bytes), 3)
    expect(await stored.locator('figcaption').textContent()).toContain(`Snapshots: ${bytesOnPage(inSnapshots)}`)
    await page.getByLabel('Disk budget').fill('a lot')
    await page.getByText('must be a size such as').waitFor()
    await page.getByLabel('Disk budget').fill('50 GB')
    await page.getByRole('button', { name: 'Keep', exact: true }).click()
    await expect.poll(() => settings().diskBudget).toBe(50e9)
    await page.getByLabel('Runs at once').selectOption({ label: '2' })
    await expect.poll(() => settings().runsAtOnce).toBe(2)
    await page.getByLabel('Runs at once').selectOption({ label: '1' })
    await expect.poll(() => settings().runsAtOnce).toBe(1)
    expect(await layoutFaults(page)).toEqual([])
  })

  it('measure every backend, and show what is kept', async () => {
    await page.getByRole('button', { name: /^Measure/ }).click()
    const speeds = await eventually('the measurement', () => (settings().backendSpeeds as BackendSpeeds | undefined) ?? null, 200)
    const list = page.locator('figure').filter({ has: page.getByRole('heading', { name: 'Speed of the backends' }) })
    await list.waitFor()
    expect(speeds.backends.map(({ kind }) => kind)).toEqual(['lapack', 'wasm'])
    for (const { kind, gflops, eigenSeconds, problem } of speeds.backends) {
      const text = plain(await list.locator(`[data-bar="${kind}"]`).textContent())
      if (gflops === null || eigenSeconds === null)
        expect(plain(await page.locator(`[data-backend="${kind}"]`).textContent())).toContain(plain(problem))
      else
        expect(text).toContain(
          plain(
            `${formatNumber(gflops, 3)} GFlop/s · ${eigenSeconds < 1 ? `${formatNumber(1000 * eigenSeconds, 3)} ms` : `${formatNumber(eigenSeconds, 3)} s`}`
          )
        )
    }
    const { rows, shown } = await savedBars(list)
    expect(rows[0].slice(0, 3)).toEqual(['backend', 'GFlop/s', 'eigendecomposition in seconds'])
    expect(rows.slice(1).map((row) => row.slice(0, 4))).toEqual(
      speeds.backends.map(({ kind, gflops, eigenSeconds, threads }) => [
        kind,
        ...[gflops, eigenSeconds, threads].map((one) => String(one ?? ''))
      ])
    )
    expect(shown.map(({ value }) => value)).toEqual(speeds.backends.map(({ gflops }) => gflops ?? 0))
    const embedded = speeds.backends[1]
    expect(embedded).toMatchObject({ threads: 1, problem: null })
    expect(embedded.gflops).toBeGreaterThan(0)
    await page.getByText(`product of order ${speeds.productOrder}`).waitFor()
  })

  it('save diagnostics: what the dialog names, and nothing of anybody’s', async () => {
    await page.getByRole('button', { name: 'Save diagnostics…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Save diagnostics' })
    const cells = dialog.locator('td.mono')
    await cells.first().waitFor()
    const named: string[] = await cells.allTextContents()
    const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: /^Save \d+ files/ }).click()])
    expect(download.suggestedFilename()).toMatch(/^saddlescope-diagnostics-\d{4}-\d\d-\d\d\.zip$/)
    const path = join(workspace.path, '..', 'diagnostics.zip')
    await download.saveAs(path)
    const entries = unzipSync(readFileSync(path))
    expect(Object.keys(entries)).toEqual(named)
    expect(named).toEqual(['README.txt', 'versions.json', 'doctor.json', 'settings.json', ...ids().map((id) => `logs/runs/${id}.log`)])
    const text = (name: string) => Buffer.from(entries[name]).toString('utf8')
    expect(Object.keys(JSON.parse(text('settings.json')) as object).sort()).toEqual([
      'backend',
      'backendSpeeds',
      'diskBudget',
      'guide',
      'runsAtOnce',
      'threads'
    ])
    const rows = JSON.parse(text('doctor.json')) as { name: string }[]
    expect(rows.map(({ name }) => name)).toEqual(
      await page.locator('[data-row]').evaluateAll(inPage<string[]>('return element.map((one) => one.dataset.row)'))
    )
    const { version } = json<{ version: string }>(join(import.meta.dirname, '..', '..', 'package.json'))
    expect(JSON.parse(text('versions.json'))).toMatchObject({ saddlescope: version, platform: process.platform, shell: 'browser' })
    const [run] = ids()
    const log = readFileSync(at('runs', run, 'log.ndjson'), 'utf8')
      .trim()
      .split('\n')
    expect(text(`logs/runs/${run}.log`).trim().split('\n')).toHaveLength(Math.min(log.length, 500))
    const all = named.map(text).join('')
    expect(all).not.toContain(secret)
    if (homedir().length > 1) expect(all).not.toContain(`${homedir()}/`)
  })
})

const comparedRuns = () => new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('runs')?.split(',') ?? []

/** What the chart says of a series: how many values, the lowest, the highest and the last. */
async function expectDrawn(chart: string, series: string, values: readonly number[]) {
  const described = async () =>
    plain(
      await page
        .getByRole('img', { name: new RegExp(`^${chart}`) })
        .first()
        .getAttribute('aria-label')
    )
  const ends = `lowest ${formatNumber(Math.min(...values))} at [^,]*, highest ${escaped(formatNumber(Math.max(...values)))}, last ${escaped(formatNumber(values[values.length - 1]))}\\.`
  await expect.poll(described, { timeout: 30_000 }).toMatch(new RegExp(`${escaped(series)}: ${values.length} values .*?${ends}`))
}

async function ask(title: string) {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find a command' }).or(page.getByLabel('Find a command')).first().fill(`${title} Examples`)
  await page
    .getByRole('option', { name: new RegExp(`^${title}`) })
    .first()
    .click()
}

const made = { title: 'Layer blocks never negative', ids: [] as string[] }

describe('examples', () => {
  it('say what they need, and where to get it', async () => {
    await visit(page, '#/')
    await ask('FD-Newton on CIFAR-100')
    const dialog = page.getByRole('dialog', { name: 'FD-Newton on CIFAR-100' })
    await dialog.getByText('CIFAR-100 is not installed').waitFor()
    expect(await dialog.getByRole('button', { name: /and compare$/ }).isDisabled()).toBe(true)
    await dialog.getByRole('link', { name: /under Datasets/ }).click()
    await page.waitForURL(/#\/datasets\?id=cifar-100$/)
    await dialog.waitFor({ state: 'detached' })
  })

  it('make their runs in one group and open Compare on them, with the chosen backend', async () => {
    await ask(made.title)
    const dialog = page.getByRole('dialog', { name: made.title })
    await dialog.getByRole('list', { name: 'Runs of the example' }).waitFor()
    await expect.poll(async () => plain(await dialog.textContent())).toMatch(/Time ?about \d/)
    expect(await layoutFaults(page)).toEqual([])
    const names = await dialog.getByRole('listitem').locator('span.wrap-anywhere').allTextContents()
    expect(names).toEqual(['Full Hessian', 'Layer blocks'])
    await dialog.getByRole('button', { name: 'Make 2 runs and compare' }).click()
    await page.waitForURL(/#\/compare\?/)
    made.ids = comparedRuns()
    expect(made.ids.map((id) => specOf(id).name)).toEqual(names)
    expect(made.ids.map((id) => json<{ group: string }>(at('runs', id, 'meta.json')).group)).toEqual(['Layer blocks', 'Layer blocks'])
    const status = (id: string) => json<{ state: string; backend: object }>(at('runs', id, 'status.json'))
    await eventually('they are done', () => made.ids.every((id) => status(id).state === 'done'), 240)
    for (const id of made.ids) expect(status(id).backend).toMatchObject({ kind: 'wasm', threads: 1 })
  })

  it('show what they say, with the figures of the files: blocks are never negative, the whole is', async () => {
    const [full, blocks] = made.ids.map((id) =>
      readFileSync(at('runs', id, 'metrics.ndjson'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { lambdaMin: number | Record<string, number>; lambdaMax: Record<string, number> })
    )
    const whole = full.map(({ lambdaMin }) => lambdaMin as number)
    expect(Math.max(...whole)).toBeLessThan(-1e-3)
    await expectDrawn('λ min', 'Full Hessian', whole)
    for (const [name, size] of [
      ['W1', 101 * 6],
      ['W2', 7 * 10]
    ] as const) {
      const least = blocks.map(({ lambdaMin }) => (lambdaMin as Record<string, number>)[name])
      blocks.forEach(({ lambdaMax }, i) => expect(least[i]).toBeGreaterThanOrEqual(-size * Number.EPSILON * lambdaMax[name]))
      await expectDrawn('λ min', `Layer blocks, ${name}`, least)
    }
    expect(await layoutFaults(page)).toEqual([])
  })

  it('open the comparison at once when its runs are there', async () => {
    const before = ids()
    await visit(page, '#/')
    await ask(made.title)
    await page.waitForURL(/#\/compare\?/)
    expect(comparedRuns()).toEqual(made.ids)
    expect(ids()).toEqual(before)
    expect(complaints).toEqual([])
  })
})

it('Compare draws λ max of the snapshots where steps compute none, and 2/η, as the files have them', async () => {
  const path = join(workspace.path, '..', 'gd.json')
  const rate = 0.7
  const { name: _, optimizer: __, ...rest } = specOf(made.ids[0])
  const spec = {
    ...rest,
    optimizer: { kind: 'gd', learningRate: rate },
    diagnostics: {},
    budget: { steps: 24 },
    snapshots: { everySteps: 8 }
  }
  writeFileSync(path, JSON.stringify({ ...spec, name: 'Plain descent' }))
  execFileSync(process.execPath, [program, 'run', path, '--workspace', workspace.path, '--id', 'plain'], { stdio: 'pipe' })
  await visit(page, '#/compare?runs=plain&metrics=lambdaMax')
  const folders = readdirSync(at('runs', 'plain', 'snapshots')).filter((folder) => /^step-\d+$/.test(folder))
  const largest = folders.map((folder) => {
    const file = at('runs', 'plain', 'snapshots', folder, 'eigenvalues.full.npy')
    return toFloat64(parseNpy(readFileSync(file), file)).reduce((most, value) => Math.max(most, value), -Infinity)
  })
  expect(largest).toHaveLength(4)
  await expectDrawn('λ max', 'Plain descent, snapshots', largest)
  await expectDrawn(
    'λ max',
    '2/η of Plain descent',
    largest.map(() => 2 / rate)
  )
  await page.getByText(/^Dashed: 2\/η/).waitFor()
  await page.getByRole('switch', { name: 'Limits of stability' }).click()
  await expect
    .poll(() =>
      page
        .getByRole('img', { name: /^λ max/ })
        .first()
        .getAttribute('aria-label')
    )
    .not.toContain('2/η of')
})

it('the picture of a run’s network counts what the run counts', async () => {
  const [run] = ids().filter((id) => specOf(id).optimizer.kind === 'sfn')
  const { parameterCount } = json<{ parameterCount: number }>(at('runs', run, 'status.json'))
  await visit(page, `#/run/${run}/config`)
  const total = page.locator('[data-total]')
  await total.waitFor()
  expect(Number(await total.getAttribute('data-total'))).toBe(parameterCount)
  const layers = await page
    .locator('[data-parameters]')
    .evaluateAll(inPage<number[]>('return element.map((one) => Number(one.dataset.parameters))'))
  expect(layers.reduce((sum, one) => sum + one, 0)).toBe(parameterCount)
  await page.getByRole('button', { name: 'Save Network' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as SVG' }).click()])
  const svg = readFileSync((await download.path()) ?? '', 'utf8')
  expect(svg).toContain(`P = ${parameterCount} parameters`)
  for (const size of [
    [1440, 900],
    [1024, 700]
  ] as const) {
    await page.setViewportSize({ width: size[0], height: size[1] })
    expect(await layoutFaults(page)).toEqual([])
  }
  expect(complaints).toEqual([])
})

it('`doctor --out` writes the same archive', () => {
  const path = join(workspace.path, '..', 'by-command.zip')
  execFileSync(process.execPath, [program, 'doctor', '--workspace', workspace.path, '--out', path], { stdio: 'pipe' })
  const names = Object.keys(unzipSync(readFileSync(path)))
  expect(names.slice(0, 4)).toEqual(['README.txt', 'versions.json', 'doctor.json', 'settings.json'])
  expect(names.slice(4).sort()).toEqual(ids().map((id) => `logs/runs/${id}.log`))
})

function escaped(text: string): string {
  return plain(text).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
}
