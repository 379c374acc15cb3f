// New run as a user has it: form and JSON are one spec, faults stand at their fields, the draft is kept, the picture counts right, and what is started is what was shown.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkSpec } from '../../src/shared/spec/check'
import { optimizerKinds } from '../../src/shared/spec/optimizers'
import { presets } from '../../src/shared/spec/presets'
import { visit } from './flows'
import { eventually, inPage, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const workspace = makeWorkspace()
let served: Served
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await openBrowser()
  served = await serve(workspace.path)
})
afterAll(async () => {
  await browser.close()
  await served.stop()
  workspace.remove()
})
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(20_000)
  complaints = watchConsole(page)
  await page.goto(served.link)
})
afterEach(async () => {
  expect(complaints).toEqual([])
  await page.close()
})

/** As much of a spec or a run's small files as is looked at here. */
interface Spec {
  readonly [key: string]: unknown
  readonly name: string
  readonly seed: number
  readonly tags: string[]
  readonly group: string
  readonly state: string
  readonly parameterCount: number
  readonly hashes: { readonly weights: string; readonly batches: string }
  readonly loss: string
  readonly data: { readonly trainLimit: number; readonly transforms: { readonly divide: number }[] }
  readonly model: { readonly layers: number[]; readonly activation: { readonly kind: string } }
  readonly optimizer: { readonly kind: string; readonly learningRate: unknown }
  readonly budget: { readonly steps: number }
  readonly evaluate: { readonly everySteps: number }
}
const editor = () => page.getByRole('textbox', { name: 'Run spec as JSON' })
const json = async () => JSON.parse(await editor().inputValue()) as Spec
const section = (key: string) => page.locator(`[data-section=${key}]`)
const box = (key: string, name: string) => section(key).getByRole('textbox', { name: new RegExp(`^${name}`) })
const choice = (key: string, name: string) => section(key).getByRole('combobox', { name: new RegExp(`^${name}`) })
const start = (name: string | RegExp = 'Start the run') => page.getByRole('button', { name })
const colour = (of: Locator) => of.evaluate(inPage<string>('return getComputedStyle(element).color'))
const placeholderColour = (of: Locator) => of.evaluate(inPage<string>(`return getComputedStyle(element, '::placeholder').color`))
/** The description that the control itself names. */
const described = (of: Locator) =>
  of.evaluate(
    inPage<string>(
      `return element.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')`
    )
  )
const row = (name: string) =>
  page
    .locator('dl > div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')

async function open(preset = 'sfn-mnist10') {
  await visit(page, `#/new?preset=${preset}`)
  await expect.poll(async () => (await editor().inputValue()).length).toBeGreaterThan(20)
}
const shows = (of: Locator, value: string) => expect.poll(() => of.inputValue()).toBe(value)
const says = (path: string, value: unknown) =>
  expect
    .poll(async () => path.split('.').reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], await json()), {
      message: path
    })
    .toEqual(value)
const runFile = (id: string, name: string) => JSON.parse(readFileSync(join(workspace.path, 'runs', id, name), 'utf8')) as Spec
const runIds = () => (existsSync(join(workspace.path, 'runs')) ? readdirSync(join(workspace.path, 'runs')) : [])

describe('the form and the JSON', () => {
  it('show one spec, and an edit of either is in the other', async () => {
    await open()
    const spec = presets[0].specs[0] as unknown as Spec
    await shows(box('run', 'Name'), spec.name)
    await shows(box('run', 'Seed'), String(spec.seed))
    await shows(box('run', 'Tags'), spec.tags.join(', '))
    await shows(box('data', 'Training samples'), String(spec.data.trainLimit))
    await shows(box('data', 'Divide by'), String(spec.data.transforms[0].divide))
    await shows(box('model', 'Widths'), spec.model.layers.join(', '))
    await shows(choice('model', 'Activation'), spec.model.activation.kind)
    await shows(choice('loss', 'Loss'), spec.loss)
    await shows(box('budget', 'Steps'), String(spec.budget.steps))
    await shows(box('evaluate', 'After steps'), String(spec.evaluate.everySteps))

    await box('optimizer', 'Learning rate').fill('0.25')
    await says('optimizer.learningRate', 0.25)
    await box('optimizer', 'Learning rate').fill('0.5 * 0.99^epoch')
    await says('optimizer.learningRate', '0.5 * 0.99^epoch')
    await box('model', 'Widths').fill('from data, 4, 10')
    await says('model.layers', [null, 4, 10])
    await choice('batch', 'Size').selectOption({ label: 'Of' })
    await says('batch.size', 100)
    await choice('batch', 'Shuffle').selectOption('Yes')
    await says('batch', { size: 100, shuffle: true })
    await choice('optimizer', 'Optimizer').selectOption({ label: 'Adam' })
    await says('optimizer', { kind: 'adam' })
    await box('optimizer', 'β₁').fill('0.8')
    await says('optimizer', { kind: 'adam', beta1: 0.8 })
    await section('data').getByRole('button', { name: 'Add a transform' }).click()
    await says('data.transforms.1', { kind: 'affine', divide: 256, subtract: 0 })
    await section('data').getByRole('button', { name: 'Remove Transform 2' }).click()
    await says('data.transforms', spec.data.transforms)

    // What was typed around the change stays as it was typed.
    const typed = JSON.stringify({ ...(await json()), seed: 77 }).replace('"seed":77', '"seed" :   77')
    await editor().fill(typed)
    await shows(box('run', 'Seed'), '77')
    await box('budget', 'Steps').fill('12')
    await expect.poll(() => editor().inputValue()).toBe(typed.replace('"steps":40', '"steps":12'))
    await editor().fill(typed.replace('"size":100', '"size":64'))
    await shows(box('batch', 'Size'), '64')
  })

  it('dim what is left out, with its default, until it is set; reset takes the key out', async () => {
    await open()
    const [set, left] = [choice('model', 'Activation'), choice('data', 'Labels')]
    const plain = await colour(set)
    const pale = await colour(left)
    expect(pale).not.toBe(plain)
    expect(await colour(box('run', 'Name'))).toBe(plain)
    const damping = box('optimizer', 'δ').first()
    expect([await damping.inputValue(), await damping.getAttribute('placeholder')]).toEqual(['', '0.1'])
    expect(await placeholderColour(damping)).toBe(pale)
    await choice('snapshots', 'Precision').selectOption({ label: 'Single' })
    await says('snapshots.precision', 'float32')
    await expect.poll(() => colour(choice('snapshots', 'Precision'))).toBe(plain)
    await section('snapshots').getByRole('button', { name: 'Reset Precision to its default' }).click()
    await says('snapshots.precision', undefined)
    await shows(choice('snapshots', 'Precision'), 'float64')
    expect(await colour(choice('snapshots', 'Precision'))).toBe(pale)
  })

  it('say a target loss in the file’s definition and per sample', async () => {
    await open()
    await choice('loss', 'Loss').selectOption({ label: 'Half squared error (sum)' })
    await choice('budget', 'Target loss').selectOption({ label: 'At' })
    await box('budget', 'Target loss').fill('50')
    // Full batch: the 1000 training samples of the preset.
    await shows(box('budget', 'per sample'), '0.05')
    await box('budget', 'per sample').fill('0.2')
    await says('budget.targetLoss', 200)
    await choice('batch', 'Size').selectOption({ label: 'Of' })
    await shows(box('budget', 'per sample'), '2')
  })
})

describe('faults', () => {
  it('are all named at once, at their fields, and nothing can be started', async () => {
    await open()
    await choice('batch', 'Size').selectOption({ label: 'Of' })
    await box('batch', 'Size').fill('0')
    await choice('optimizer', 'Hessian of').selectOption({ label: 'Each output unit' })
    await box('run', 'Seed').fill('-3')
    const { problems } = await checkSpec(await json())
    expect(problems).toHaveLength(3)
    await expect.poll(() => page.locator('.problems li').count()).toBe(3)
    for (const [field, path] of [
      [box('batch', 'Size'), 'batch.size'],
      [choice('optimizer', 'Hessian of'), 'optimizer.scope'],
      [box('run', 'Seed'), 'seed']
    ] as const) {
      const message = problems.find((one) => one.path === path)?.message ?? 'none'
      await expect.poll(() => described(field)).toContain(message)
      expect(await field.getAttribute('aria-invalid')).toBe('true')
    }
    expect(await start().isDisabled()).toBe(true)
    expect(await described(start())).toContain('It cannot start: 3 faults.')
  })

  it('of the JSON name their line, and the form waits with what it had', async () => {
    await open()
    const text = await editor().inputValue()
    const lines = text.split('\n')
    const line = lines.findIndex((one) => one.includes('"seed"')) + 1
    await editor().fill(text.replace('"seed": 1,', '"seed": 1'))
    await page.getByText(`line ${line + 1}, column 3: a comma or } is expected`).waitFor()
    await shows(box('run', 'Seed'), '1')
    expect(await box('run', 'Seed').isDisabled()).toBe(true)
    await editor().fill(text)
    await expect.poll(() => box('run', 'Seed').isDisabled()).toBe(false)
  })

  it('of data that are not there are told before the start', async () => {
    await open('sfn-cifar100')
    await page.getByText('data.dataset', { exact: true }).waitFor()
    expect(await start().isDisabled()).toBe(true)
    await expect.poll(() => described(section('data').locator('input[aria-label=Dataset]'))).toContain('cifar-100')
  })
})

it('the draft is kept over other screens and a reload; what replaces it or discards it can be undone', async () => {
  await open()
  await box('run', 'Name').fill('Mine')
  await visit(page, '#/datasets')
  await page.getByRole('heading', { name: 'Datasets' }).waitFor()
  await visit(page, '#/new')
  await shows(box('run', 'Name'), 'Mine')
  await page.reload()
  await shows(box('run', 'Name'), 'Mine')
  await page.getByRole('button', { name: 'Presets' }).click()
  const card = page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'Off a plateau' })
  await card.getByRole('button', { name: 'Edit first' }).click()
  await start('Start 2 runs').waitFor()
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await shows(box('run', 'Name'), 'Mine')
  await page.getByRole('button', { name: 'Discard' }).click()
  await expect.poll(() => editor().inputValue()).toBe('')
})

it('the picture counts P from its shapes, live; the measured spec is started as it is shown', async () => {
  await open()
  const parameters = async () => {
    const layers = await page
      .locator('[data-layer]')
      .evaluateAll(inPage<number[]>('return element.map((one) => Number(one.dataset.parameters))') as never)
    return { layers: layers as number[], total: Number(await page.locator('[data-total]').getAttribute('data-total')) }
  }
  const products = (layers: readonly number[]) => layers.slice(1).map((width, k) => (layers[k] + 1) * width)
  expect(await parameters()).toEqual({ layers: products([100, 5, 10]), total: 565 })
  await box('model', 'Widths').fill('100, 6, 4, 10')
  await expect.poll(parameters).toEqual({ layers: products([100, 6, 4, 10]), total: 606 + 28 + 50 })
  await expect.poll(() => page.getByRole('img', { name: /P = 684$/ }).count()).toBe(1)
  await expect.poll(() => row('Parameters P').textContent()).toBe('684')
  await box('budget', 'Steps').fill('5')
  await box('run', 'Name').fill('As shown')
  await expect.poll(() => row('Steps').textContent()).toBe('5')

  const before = runIds().length
  await page.getByRole('button', { name: 'Measure', exact: true }).click()
  await page.getByText(/Times measured here: \d+ steps on/).waitFor()
  expect(runIds()).toHaveLength(before)
  const { estimateCalibration } = JSON.parse(readFileSync(join(workspace.path, 'settings.json'), 'utf8')) as Record<string, object>
  const [[key, points]] = Object.entries(estimateCalibration as Record<string, { parameters: number; factor: number }[]>)
  expect(key).toMatch(/^(wasm|lapack)\/\d+\/sfn$/)
  expect(points.at(-1)?.parameters).toBe(684)

  const { spec } = await checkSpec(await json())
  await start().click()
  await page.waitForURL(/#\/run\//)
  const id = /run\/([a-z0-9-]+)/.exec(page.url())?.[1] ?? ''
  expect(runFile(id, 'spec.json')).toEqual(spec)
  expect(runFile(id, 'spec.json').name).toBe('As shown')
  await eventually('the run is done', () => runFile(id, 'status.json').state === 'done', 60)
  expect(runFile(id, 'status.json').parameterCount).toBe(684)

  // The draft is gone, and the run tells the next one like it what a step takes.
  await visit(page, '#/new')
  await expect.poll(() => editor().inputValue()).toBe('')
  await visit(page, `#/new?from=${id}`)
  await page.getByRole('button', { name: 'Presets' }).waitFor()
  await page.evaluate('sessionStorage.clear()')
  await page.reload()
  await page.getByText('Times from the run “As shown”, which made 5 such steps here.').waitFor()
})

it('a face-off makes runs of one start with names that differ, to be compared at once', async () => {
  await open()
  await box('budget', 'Steps').fill('3')
  await section('snapshots').getByRole('button', { name: 'Reset After steps to its default' }).click()
  const offered = await page
    .locator('li')
    .filter({ has: page.locator('.from') })
    .count()
  expect(offered).toBe(optimizerKinds.length)
  for (const name of ['Gradient descent', 'Momentum', 'Adam']) await page.getByRole('checkbox', { name, exact: true }).click()
  const refused = page.getByRole('checkbox', { name: 'FD-Newton (inverse gradient)' })
  await expect.poll(() => refused.isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Make 3 runs' }).click()
  const specs = (await json()) as unknown as Spec[]
  expect(specs.map(({ optimizer }) => optimizer)).toEqual([
    { kind: 'gd', learningRate: 0.5 },
    { kind: 'momentum', learningRate: 0.2, momentum: 0.9 },
    { kind: 'adam', learningRate: 0.02 }
  ])
  // All of them get what the form says; one of them alone keeps the others.
  await box('run', 'Seed').fill('5')
  await expect.poll(async () => ((await json()) as unknown as Spec[]).map(({ seed }) => seed)).toEqual([5, 5, 5])
  await expect.poll(() => box('optimizer', 'Learning rate').count()).toBe(0)
  await page.getByRole('combobox', { name: 'The form edits' }).selectOption({ index: 3 })
  await box('optimizer', 'Learning rate').fill('0.03')
  await expect
    .poll(async () => ((await json()) as unknown as Spec[]).map(({ optimizer }) => optimizer.learningRate))
    .toEqual([0.5, 0.2, 0.03])
  await start('Start 3 runs').click()
  const link = page.getByRole('link', { name: 'Compare this group' })
  await link.waitFor()
  const ids = ((await link.getAttribute('href')) ?? '').split('=')[1].split(',')
  await eventually('they are done', () => ids.every((id) => runFile(id, 'status.json').state === 'done'), 60)
  const metas = ids.map((id) => runFile(id, 'meta.json'))
  expect(new Set(metas.map(({ name }) => name)).size).toBe(3)
  expect(metas.map(({ name }) => name)).toEqual([
    'SFN on small digits: Gradient descent',
    'SFN on small digits: Momentum',
    'SFN on small digits: Adam'
  ])
  expect(new Set(metas.map(({ group }) => group)).size).toBe(1)
  expect(new Set(metas.map(({ hashes }) => hashes.weights)).size).toBe(1)
  expect(new Set(metas.map(({ hashes }) => hashes.batches)).size).toBe(1)
  expect(ids.map((id) => runFile(id, 'spec.json').optimizer.learningRate)).toEqual([0.5, 0.2, 0.03])
  await link.click()
  await page.waitForURL(/#\/compare\?.*runs=/)
  for (const { name } of metas) await page.getByText(name).first().waitFor()
})

describe('looks right', () => {
  for (const theme of ['light', 'dark'] as const)
    it(`in the ${theme} theme at 1024 × 700: nothing overflows, no accessibility faults`, async () => {
      await page.setViewportSize({ width: 1024, height: 700 })
      await page.addInitScript(`localStorage.setItem('saddlescope.theme', '${theme}')`)
      await page.reload()
      await open('face-off-mnist10')
      await row('Parameters P').waitFor()
      const wide = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.columns *')].filter((one) => !one.closest('svg, .scroller, textarea, .editor') && one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 80))`
      )
      expect(wide).toEqual([])
      await page.evaluate(axe)
      const faults = () =>
        page.evaluate<string[]>(
          `axe.run(document).then(({ violations }) => violations.map((one) => one.id + ': ' + one.nodes[0].html.slice(0, 160)))`
        )
      expect(await faults()).toEqual([])
      await page.getByRole('combobox', { name: 'The form edits' }).selectOption({ index: 4 })
      await box('optimizer', 'Learning rate').fill('-1')
      await page.locator('.problems li').first().waitFor()
      expect(await faults()).toEqual([])
    })
})

it('what does not fit is started only when that is confirmed, with both figures', async () => {
  await open()
  await box('run', 'Name').fill('Endless')
  await box('budget', 'Steps').fill('99999999999')
  await page.getByText('It is not expected to fit: you will be asked.').waitFor()
  const before = runIds().length
  await start().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Time', { exact: true }).waitFor()
  const figures = await dialog.locator('[data-warning=time] td').allTextContents()
  expect(figures[0]).toMatch(/years$/)
  expect(figures[1]).toBe('a year at most')
  // 500 bytes of metrics a step.
  expect((await dialog.locator('[data-warning=disk] td').first().textContent())?.replace(/\s/g, '')).toBe('50.0TB')
  await dialog.getByRole('button', { name: 'Go back' }).click()
  expect(runIds()).toHaveLength(before)
  await start().click()
  await dialog.getByRole('button', { name: 'Start anyway' }).click()
  await page.waitForURL(/#\/run\//)
  expect(runIds()).toHaveLength(before + 1)
})
