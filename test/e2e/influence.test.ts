// Credit and circular equations on the screen: pictures, classes and changes beside a test sample, and residuals and spectrum of a relaxation, are what the files say.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { openBuiltIn } from '../../src/store/datasets/built-in'
import { accessibilityFaults } from './accessibility'
import { layoutFaultsPastNotices } from './layout'
import { eventually, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

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
const settings = (...pairs: string[]) => pairs.flatMap((pair) => ['--set', pair])
const folderOf = (run: string, name: string) => join(workspace.path, 'runs', run, 'analyses', name)
function numbers(run: string, name: string, array: string): Float64Array {
  const path = join(folderOf(run, name), `${array}.npy`)
  return toFloat64(parseNpy(readFileSync(path), path))
}
const figuresOf = (run: string, name: string) =>
  (JSON.parse(readFileSync(join(folderOf(run, name), 'manifest.json'), 'utf8')) as { figures: Record<string, number> }).figures

beforeAll(async () => {
  workspace = makeWorkspace()
  cli('run', 'influence-softmax', '--id', 'softmax', ...settings('data.trainLimit=90', 'data.testLimit=30', 'data.validation=10'))
  cli('analyse', 'influence', 'softmax', ...settings('order=2', 'retrain=6'))
  cli('run', 'fd-newton-joint', '--id', 'square', ...settings('budget.steps=2'))
  cli('analyse', 'relaxation', 'square', ...settings('method=minres'))
  served = await serve(workspace.path)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
  await page.getByText('Connected').waitFor()
}, 120_000)
afterAll(async () => {
  expect(complaints).toEqual([])
  await browser.close()
  await served.stop()
  workspace.remove()
})

const visit = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)

/** Rows of a chart's CSV by the name of the series: x and y. */
async function pointsOf(title: string): Promise<Record<string, [number, number][]>> {
  const plot = page
    .locator('figure.plot')
    .filter({ has: page.getByRole('heading', { name: title }) })
    .first()
  await plot.locator('canvas').first().waitFor()
  await plot.getByRole('button', { name: /^Save / }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Save as CSV' }).click()])
  const found: Record<string, [number, number][]> = {}
  for (const line of readFileSync(await download.path(), 'utf8')
    .trim()
    .split('\n')
    .slice(1)) {
    const cells = /^(?:"([^"]*)"|([^,]*)),([^,]*),([^,]*)$/.exec(line)
    if (cells) (found[cells[1] ?? cells[2]] ??= []).push([Number(cells[3]), Number(cells[4])])
  }
  return found
}

/** Three digits as they are shown, with their sign and what stands before. */
const read = (words: string) => Number(words.replace('real ', '').replace('−', '-').replace('+', ''))

/** Of each sample of a list: its place in the analysis, the change as it is drawn from, the words under it and the bytes of its picture. */
const listed = (which: string) =>
  page.getByTestId(which).evaluate(
    (card: unknown) =>
      [...(card as { querySelectorAll(s: string): Iterable<never> }).querySelectorAll('li')].map((item: never) => {
        const li = item as {
          dataset: Record<string, string>
          innerText: string
          querySelector(s: string): null | { getContext(k: string): { getImageData(...n: number[]): { data: ArrayLike<number> } } }
        }
        const canvas = li.querySelector('canvas')
        const pixels = canvas ? Array.from(canvas.getContext('2d').getImageData(0, 0, 10, 10).data).filter((_, i) => i % 4 === 0) : null
        return { sample: Number(li.dataset.sample), change: Number(li.dataset.change), words: li.innerText.split('\n'), pixels }
      }) as { sample: number; change: number; words: string[]; pixels: number[] | null }[]
  )

it('shows of a chosen test sample who helps and who harms: numbers, classes and pictures of the files', async () => {
  await visit('/run/softmax/analyses?analysis=influence-8')
  const choices = page.getByRole('group', { name: 'Test samples' }).getByRole('button')
  await choices.nth(3).waitFor()
  expect(await choices.count()).toBe(20)
  await choices.nth(3).click()
  await eventually('chosen', async () => (await choices.nth(3).getAttribute('aria-pressed')) === 'true')
  const digits = await openBuiltIn('mnist10')
  if (!digits?.train.labels.fine || !digits.test?.labels.fine) throw new Error('mnist10 has classes')
  const influence = numbers('softmax', 'influence-8', 'influence')
  const [places, labels, predicted] = ['trainPlaces', 'trainLabels', 'trainPredicted'].map((name) =>
    numbers('softmax', 'influence-8', name)
  )
  const actual = numbers('softmax', 'influence-8', 'actual')
  const retrained = [...numbers('softmax', 'influence-8', 'retrained')]
  const { weight } = figuresOf('softmax', 'influence-8')
  expect(weight).toBe(1 / 80)
  const changes = [...places].map((_, n) => -weight * influence[n * 30 + 3])
  const order = changes.map((_, n) => n).sort((a, b) => changes[b] - changes[a])
  for (const [which, expected] of [
    ['helpful', order.slice(0, 8)],
    ['harmful', order.slice(-8).reverse()]
  ] as const) {
    await eventually('pictures', async () => (await listed(which)).every(({ pixels }) => pixels?.some((value) => value > 0) === true))
    const shown = await listed(which)
    expect(shown.map(({ sample }) => sample)).toEqual(expected)
    for (const { sample, change, words, pixels } of shown) {
      expect(change).toBe(changes[sample])
      const place = places[sample]
      expect(pixels).toEqual([...digits.train.x.subarray(place * 100, (place + 1) * 100)])
      expect(words[0]).toBe(String(digits.train.labels.fine[place]))
      expect(words[1]).toBe(predicted[sample] === labels[sample] ? 'recognised' : `taken for ${predicted[sample]}`)
      expect(Math.abs(read(words[2]) / change - 1)).toBeLessThan(0.005)
      const left = retrained.indexOf(sample)
      expect(words.length).toBe(left < 0 ? 3 : 4)
      if (left >= 0) expect(Math.abs(read(words[3]) / (-weight * actual[left * 30 + 3]) - 1)).toBeLessThan(0.005)
    }
  }
  const said = await page.getByTestId('influence-said').innerText()
  const [loss, taken] = [numbers('softmax', 'influence-8', 'testLosses')[3], numbers('softmax', 'influence-8', 'testPredicted')[3]]
  expect(said).toMatch(new RegExp(`^Test sample 4, ${digits.test.labels.fine[3]}, taken for ${taken}; its loss is `))
  expect(Number(/its loss is ([\d.]+)\. /.exec(said)?.[1])).toBeCloseTo(loss, 3)
})

it('draws predicted against actual, and the errors by order, with the numbers of the files', async () => {
  const points = await pointsOf('Predicted against actual changes of test losses')
  const [influence, actual, retrained] = ['influence', 'actual', 'retrained'].map((name) => numbers('softmax', 'influence-8', name))
  const { weight, error1, error2, change } = figuresOf('softmax', 'influence-8')
  const pairs = (of: (m: number) => boolean) =>
    [...retrained].flatMap((n, left) =>
      Array.from({ length: 30 }, (_, m) => m)
        .filter(of)
        .map((m) => [-weight * actual[left * 30 + m], -weight * influence[n * 30 + m]])
    )
  expect(points['this test sample']).toEqual(pairs((m) => m === 3))
  expect(points['other test samples']).toEqual(pairs((m) => m !== 3))
  const errors = await pointsOf('Errors of the prediction by order')
  expect(errors['mean |predicted − actual|']).toEqual([
    [1, error1],
    [2, error2]
  ])
  expect(errors['mean |actual change|']?.[0][1]).toBe(change)
})

it('keeps the chosen sample in the address, fits small windows, and pages through the test samples', async () => {
  expect(await page.evaluate('window.location.hash')).toContain('sample=3')
  await page.getByRole('button', { name: 'Test samples after' }).click()
  const choices = page.getByRole('group', { name: 'Test samples' }).getByRole('button')
  await eventually('the second page', async () => (await choices.count()) === 10)
  await page.setViewportSize({ width: 1024, height: 700 })
  try {
    for (const which of ['helpful', 'harmful']) {
      const box = await page.getByTestId(which).boundingBox()
      expect((box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 9999) <= 1024).toBe(true)
    }
    // No word sticks out of its sample.
    const over = await page
      .locator('[data-testid="helpful"] li .one-line')
      .evaluateAll(
        (spans: unknown[]) =>
          (spans as { scrollWidth: number; clientWidth: number }[]).filter((s) => s.scrollWidth > s.clientWidth + 1).length
      )
    expect(over).toBe(0)
  } finally {
    await page.setViewportSize({ width: 1440, height: 900 })
  }
})

it('shows the residuals of a relaxation, the spectrum that decides, and what that means', async () => {
  await visit('/run/square/analyses?analysis=relaxation-2')
  const figures = figuresOf('square', 'relaxation-2')
  const residuals = await pointsOf('Residual of minres iteration by iteration')
  expect(residuals.measured).toEqual([...numbers('square', 'relaxation-2', 'residuals')].map((value, k) => [k, value]))
  const spectrum = [...numbers('square', 'relaxation-2', 'spectrum')]
  const shown = await pointsOf('The spectrum that decides: eigenvalues of M⁻¹H')
  const ranked = spectrum.map((mu, i): [number, number] => [i + 1, mu])
  expect(shown['within (0, 2)']).toEqual(ranked.filter(([, mu]) => mu > 0 && mu < 2))
  const outside = Object.entries(shown).find(([name]) => name.startsWith('outside'))?.[1]
  expect(outside).toEqual(ranked.filter(([, mu]) => mu <= 0 || mu >= 2))
  const course = await page.getByTestId('relaxation-course').innerText()
  expect(course).toMatch(new RegExp(`^MINRES comes to a residual of \\S+ in ${figures.iterations} iterations: `))
  const decides = await page.getByTestId('relaxation-decides').innerText()
  expect(decides).toContain(`${spectrum.filter((mu) => mu <= 0 || mu >= 2).length} of them outside of (0, 2)`)
  expect(decides).toContain(`${spectrum.filter((mu) => mu <= 0).length} are not positive`)
})

it('has both pictures without faults of layout and access, light and dark', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme })
    for (const [route, seen] of [
      ['/run/softmax/analyses?analysis=influence-8', 'influence-said'],
      ['/run/square/analyses?analysis=relaxation-2', 'relaxation-course']
    ]) {
      await visit(route)
      await page.getByTestId(seen).waitFor()
      expect(await layoutFaultsPastNotices(page)).toEqual([])
      expect(await accessibilityFaults(page)).toEqual([])
    }
  }
  await page.emulateMedia({ colorScheme: 'light' })
})

it('offers both kinds in the form, and makes one as a job', async () => {
  await visit('/run/square/analyses')
  await page.getByRole('button', { name: 'New analysis…' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('combobox', { name: 'Kind' }).selectOption({ label: 'Relaxation of the circular equations' })
  await dialog.getByTestId('summary').getByText('layer-by-layer inverse').waitFor()
  await dialog.getByRole('button', { name: 'Compute', exact: true }).click()
  const made = await eventually('the analysis', () =>
    existsSync(folderOf('square', 'relaxation-2-2')) ? figuresOf('square', 'relaxation-2-2') : null
  )
  expect(made).toMatchObject({ converged: 0 })
})
