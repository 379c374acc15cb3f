// Plots for papers and metrics from elsewhere in Chromium: sizes on paper, the numbers in a script against the run's file, a CSV as a run in Compare.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { smallSpec } from '../integration/cli/saddlescope'
import { visit } from './flows'
import { eventually, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

const workspace = makeWorkspace()
let browser: Browser
let page: Page
let served: Served
let complaints: string[]
const cli = (...words: string[]) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace.path], { stdio: 'pipe' })

interface Line {
  readonly step: number
  readonly loss: number
}
const lines = (id: string) =>
  readFileSync(join(workspace.path, 'runs', id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)

beforeAll(async () => {
  mkdirSync(workspace.path, { recursive: true })
  const path = join(workspace.path, 'spec.json')
  writeFileSync(path, JSON.stringify(smallSpec({ name: 'paper' })))
  cli('run', path, '--id', 'paper')
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
}, 120_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const dialog = () => page.getByRole('dialog', { name: 'Save for a paper' })
async function saved(button: Locator): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') }
}
async function openDialog(title: RegExp) {
  await page.getByRole('button', { name: title }).first().click()
  await page.getByRole('menuitem', { name: 'Save for a paper…' }).click()
  await dialog().getByRole('img').waitFor()
}

describe('a plot for a paper', () => {
  it('is shown as large as it will be, inside the window, and saved in that size', async () => {
    await visit(page, '/run/paper')
    await page.getByRole('img', { name: /^Loss/ }).first().waitFor()
    await openDialog(/^Save Loss/)
    await dialog().getByLabel('Width in mm').fill('120')
    await dialog().getByLabel('Text in pt').fill('9')
    await dialog().getByLabel('Lines in pt').fill('1.5')
    await dialog()
      .getByText(/^120 × [\d.]+ mm, as large as on paper/)
      .waitFor()
    // 120 mm are 453.5 CSS pixels.
    const shown = await eventually('the picture has its size', async () => {
      const box = await dialog().getByRole('img').boundingBox()
      return box && Math.abs(box.width - (120 / 25.4) * 96) < 1.5 ? box : null
    })
    const frame = await dialog().boundingBox()
    expect(shown.x).toBeGreaterThanOrEqual(frame?.x ?? Infinity)
    expect((frame?.y ?? 0) + (frame?.height ?? Infinity)).toBeLessThanOrEqual(900)
    const { name, text } = await saved(dialog().getByRole('button', { name: 'SVG', exact: true }))
    expect(name).toMatch(/120mm\.svg$/)
    const [, mm, units] = /width="([\d.]+)mm" .*?viewBox="0 0 (\d+) /.exec(text) ?? []
    expect(Number(mm)).toBe(120)
    const points = ((120 / 25.4) * 72) / Number(units)
    // Ticks in the chosen size, curves in the chosen width, black on white.
    const sizes = [...text.matchAll(/font-size:([\d.]+)px/g)].map(([, size]) => Number(size) * points)
    expect(sizes.length).toBeGreaterThan(5)
    for (const size of sizes) expect(Math.abs(size - 9)).toBeLessThan(0.1)
    const strokes = [...text.matchAll(/stroke-width="([\d.]+)"/g)].map(([, width]) => Number(width) * points)
    expect(strokes.some((width) => Math.abs(width - 1.5) < 0.02)).toBe(true)
    expect(text).toContain('<rect width="100%" height="100%" fill="#ffffff"/>')
  })

  it('what cannot be drawn is said, and not saved', async () => {
    await dialog().getByLabel('Width in mm').fill('30')
    await dialog()
      .getByText(/30 mm leave no room for a plot beside text of 9 pt: at least \d+ mm/)
      .waitFor()
    await eventually('the button rests', () => dialog().getByRole('button', { name: 'SVG', exact: true }).isDisabled())
    await dialog().getByLabel('Width in mm').fill('120')
    await dialog().getByRole('img').waitFor()
  })

  it('as a script has every loss of the run in it, to the last digit, and Python takes it', async () => {
    const { name, text } = await saved(dialog().getByRole('button', { name: 'matplotlib script' }))
    expect(name).toMatch(/\.py$/)
    const arrays = [...text.matchAll(/^y\d+ = np\.array\(\[([^\]]*)\]/gm)].map(([, body]) =>
      body
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean)
        .map(Number)
    )
    const losses = lines('paper').map(({ loss }) => loss)
    expect(losses).toHaveLength(40)
    expect(arrays.some((one) => one.length === losses.length && one.every((value, k) => value === losses[k]))).toBe(true)
    expect(text).toContain('width = 120 / 25.4')
    const path = join(workspace.path, 'figure.py')
    writeFileSync(path, text)
    const compiled = spawnSync('python3', ['-m', 'py_compile', path], { encoding: 'utf8' })
    if (compiled.error === undefined) expect(compiled.stderr).toBe('')
    await page.keyboard.press('Escape')
    await eventually('the dialog is gone', async () => (await dialog().count()) === 0)
  })

  it('keeps the choice for the next plot, also for a drawing of a matrix', async () => {
    await page.getByRole('tab', { name: /Spectrum/ }).click()
    await page
      .getByText(/bins, .* of .* eigenvalues/)
      .first()
      .waitFor()
    await openDialog(/^Save .*([Ss]pectrum|[Ee]igenvalues|[Hh]istogram)/)
    expect(await dialog().getByLabel('Width in mm').inputValue()).toBe('120')
    expect(await dialog().getByLabel('Lines in pt').inputValue()).toBe('1.5')
    const { text } = await saved(dialog().getByRole('button', { name: 'matplotlib script' }))
    expect(text).toContain('axes.stairs(heights, edges')
    await page.keyboard.press('Escape')
    await eventually('the dialog is gone', async () => (await dialog().count()) === 0)
  })
})

describe('metrics from elsewhere', () => {
  const rows = Array.from({ length: 30 }, (_, k) => ({ step: 2 * k, loss: 2.25 / (k + 1), valLoss: 2.5 / (k + 1) }))
  it('dropped as CSV become a run, which says what was understood and stands in Compare', async () => {
    const text = `step,train_loss,val_loss,phase\n${rows.map((row) => `${row.step},${row.loss},${row.valLoss},warm`).join('\n')}\n`
    await visit(page, '/runs')
    const transfer = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(text)}], 'from torch.csv', { type: 'text/csv' })); return data })()`
    )
    for (const event of ['dragenter', 'dragover', 'drop']) await page.locator('main').dispatchEvent(event, { dataTransfer: transfer })
    const held = await eventually('the run is there', () => {
      try {
        return lines('from-torch')
      } catch {
        return null
      }
    })
    expect(held.filter(({ loss }) => loss !== undefined)).toHaveLength(30)
    for (const row of rows) expect(held[row.step]).toEqual({ step: row.step + 1, loss: row.loss, valLoss: row.valLoss })
    await visit(page, '/run/from-torch')
    await page.getByRole('heading', { level: 1, name: 'from torch' }).waitFor()
    const chart = page.getByRole('img', { name: /^Loss/ }).first()
    await chart.waitFor()
    await eventually('the curve goes on to the last step', async () => /59/.test((await chart.getAttribute('aria-label')) ?? ''))
    await visit(page, '/compare?runs=paper,from-torch')
    const overlay = page.getByRole('img', { name: /from torch/ }).first()
    await eventually('both curves are in the plot', async () => {
      const words = (await overlay.getAttribute('aria-label').catch(() => null)) ?? ''
      return words.includes('paper') && words.includes('from torch')
    })
    // No step counts as lost: it was not written.
    expect(await page.getByText(/no whole line/).count()).toBe(0)
  })

  it('the console had nothing to say', () => {
    expect(complaints).toEqual([])
  })
})
