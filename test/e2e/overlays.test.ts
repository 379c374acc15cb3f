// Everything drawn over the page can be seen: opaque, inside the window, on top, its text in contrast. A driver clicks what a person cannot see; these tests measure.
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../src/server'
import { createFakeWorkbench } from '../renderer-fixture/fake-workbench'
import { accessibilityFaults, besideOverlays } from './accessibility'
import { inPage, openBrowser, root } from './support'

let browser: Browser
let page: Page
let server: Server

beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())
beforeEach(async () => {
  const workbench = createFakeWorkbench({ live: false })
  server = await startServer({ serve: workbench.serve, pageFolder: join(root, 'out', 'renderer'), port: 0, strictPort: false })
})
afterEach(async () => {
  await page.close()
  await server.close()
})

async function open(theme: 'light' | 'dark', [width, height]: readonly [number, number], route: string) {
  page = await browser.newPage({ viewport: { width, height } })
  await page.addInitScript(`localStorage.setItem('saddlescope.theme', '${theme}')`)
  await page.goto(server.link)
  await page.getByText('Connected').waitFor()
  await go(route)
}
const go = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)

interface Look {
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
  readonly inside: boolean
  readonly onTop: boolean
  /** Alpha of the background, 0 … 1. */
  readonly opacity: number
  /** WCAG contrast ratio of text and background. */
  readonly contrast: number
}

/** What a person sees of an element, as it lies: nothing is scrolled. */
function look(of: Locator): Promise<Look> {
  return of.evaluate(
    inPage<Look>(`
    const { left, top, right, bottom } = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    const numbers = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number)
    const light = (colour) => {
      const [r, g, b] = numbers(colour).map((part) => {
        const c = part / 255
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const [a, b] = [light(style.color), light(style.backgroundColor)]
    const places = [[left + 6, top + 6], [right - 6, bottom - 6], [(left + right) / 2, (top + bottom) / 2]]
    return {
      box: { left, top, right, bottom },
      inside: left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight && right - left > 20 && bottom - top > 10,
      onTop: places.every(([x, y]) => element.contains(document.elementFromPoint(x, y))),
      opacity: numbers(style.backgroundColor)[3] ?? 1,
      contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    }`)
  )
}

async function expectSeen(of: Locator, what: string) {
  await of.waitFor()
  // Entrance animations and placing are over when two looks agree.
  await expect.poll(async () => JSON.stringify((await look(of)).box) === JSON.stringify((await look(of)).box)).toBe(true)
  const seen = await look(of)
  expect(seen, what).toMatchObject({ inside: true, onTop: true, opacity: 1 })
  expect(seen.contrast, what).toBeGreaterThan(4.5)
}

const sizes = [
  [1440, 900],
  [1024, 700]
] as const
const overlays: readonly { name: string; selector: string }[] = [
  { name: 'menu', selector: '[role=menu]' },
  { name: 'tooltip', selector: '.overlay-tooltip' },
  { name: 'dialog', selector: '[role=dialog]' },
  { name: 'wide-dialog', selector: '[role=dialog]' },
  { name: 'palette', selector: '[role=dialog]' },
  { name: 'shortcuts', selector: '[role=dialog]' }
]

describe.each(['light', 'dark'] as const)('overlays in the %s theme', (theme) => {
  for (const size of sizes)
    it(`are seen at ${size.join(' × ')}`, async () => {
      await open(theme, size, '/gallery')
      for (const { name, selector } of overlays) {
        await go(`/gallery?overlay=${name}`)
        await expectSeen(page.locator(selector).first(), name)
        expect(await accessibilityFaults(page, besideOverlays), name).toEqual([])
        await page.keyboard.press('Escape')
        await go('/gallery')
        await page.locator(selector).first().waitFor({ state: 'detached' })
      }
      await go('/gallery?overlay=notices')
      await expectSeen(page.locator('.overlay-toast').nth(0), 'a notice')
      await expectSeen(page.locator('.overlay-toast').nth(1), 'an error')
      expect(await accessibilityFaults(page, besideOverlays), 'notices').toEqual([])
      const [first, second] = [await look(page.locator('.overlay-toast').nth(0)), await look(page.locator('.overlay-toast').nth(1))]
      expect(first.box.bottom <= second.box.top || second.box.bottom <= first.box.top, 'notices do not lie on each other').toBe(true)
    })

  it('are seen where they are used: a run’s menu, the undo of a deletion, columns, shortcuts, the palette', async () => {
    await open(theme, [1024, 700], '/')
    await page.getByRole('button', { name: 'Actions for Gradient descent' }).click()
    await expectSeen(page.getByRole('menu'), 'a run’s menu')
    await page.getByRole('menuitem', { name: 'Move to trash' }).click()
    await expectSeen(page.locator('.overlay-toast').first(), 'the notice of a deletion')
    const undo = page.getByRole('button', { name: 'Undo' })
    expect((await look(undo)).onTop).toBe(true)
    await undo.click()
    await page.getByRole('link', { name: 'Gradient descent' }).waitFor()
    await page.getByRole('button', { name: 'Columns' }).click()
    await expectSeen(page.getByRole('menu'), 'the columns')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await expectSeen(page.getByRole('dialog'), 'the palette')
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await expectSeen(page.getByRole('dialog'), 'the shortcuts')
  })
})

it('a dialog puts the focus into its first field', async () => {
  await open('light', [1440, 900], '/gallery?overlay=dialog')
  await page.getByRole('dialog').waitFor()
  await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('INPUT')
})
