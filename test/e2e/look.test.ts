// How the page looks and behaves on its own, over a workbench of invented runs: every screen in both themes without accessibility faults
// or complaints in the console, names that stay text, long lists and floods of events, a lost connection.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type Server } from '../../src/server'
import { createFakeWorkbench, type FakeWorkbench } from '../renderer-fixture/fake-workbench'
import { parameterCount } from '../renderer-fixture/fake-data'
import { accessibilityFaults } from './accessibility'
import { screens } from './screens'
import { eventually, openBrowser, root, watchConsole } from './support'

let browser: Browser
let page: Page
let server: Server
let workbench: FakeWorkbench
let complaints: string[]

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  workbench = createFakeWorkbench({ live: false })
  server = await startServer({ serve: workbench.serve, pageFolder: join(root, 'out', 'renderer'), port: 0, strictPort: false })
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  complaints = watchConsole(page)
})
afterEach(async () => {
  await page.close()
  await server.close()
})

async function open(route = '/') {
  await page.goto(server.link)
  await page.getByText('Connected').waitFor()
  await go(route)
}
const go = (route: string) => page.evaluate(`window.location.hash = ${JSON.stringify(route)}`)

describe('every screen', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`is without faults in the ${theme} theme`, async () => {
      await page.addInitScript(`localStorage.setItem('saddlescope.theme', '${theme}')`)
      await open()
      for (const { route, shows } of screens) {
        await go(route)
        await page.getByText(shows).first().waitFor()
        expect(await page.evaluate('document.documentElement.dataset.theme')).toBe(theme)
        expect(await accessibilityFaults(page), route).toEqual([])
        expect(complaints, route).toEqual([])
      }
    })
  }
})

describe('a name with markup', () => {
  it('stays text on every screen, in tooltips, menus, the palette and plots', async () => {
    const name = [...workbench.runs.values()].find((run) => run.meta.name.startsWith('<img'))?.meta.name ?? ''
    expect(name).toContain('onerror')
    const harmless = async () => {
      expect(await page.locator('img').count()).toBe(0)
      expect(await page.title()).not.toBe('broken')
    }
    await open()
    await page.getByRole('link', { name }).waitFor()
    await page.getByRole('link', { name }).hover()
    await page.getByRole('button', { name: `Actions for ${name}` }).hover()
    await page.waitForTimeout(500)
    await harmless()
    await page.getByRole('link', { name }).click()
    await page.getByRole('heading', { name }).waitFor()
    await harmless()
    await go('/run/attack/spectrum')
    await page.getByText('eigenvalues;').waitFor()
    await harmless()
    await go('/snapshots?filter=img')
    await page.getByRole('link', { name }).first().waitFor()
    await harmless()
    await go('/compare?runs=attack,sfn-mnist10&names=own&groups=none')
    const chart = page.getByRole('img', { name: /^Loss/ }).first()
    await chart.waitFor()
    await page.waitForTimeout(400)
    const box = await chart.boundingBox()
    // Over the first steps, where both curves are.
    await page.mouse.move((box?.x ?? 0) + 110, (box?.y ?? 0) + (box?.height ?? 0) / 2)
    await page.locator('.chart-tooltip-name').filter({ hasText: name }).first().waitFor()
    await harmless()
    await page.keyboard.press('Control+k')
    await page.getByRole('option', { name }).waitFor()
    await harmless()
    expect(complaints).toEqual([])
  })
})

describe('much at once', () => {
  it('ten thousand runs: only those in view exist, and sorting and filtering find the right ones', async () => {
    workbench.addRuns(10_000)
    await open()
    await page.getByRole('link', { name: 'Run number 0', exact: true }).waitFor()
    expect(await page.locator('[data-row]').count()).toBeLessThan(80)
    await page.getByRole('button', { name: 'Name', exact: true }).click()
    await page.getByRole('searchbox').fill('"number 9999"')
    await page.getByRole('link', { name: 'Run number 9999', exact: true }).waitFor()
    expect(await page.locator('[data-row]').count()).toBe(1)
    expect(page.url()).toContain('number')
    await page.reload()
    await page.getByRole('link', { name: 'Run number 9999', exact: true }).waitFor()
    expect(await page.locator('[data-row]').count()).toBe(1)
  })

  it('ten thousand tiny steps cost a few requests, and the last one is shown', async () => {
    await open('/run/sfn-mnist10-live')
    await page.getByRole('img', { name: /^Loss/ }).first().waitFor()
    await page.waitForTimeout(600)
    const before = workbench.asked.get('runs.metrics') ?? 0
    const begun = Date.now()
    for (let i = 0; i < 20; i++) {
      workbench.flood(500)
      await page.waitForTimeout(50)
    }
    const steps = workbench.runs.get('sfn-mnist10-live')?.lines.length ?? 0
    await eventually('the last step', async () =>
      ((await page.locator('.figure').first().textContent()) ?? '').replace(/\D/g, '').startsWith(String(steps))
    )
    await page.waitForTimeout(1000)
    const seconds = (Date.now() - begun) / 1000
    // Two questions (names, values) at a pace of 0.4 s each.
    expect((workbench.asked.get('runs.metrics') ?? 0) - before).toBeLessThanOrEqual(2 * (seconds / 0.4 + 2))
    await eventually('the curve to its end', async () =>
      ((await page.getByRole('img', { name: /^Loss/ }).first().getAttribute('aria-label')) ?? '').includes(
        `to ${steps >= 1e5 ? '' : steps}`
      )
    )
    expect(complaints).toEqual([])
  })
})

describe('the spectrum', () => {
  it('counts every eigenvalue on both axes, at every step, and keeps the view in the address', async () => {
    await open('/run/sfn-mnist10/spectrum')
    const sum = async () => {
      const text = (await page.getByTestId('histogram-sum').textContent()) ?? ''
      const [, counted, all] = /bins, ([\d\u202f]+) of ([\d\u202f]+)/.exec(text) ?? []
      return [counted, all].map((part) => Number(part?.replaceAll('\u202f', '')))
    }
    await page.getByTestId('histogram-sum').waitFor()
    expect(await sum()).toEqual([parameterCount, parameterCount])
    await page
      .getByRole('radio', { name: 'linear λ' })
      .or(page.getByRole('button', { name: 'linear λ' }))
      .click()
    expect(await sum()).toEqual([parameterCount, parameterCount])
    await page.getByRole('slider', { name: 'Snapshot' }).press('ArrowLeft')
    await page.getByRole('heading', { name: 'Eigenvalues of full after step 140' }).waitFor()
    expect(await sum()).toEqual([parameterCount, parameterCount])
    expect(page.url()).toContain('step=140')
    expect(page.url()).toContain('axis=linear')
    await page.reload()
    await page.getByRole('heading', { name: 'Eigenvalues of full after step 140' }).waitFor()
    await page.getByRole('button', { name: 'Most negative', exact: true }).click()
    await page.getByText('Largest entries').waitFor()
    await page.getByTestId('checks').click()
    await page.getByRole('dialog', { name: 'Is this spectrum right?' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })
})

describe('the connection', () => {
  it('says that it is lost and heals without a reload', async () => {
    await open()
    await page.evaluate('window.mark = 1')
    workbench.drop()
    await page.getByText('The connection to the workbench is lost').waitFor()
    const run = workbench.runs.get('sfn-mnist10')
    if (run) run.summary = { ...run.summary, name: 'Renamed meanwhile' }
    await page.getByText('The connection to the workbench is lost').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Renamed meanwhile' }).waitFor()
    expect(await page.evaluate('window.mark')).toBe(1)
  })

  it('without a session tells how to get one, and a link opened in the same tab lets in', async () => {
    await page.goto(new URL(server.link).origin)
    await page.getByRole('heading', { name: 'Open the link that the server printed' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.goto(server.link)
    await page.getByText('Connected').waitFor()
    expect(page.url()).not.toContain('token')
    expect(complaints.filter((text) => !/401/.test(text))).toEqual([])
  })
})

describe('deleting', () => {
  it('can be undone', async () => {
    await open()
    await page.getByRole('button', { name: 'Actions for Gradient descent' }).click()
    await page.getByRole('menuitem', { name: 'Move to trash' }).click()
    await page.getByRole('link', { name: 'Gradient descent' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('link', { name: 'Gradient descent' }).waitFor()
  })
})
