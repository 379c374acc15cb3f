// Every screen at the smallest supported window and at a usual one: no text is cut without a sign, outside the window or over another.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../src/server'
import { createFakeWorkbench } from '../renderer-fixture/fake-workbench'
import { layoutFaults } from './layout'
import { screens } from './screens'
import { openBrowser, root } from './support'

let browser: Browser
let server: Server

beforeAll(async () => {
  browser = await openBrowser()
  const workbench = createFakeWorkbench({ live: false })
  server = await startServer({ serve: workbench.serve, pageFolder: join(root, 'out', 'renderer'), port: 0, strictPort: false })
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

async function open(width: number, height: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height } })
  await page.goto(server.link)
  await page.getByText('Connected').waitFor()
  return page
}

describe.each([
  [1024, 700],
  [1440, 900]
])('at %i × %i', (width, height) => {
  it('every screen fits', async () => {
    const page = await open(width, height)
    const faults: string[] = []
    for (const { route, shows } of screens) {
      await page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)
      await page.getByText(shows).first().waitFor()
      // Settled when two looks agree.
      let before = ''
      let now: string[] = []
      await expect
        .poll(async () => {
          now = await layoutFaults(page)
          const same = JSON.stringify(now) === before
          before = JSON.stringify(now)
          return same
        })
        .toBe(true)
      faults.push(...now.map((fault) => `${route}: ${fault}`))
    }
    expect(faults).toEqual([])
    await page.close()
  })
})

it('the look finds what is wrong: text cut, outside, over other text', async () => {
  const page = await open(1024, 700)
  await page.evaluate(`(() => {
    const add = (style, text, inner) => {
      const node = document.createElement('div')
      node.style.cssText = 'position:fixed;z-index:99;white-space:nowrap;' + style
      const child = document.createElement('span')
      child.textContent = text
      node.append(child)
      document.body.append(node)
    }
    add('left:10px;top:300px;width:40px;overflow:hidden', 'cut without a sign')
    add('left:1000px;top:340px', 'beyond the edge of the window')
    add('left:300px;top:400px', 'the text below')
    add('left:320px;top:402px', 'the text above')
  })()`)
  const faults = (await layoutFaults(page)).join('\n')
  expect(faults).toContain('cut: span. “cut without a sign”')
  expect(faults).toContain('outside the window: span. “beyond the edge of the window”')
  expect(faults).toMatch(/over each other: .*the text below.*the text above/)
  await page.close()
})
