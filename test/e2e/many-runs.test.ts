// Ten thousand runs: how soon the first rows are there and how many frames scrolling draws. Times hang on what else the machine does, so they are printed; only what must be on screen is asserted.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type Server } from '../../src/server'
import { createFakeWorkbench } from '../renderer-fixture/fake-workbench'
import { openBrowser, root } from './support'

let browser: Browser
let page: Page
let server: Server

beforeAll(async () => {
  browser = await openBrowser()
  const workbench = createFakeWorkbench({ live: false })
  workbench.addRuns(10_000)
  server = await startServer({ serve: workbench.serve, pageFolder: join(root, 'out', 'renderer'), port: 0, strictPort: false })
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(server.link)
  await page.getByRole('link', { name: 'Run number 0', exact: true }).waitFor()
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

/** Milliseconds from a click on the side bar's link to the frame after the first rows are there. */
const firstRows = () =>
  page.evaluate<number>(`new Promise((done) => {
    const began = performance.now()
    document.querySelector('nav a[href="#/"].link').click()
    const look = () => document.querySelector('[data-row]') ? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look)
    requestAnimationFrame(look)
  })`)

/** Seconds of processor time that the page's main thread has used: what else the machine does is not in it. */
async function processorTime(): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN
  }
}

it('shows the first rows, and the rows scrolled to', async () => {
  const used = await processorTime()
  const times: string[] = []
  for (let i = 0; i < 5; i++) {
    await page.evaluate('window.location.hash = "/settings"')
    await page.getByText('Appearance').waitFor()
    const before = await used()
    const passed = await firstRows()
    times.push(`${passed.toFixed(0)} (${(1000 * ((await used()) - before)).toFixed(0)})`)
  }
  expect(await page.locator('[data-row]').count()).toBeGreaterThan(15)
  const before = await used()
  const { frames, longest, seconds } = await page.evaluate<{ frames: number; longest: number; seconds: number }>(`new Promise((done) => {
    const scroller = document.querySelector('[role=region][aria-label=Runs]')
    const began = performance.now()
    let [last, longest, frames] = [began, 0, 0]
    const frame = (now) => {
      longest = Math.max(longest, now - last)
      last = now
      frames++
      scroller.scrollTop += 170
      if (now - began > 3000) done({ frames, longest, seconds: (now - began) / 1000 })
      else requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })`)
  console.log(
    `10 000 runs: first rows ${times.join(', ')} ms after the click (of the main thread's processor time); scrolling ${(frames / seconds).toFixed(0)} frames a second, the longest ${longest.toFixed(0)} ms, ${((1000 * ((await used()) - before)) / frames).toFixed(1)} ms of processor time each`
  )
  await page.evaluate(`document.querySelector('[role=region][aria-label=Runs]').scrollTop = 1e9`)
  await page.getByRole('link', { name: 'Run number 9999', exact: true }).waitFor()
  expect(await page.locator('[data-row]').count()).toBeLessThan(80)
})
