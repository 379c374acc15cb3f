// Functions of one variable in the playground: where training stands at each step, on the screen, is what the map gives in the same arithmetic.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, makeWorkspace, openBrowser, serve, watchConsole, type Served } from './support'

let workspace: ReturnType<typeof makeWorkspace>
let browser: Browser
let page: Page
let served: Served
let complaints: string[]

beforeAll(async () => {
  workspace = makeWorkspace()
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

/** x after so many steps, and the function there. */
function logistic(steps: number) {
  let x = 0.3
  for (let n = 0; n < steps; n++) x += -(x - 4 * x * (1 - x))
  return { x, f: (4 / 3) * x * x * x - 1.5 * x * x }
}
function henon(steps: number) {
  let [x, b] = [0.6, 0]
  for (let n = 0; n < steps; n++) {
    b = -0.3 * b + (0.7 * x - 1 + 1.4 * x * x)
    x += -b
  }
  return { x, f: 0.35 * x * x - x + (1.4 / 3) * x * x * x }
}
const plot = () => page.locator('figure.plot, .plot').filter({ hasText: 'at each step' }).first()
/** A figure on the screen, with its minus sign. */
const numberIn = (text: string, pattern: RegExp) => Number((pattern.exec(text)?.[1] ?? 'none').replace('−', '-').replace(/\s/g, ''))

it.each([
  ['logistic', 'Logistic map', 'Gradient descent', logistic],
  ['henon', 'Hénon map', 'Momentum', henon]
] as const)('%s goes as the map goes', { timeout: 120_000 }, async (name, title, optimizer, map) => {
  for (const steps of [7, 40]) {
    await page.evaluate(`window.location.hash = ${JSON.stringify(`#/playground?f=${name}&steps=${steps}`)}`)
    const expected = map(steps)
    const x = await eventually(`x after ${steps} steps`, async () => {
      const text = await plot()
        .innerText()
        .catch(() => '')
      const there = text.includes(`${title}: x at each step`) && text.includes(`after ${steps} steps`)
      return there ? numberIn(text, new RegExp(`${optimizer}: x = (\\S+) after`)) : null
    })
    expect(x).toBeCloseTo(expected.x, 3)
    const f = await eventually(`f at step ${steps}`, async () => {
      const text = await page.locator('main').innerText()
      return text.includes(`at step ${steps}`) ? numberIn(text, new RegExp(`f = (\\S+) at step ${steps}`)) : null
    })
    expect(f).toBeCloseTo(expected.f, 3)
  }
  // The picture of two variables is not there, and its start is one number.
  expect(await page.getByText('Click: start there.').count()).toBe(0)
  expect(await page.getByLabel('Start y').count()).toBe(0)
  const box = await plot().boundingBox()
  expect(box?.width ?? 0).toBeGreaterThan(400)
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1440)
})
