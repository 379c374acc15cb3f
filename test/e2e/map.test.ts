// Maps on screen against their files: colours, counts, a pixel under the pointer, box dimension, critical points; a part computed anew, a pixel as a run, basins in the playground.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCount, formatNumber } from '../../src/renderer/app/format'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import type { AnalysisManifest } from '../../src/shared/analyses/manifest'
import { layoutFaultsPastNotices } from './layout'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]

const cli = (...words: string[]) =>
  execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace.path], {
    encoding: 'utf8',
    stdio: 'pipe'
  })
const himmelblau = {
  schemaVersion: 1,
  name: 'Newton on Himmelblau',
  problem: { kind: 'function', function: 'himmelblau' },
  optimizer: { kind: 'damped-newton', learningRate: 1, damping: { value: 1e-9 } },
  budget: { steps: 60 }
}
const fileOf = (run: string, name: string, file: string) => join(workspace.path, 'runs', run, 'analyses', name, file)
const array = (run: string, name: string, which: string) => {
  const file = fileOf(run, name, `${which}.npy`)
  return toFloat64(parseNpy(readFileSync(file), file))
}
const manifest = (run: string, name: string) => JSON.parse(readFileSync(fileOf(run, name, 'manifest.json'), 'utf8')) as AnalysisManifest

beforeAll(async () => {
  workspace = makeWorkspace()
  const file = join(workspace.path, '..', 'himmelblau.json')
  writeFileSync(file, JSON.stringify(himmelblau))
  cli('run', 'trainability-quick', '--id', 'quick')
  cli('run', file, '--id', 'basins')
  cli('analyse', 'map', 'quick:0', '--set', 'x.count=32', '--set', 'y.count=24')
  cli('analyse', 'map', 'basins:0', '--set', 'of=basin', '--set', 'x.count=32', '--set', 'y.count=32')
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  page.setDefaultTimeout(30_000)
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 240_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const go = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(`#${route}`)}`)
const open = async (run: string, name: string) => {
  await go(`/run/${run}/analyses?analysis=${name}`)
  await page.getByRole('heading', { name: /^(Where training converges|Which critical point)/ }).waitFor()
}
const plot = () => page.getByRole('img', { name: /trainings over/ }).first()
const legend = () => page.getByRole('list', { name: 'Colours' }).first()

/** In the middle of a pixel, by where the picture's canvas lies. */
async function middle(column: number, row: number, columns: number, rows: number): Promise<[number, number]> {
  const box = await page.locator('canvas.pixels').boundingBox()
  if (!box) throw new Error('the picture is not there')
  return [box.x + ((column + 0.5) / columns) * box.width, box.y + ((rows - row - 0.5) / rows) * box.height]
}

describe('a map of trainability', () => {
  it('counts what stands in its file, and has a colour for each outcome', async () => {
    await open('quick', 'map-0')
    const outcome = array('quick', 'map-0', 'outcome')
    const count = (code: number) => outcome.filter((one) => one === code).length
    expect(count(1) + count(0) + count(-1)).toBe(32 * 24)
    await legend()
      .getByText(`converged: ${formatCount(count(1))}`, { exact: true })
      .waitFor()
    await legend()
      .getByText(`not converged: ${formatCount(count(0) + count(-1))}, ${formatCount(count(-1))} of them diverged`)
      .waitFor()
    const pixels = await page
      .locator('canvas.pixels')
      .evaluate(
        inPage<{ width: number; height: number; bytes: number[] }>(
          'return { width: element.width, height: element.height, bytes: [...element.getContext("2d").getImageData(0, 0, element.width, element.height).data] }'
        )
      )
    expect([pixels.width, pixels.height]).toEqual([32, 24])
    for (let row = 0; row < 24; row++)
      for (let column = 0; column < 32; column++) {
        const [red, , blue, alpha] = pixels.bytes.slice(4 * ((23 - row) * 32 + column))
        expect(alpha).toBe(255)
        expect(blue > red, `row ${row}, column ${column}`).toBe(outcome[row * 32 + column] === 1)
      }
  })

  it('names the pixel under the pointer with its two numbers, outcome and value', async () => {
    const [value, outcome, x, y] = ['value', 'outcome', 'x', 'y'].map((name) => array('quick', 'map-0', name))
    await plot().scrollIntoViewIfNeeded()
    for (const [column, row] of [
      [4, 20],
      [16, 6],
      [30, 11]
    ]) {
      const i = row * 32 + column
      await page.mouse.move(...(await middle(column, row, 32, 24)))
      const words = outcome[i] === 1 ? 'converged' : outcome[i] === -1 ? 'diverged' : 'last losses not below the first'
      const sum = outcome[i] === 1 ? `Σ L/L₁ = ${formatNumber(-value[i], 5)}` : `Σ L₁/L = ${formatNumber(value[i], 5)}`
      const told = `optimizer.layerRates.0 ${formatNumber(x[column], 5)}, optimizer.layerRates.1 ${formatNumber(y[row], 5)}: ${words}, ${sum}`
      await eventually(told, async () => (await page.getByTestId('pixel').textContent())?.trim() === told)
    }
  })

  it('tells its box dimension with the error as they stand in the manifest, beside the counts', async () => {
    const { boxDimension, boxDimensionError } = manifest('quick', 'map-0').figures
    const text = await page.getByTestId('box-dimension').textContent()
    expect(text).toContain(`Box-counting dimension ${formatNumber(boxDimension!, 4)} ± ${formatNumber(boxDimensionError!, 2)}`)
    expect(array('quick', 'map-0', 'boxSide')).toHaveLength(array('quick', 'map-0', 'boxCount').length)
  })

  it('makes a run of a pixel that is clicked, with its numbers', async () => {
    const [x, y] = ['x', 'y'].map((name) => array('quick', 'map-0', name))
    await plot().scrollIntoViewIfNeeded()
    await page.mouse.click(...(await middle(10, 5, 32, 24)))
    await page.getByRole('button', { name: 'New run here…' }).click()
    await page.waitForURL(/#\/new\?spec=/)
    const made = JSON.parse(new URLSearchParams(page.url().split('?')[1]).get('spec') ?? '') as {
      optimizer: { layerRates: number[] }
      budget: { steps: number }
    }
    expect(made.optimizer.layerRates).toEqual([x[10], y[5]])
    expect(made.budget.steps).toBe(100)
  })

  it('computes the part in view anew as a map of its own, and leads back', async () => {
    await open('quick', 'map-0')
    for (let k = 0; k < 3; k++) await page.getByRole('button', { name: 'Zoom in' }).click()
    const told = (await page.getByTestId('window').textContent()) ?? ''
    const ends = [...told.matchAll(/(\S+) … (\S+?)[,.](?:\s|$)/g)].map(([, from, to]) => [from, to])
    expect(ends).toHaveLength(2)
    await page.getByRole('button', { name: 'Compute the part in view' }).click()
    await page.waitForURL(/analysis=map-0-2/)
    await page.getByRole('heading', { name: 'Where training converges' }).waitFor()
    const axes = ['x', 'y'].map((name) => array('quick', 'map-0-2', name))
    expect(axes.map((values) => [formatNumber(values[0], 4), formatNumber(values[values.length - 1], 4)])).toEqual(ends)
    expect(manifest('quick', 'map-0-2').arrays.value.shape).toEqual([24, 32])
    await page.getByRole('button', { name: 'Back to map-0' }).click()
    await page.waitForURL(/analysis=map-0(?!-)/)
  })
})

describe('a map of basins', () => {
  it('lists every critical point as its files have it', async () => {
    await open('basins', 'map-0')
    const names = ['centres', 'centreLoss', 'centreGradNorm', 'centreNegative', 'centreZero', 'centrePixels']
    const [centres, loss, gradNorm, negative, zero, pixels] = names.map((name) => array('basins', 'map-0', name))
    const rows = page.getByTestId('centres').locator('tbody tr')
    await eventually('nine critical points', async () => (await rows.count()) === 9)
    for (let k = 0; k < 9; k++) {
      const cells = (await rows.nth(k).locator('td').allTextContents()).map((text) => text.trim())
      expect(cells).toEqual([
        String(k + 1),
        ['minimum', 'saddle', 'maximum'][negative[k]],
        `(${formatNumber(centres[2 * k], 6)}, ${formatNumber(centres[2 * k + 1], 6)})`,
        formatNumber(loss[k], 6),
        formatNumber(gradNorm[k], 3),
        formatCount(negative[k]),
        formatCount(zero[k]),
        formatCount(pixels[k])
      ])
    }
  })

  it('starts a run at the point that is written down', async () => {
    const group = page.getByRole('group', { name: 'A pixel of the map' })
    await group.getByLabel('start.x').fill('2.9')
    await group.getByLabel('start.y').fill('2.1')
    await page.getByRole('button', { name: 'New run here…' }).click()
    await page.waitForURL(/#\/new\?spec=/)
    const made = JSON.parse(new URLSearchParams(page.url().split('?')[1]).get('spec') ?? '') as { problem: { start: number[] } }
    const nearest = (values: Float64Array, at: number) => [...values].sort((a, b) => Math.abs(a - at) - Math.abs(b - at))[0]
    const [x, y] = ['x', 'y'].map((name) => array('basins', 'map-0', name))
    expect(made.problem.start).toEqual([nearest(x, 2.9), nearest(y, 2.1)])
  })
})

describe('the playground', () => {
  it('draws the basins of one of its optimizers under the trajectories, with the critical points named', async () => {
    await go('/playground?f=himmelblau&basins=1')
    const basins = page.getByTestId('basins')
    await basins.getByText(/^Basins of Damped Newton/).waitFor({ timeout: 120_000 })
    const names = await page.getByRole('list', { name: 'Colours of the basins' }).getByRole('listitem').allTextContents()
    expect(names.filter((name) => name.includes('minimum'))).toHaveLength(4)
    expect(names.filter((name) => name.includes('saddle'))).toHaveLength(4)
    expect(names.filter((name) => name.includes('maximum'))).toHaveLength(1)
    expect(names.some((name) => name.includes('minimum (3, 2)'))).toBe(true)
    const shares = names.map((name) => Number(/([\d.]+)\s*%$/.exec(name)?.[1]))
    expect(Math.abs(shares.reduce((sum, one) => sum + one, 0) - 100)).toBeLessThan(1)
    const size = await page.locator('canvas.under').evaluate(inPage<number[]>('return [element.width, element.height]'))
    expect(size).toEqual([144, 104])
    // Of all starts the map of the run's analysis has the same shares, up to its coarser pixels.
    const [pixels, centres] = ['centrePixels', 'centres'].map((name) => array('basins', 'map-0', name))
    const k = [...centres].findIndex((one, i) => i % 2 === 0 && Math.abs(one - 3) < 1e-3 && Math.abs(centres[i + 1] - 2) < 1e-3) / 2
    const shown = shares[names.findIndex((name) => name.includes('minimum (3, 2)'))]
    expect(Math.abs(shown - (100 * pixels[k]) / 1024)).toBeLessThan(4)
  })

  it('drops them where they are switched off', async () => {
    await page.getByLabel('Basins', { exact: true }).selectOption({ label: 'off' })
    await eventually('no basins', async () => (await page.getByTestId('basins').count()) === 0)
    expect(await page.locator('canvas.under').count()).toBe(0)
  })
})

describe('look', () => {
  it.each([
    [1440, 900, 'light'],
    [1024, 700, 'dark']
  ] as const)('nothing is cut or lies over another at %d × %d, %s', async (width, height, colorScheme) => {
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme })
    await open('basins', 'map-0')
    for (const part of ['pixel', 'window', 'centres']) {
      await page.getByTestId(part).scrollIntoViewIfNeeded()
      // A notice of a map that has ended may lie over the page for some seconds.
      await expect.poll(() => layoutFaultsPastNotices(page), { message: part }).toEqual([])
    }
    await page.getByRole('button', { name: 'Picture…' }).click()
    await page.getByRole('dialog').getByLabel('Width in pixels').fill('0')
    await page.getByText('The width is a whole number of pixels from 1 to 16384.').waitFor()
    await page.getByRole('dialog').getByLabel('Width in pixels').fill('200')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as PNG' }).click()])
    const png = readFileSync(await download.path())
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([200, 200])
  })

  it('the page complained of nothing', () => expect(complaints).toEqual([]))
})
