// Layers as a chain on screen against the files behind them, in both themes and small; its start weights in New run, with the fault at their field.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNumber } from '../../src/renderer/app/format'
import { accessibilityFaults } from './accessibility'
import { analysisPage, numbers, seriesOf } from './analysis-page'
import { layoutFaultsPastNotices } from './layout'
import { makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]
let on: ReturnType<typeof analysisPage>

const name = 'depth-0'
const spec = {
  schemaVersion: 1,
  name: 'Chain',
  seed: 2,
  data: { dataset: 'mnist10', trainLimit: 60, testLimit: 20, transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
  model: {
    layers: [100, 6, 7, 6, 6, 10],
    activation: { kind: 'tanh' },
    bias: true,
    init: { kind: 'mean-field-normal', sigmaW: 1.4, sigmaB: 0.3 }
  },
  loss: 'softmax-cross-entropy',
  optimizer: { kind: 'adam' },
  budget: { steps: 2 }
}

beforeAll(async () => {
  workspace = makeWorkspace()
  const file = join(workspace.path, '..', 'chain.json')
  writeFileSync(file, JSON.stringify(spec))
  const cli = (...words: string[]) =>
    execFileSync(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words, '--workspace', workspace.path], { stdio: 'pipe' })
  cli('run', file, '--id', 'chain')
  cli('analyse', 'depth', 'chain:0', '--set', 'seeds=4', '--set', 'samples=5')
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  page.setDefaultTimeout(25_000)
  complaints = watchConsole(page)
  on = analysisPage(page, workspace.path)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 240_000)
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})

const read = (array: string) => on.read('chain', name, array)
const y = async (title: string | RegExp, series: string | RegExp) => numbers(seriesOf(await on.csvOf(on.plot(title)), series), 2)

describe('the picture of a chain', () => {
  it('draws the numbers of its files: exponents, growth, variances, the phase diagram, couplings', async () => {
    await on.open('chain', name)
    const exponents = await on.csvOf(on.plot('Lyapunov exponents through depth'))
    expect(numbers(exponents, 1)).toEqual([1, 2, 3, 4, 5, 6])
    expect(numbers(exponents, 2)).toEqual([...read('exponents')])
    expect(numbers(exponents, 4)).toEqual(Array.from(read('exponents'), (value, i) => value + read('spread')[i]))
    const byLayer = await on.csvOf(on.plot('What each layer adds'))
    for (const i of [0, 1, 4])
      expect(numbers(seriesOf(byLayer, `exponent ${i + 1}`), 2)).toEqual([0, 1, 2, 3, 4].map((l) => read('byLayer')[6 * l + i]))
    const chi = await on.csvOf(on.plot(/^Growth χ/))
    expect(numbers(seriesOf(chi, 'this net ± error'), 2)).toEqual([...read('chi')])
    expect(numbers(seriesOf(chi, 'mean field'), 2)).toEqual([...read('meanField')])
    expect(numbers(seriesOf(chi, /^4 nets drawn anew/), 2)).toEqual([...read('redrawn')])
    const [chiMean, own] = [read('meanField'), await y('Averaged partial Jacobian norm', /^product/)]
    expect(await y('Averaged partial Jacobian norm', 'this net')).toEqual([...read('jacobian')])
    own.forEach((value, l) =>
      expect(value).toBeCloseTo(
        chiMean.slice(0, l).reduce((product, one) => product * one, 1),
        12
      )
    )
    expect(await y('Variance q of net inputs', 'this net')).toEqual([...read('variance')])
    expect(await y('Variance q of net inputs', 'mean field')).toEqual([...read('meanFieldVariance')])

    const phase = await on.csvOf(on.plot(/^Phase diagram/))
    const [grid, line, net] = ['grid', 'critical line', 'this net'].map((what) => seriesOf(phase, what))
    expect(numbers(grid, 3)).toEqual([...read('phase')])
    expect(numbers(grid.slice(0, 41), 1)).toEqual([...read('phaseSigmaW')])
    expect(line.flatMap(([, w, b]) => [Number(w), Number(b)])).toEqual([...read('critical')])
    expect(net.map((row) => row.slice(1).map(Number))).toEqual([[1.4, 0.3, on.manifest('chain', name).figures.chiStar]])
    for (const [title, array] of [
      ['Coupling of layers in the Hessian', 'coupling'],
      ['Linear response of layers', 'response']
    ])
      expect(numbers(await on.csvOf(on.plot(title)), 2)).toEqual([...read(array)])
    expect(await y('Coupling by distance', 'Hessian')).toEqual([...read('couplingByDistance')])
    expect(await y('Coupling by distance', 'linear response')).toEqual([...read('responseByDistance')])
  })

  it('says its correlation lengths, what the arrows reach, and what the picture shows', async () => {
    const { xi, xiC, chiStar } = on.manifest('chain', name).figures
    const text = await on.plot('Lyapunov exponents through depth').textContent()
    expect(text).toContain(`Correlation length 1/(λ₁ − λ₂): ${formatNumber(xi, 4)} layers`)
    expect(text).toContain(`ξ_c = ${formatNumber(xiC, 4)} layers`)
    const said = await on
      .plot(/^Phase diagram/)
      .locator('svg.drawing')
      .getAttribute('aria-label')
    expect(said).toContain(`This net is at σ_w 1.4, σ_b 0.3, where χ₁ is ${formatNumber(chiStar, 4)}`)
    const coupling = on.plot('Coupling of layers in the Hessian')
    await coupling.getByRole('group').focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowUp']) await page.keyboard.press(key)
    await coupling.getByText(`layer 2, layer 2: 1`).waitFor()
    await page.keyboard.press('ArrowRight')
    await coupling.getByText(`layer 3, layer 2: ${formatNumber(read('coupling')[5 + 2], 6)}`).waitFor()
  })

  it('is nowhere cut or laid over itself, light and dark, wide and small', async () => {
    for (const [width, height, colorScheme] of [
      [1440, 900, 'light'],
      [1024, 700, 'dark']
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await on.open('chain', name)
      const faults = await layoutFaultsPastNotices(page)
      expect(faults, `${width} ${colorScheme}`).toEqual([])
      expect(await accessibilityFaults(page), colorScheme).toEqual([])
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.emulateMedia({ colorScheme: 'light' })
  })
})

describe('New run', () => {
  it('offers the preset, and start weights of the mean-field ensemble with the fault at its field', async () => {
    await on.go('/new?preset=forty-layers')
    const editor = page.getByRole('textbox', { name: 'Run spec as JSON' })
    const model = page.locator('[data-section=model]')
    await expect.poll(async () => (await editor.inputValue()).includes('mean-field-normal')).toBe(true)
    const box = (label: string) => model.getByRole('textbox', { name: new RegExp(`^${label}`) })
    await box('σ of weights').fill('1.25')
    await box('σ of biases').fill('0.25')
    await expect
      .poll(async () => JSON.parse(await editor.inputValue()).model.init)
      .toEqual({
        kind: 'mean-field-normal',
        sigmaW: 1.25,
        sigmaB: 0.25
      })
    await model.getByRole('combobox', { name: /^Biases/ }).selectOption('No')
    await model.getByText('must be 0 where model.bias is false').waitFor()
    await box('σ of biases').fill('0')
    await model.getByText('must be 0 where model.bias is false').waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })
})
