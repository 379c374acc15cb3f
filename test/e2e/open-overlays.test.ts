// Every control that announces an overlay (menu, dialog, popover), on every screen and in both themes: what opens is without accessibility faults, on top and inside the window.
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../src/server'
import { createFakeWorkbench } from '../renderer-fixture/fake-workbench'
import { accessibilityFaults, besideOverlays } from './accessibility'
import { screens } from './screens'
import { eventually, inPage, openBrowser, root, watchConsole } from './support'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

const openers = 'main [aria-haspopup]:enabled, main button:has-text("…"):enabled'
const overlays = '[role=menu], [role=dialog], [role=alertdialog], [role=listbox]'

/** Whether an overlay lies inside the window, nothing over its corners. */
const isSeen = (overlay: Locator) =>
  overlay.evaluate(
    inPage<boolean>(`
    const { left, top, right, bottom } = element.getBoundingClientRect()
    const inside = left >= 0 && top >= 0 && right <= innerWidth + 0.5 && bottom <= innerHeight + 0.5 && right > left && bottom > top
    return inside && [[left + 8, top + 8], [right - 8, bottom - 8]].every(([x, y]) => element.contains(document.elementFromPoint(x, y)))`)
  )

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  let page: Page
  let server: Server
  let complaints: string[]
  const go = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
  beforeAll(async () => {
    const workbench = createFakeWorkbench({ live: false })
    server = await startServer({ serve: workbench.serve, pageFolder: join(root, 'out', 'renderer'), port: 0, strictPort: false })
    page = await browser.newPage({ viewport: { width: 1024, height: 700 } })
    complaints = watchConsole(page)
    await page.addInitScript(`localStorage.setItem('saddlescope.theme', '${theme}')`)
    await page.goto(server.link)
    await page.getByText('Connected').waitFor()
  })
  afterAll(async () => {
    await page.close()
    await server.close()
  })

  it.each(screens)('$route', async ({ route, shows }) => {
    await go('/nowhere')
    await page.getByText('There is nothing at this address').waitFor()
    await go(route)
    await page.getByText(shows).first().waitFor()
    const count = await page.locator(openers).count()
    const seen: string[] = []
    for (let place = 0; place < count; place++) {
      const control = page.locator(openers).nth(place)
      const name = (
        await control.evaluate(inPage<string>(`return element.getAttribute('aria-label') || element.textContent.trim()`))
      ).slice(0, 60)
      // Of a table's rows one is enough.
      const kind = name.replace(/^(Actions for|Options of) .*/, '$1')
      if (seen.includes(kind) || !(await control.isVisible())) continue
      seen.push(kind)
      await control.click()
      const overlay = page.locator(overlays).last()
      if (!(await overlay.isVisible())) {
        // Some of them open a card on the page, ask the system for a file, or go to another screen.
        await go(route)
        await page.getByText(shows).first().waitFor()
        continue
      }
      await eventually(`${name} is seen`, () => isSeen(overlay))
      expect((await accessibilityFaults(page, besideOverlays)).join('\n'), `${route}: ${name}`).toBe('')
      await page.keyboard.press('Escape')
      await overlay.waitFor({ state: 'detached' })
    }
    expect(complaints.join('\n')).toBe('')
  })
})
