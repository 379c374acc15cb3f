// The first ten minutes in the desktop app: its window opens on the demonstration, Settings knows the workspaces that were open, and diagnostics hold the app's own log.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { visit, waitForState } from '../e2e/flows'
import { eventually, makeWorkspace } from '../e2e/support'
import { launchApp } from './support'

const workspace = makeWorkspace()
let app: ElectronApplication
let page: Page

async function open(folder: string) {
  app = await launchApp(folder, [])
  page = await app.firstWindow()
  await page.getByText('Connected').waitFor()
}
beforeAll(() => open(workspace.path))
afterAll(async () => {
  await app.close().catch(() => undefined)
  workspace.remove()
})
const hash = () => new URL(page.url()).hash

it('the window of an empty workspace opens on the run that trains; what is closed stays closed over a restart', async () => {
  await eventually('the run’s screen', () => /^#\/run\/[a-z0-9-]+$/.test(hash()), 60)
  const run = hash().replace('#/run/', '')
  const guide = page.getByRole('region', { name: 'Where to begin' })
  await guide.getByRole('button', { name: 'Close for good' }).click()
  await guide.waitFor({ state: 'detached' })
  const kept = () => JSON.parse(readFileSync(join(workspace.path, 'settings.json'), 'utf8')) as { guide: unknown }
  await expect.poll(() => kept().guide).toEqual({ run, closed: true })
  await waitForState(page, /done/, 200)
  const child = app.process()
  const ended = new Promise((done) => child.once('exit', done))
  await app.close()
  await ended
  await open(workspace.path)
  await page.getByRole('link', { name: 'SFN on small digits' }).waitFor()
  expect(hash()).toBe('#/')
})

it('Settings opens other workspaces by the desktop, and diagnostics hold the app’s log', async () => {
  await visit(page, '#/settings')
  await page.getByRole('button', { name: 'Open another…' }).waitFor()
  await page.getByText('No other workspace was open yet.').waitFor()
  // A page may not ask for any folder.
  const refused = await page.evaluate(`window.saddlescope.ask('open-recent', { path: '/' }).then(() => 'opened', (error) => error.message)`)
  expect(refused).toContain('is none of the recent workspaces')
  await page.getByRole('button', { name: 'Save diagnostics…' }).click()
  const names = page.getByRole('dialog', { name: 'Save diagnostics' }).locator('td.mono')
  await names.first().waitFor()
  expect(await names.allTextContents()).toContain('logs/saddlescope.log')
  await page.keyboard.press('Escape')
})
