// Screenshots of screens, light and dark, with axe on each: node test/renderer-fixture/shots.mjs LINK OUT_FOLDER [NAME…]
import { mkdirSync, mkdtempSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const [link, out, ...only] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const screens = {
  runs: { path: '/' },
  new: { path: '/new' },
  edit: { path: '/new?preset=sfn-mnist10', wait: 900 },
  overview: { path: '/run/sfn-mnist10' },
  live: { path: '/run/sfn-mnist10-live', wait: 2500 },
  spectrum: { path: '/run/sfn-mnist10/spectrum?eigenvalue=0&step=100', wait: 1200 },
  steps: { path: '/run/sfn-mnist10/steps' },
  config: { path: '/run/sfn-mnist10/config' },
  files: { path: '/run/sfn-mnist10/files' },
  log: { path: '/run/newton-mnist10/log' },
  attack: { path: '/run/attack' },
  hessian: { path: '/run/sfn-mnist10/hessian', wait: 3000 },
  compare: { path: '/compare?runs=sfn-mnist10,newton-mnist10,adam-mnist10', wait: 1200 },
  snapshots: { path: '/snapshots' },
  datasets: { path: '/datasets' },
  playground: { path: '/playground', wait: 1500 },
  settings: { path: '/settings' },
  gallery: { path: '/gallery' },
  missing: { path: '/nowhere' }
}
const browser = await chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'shots-')), {
  executablePath: '/usr/bin/chromium',
  headless: true,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync'
  ],
  viewport: { width: 1440, height: 900 },
  bypassCSP: false
})
const page = await browser.newPage()
const problems = []
page.on('console', (message) => ['error', 'warning'].includes(message.type()) && problems.push(`${message.type()}: ${message.text()}`))
page.on('pageerror', (error) => problems.push(`pageerror: ${error.stack}`))
await page.goto(link)
await page.waitForTimeout(500)
const origin = new URL(link).origin
for (const theme of ['light', 'dark']) {
  await page.evaluate((choice) => localStorage.setItem('saddlescope.theme', choice), theme)
  await page.reload()
  for (const [name, { path, wait = 700 }] of Object.entries(screens)) {
    if (only.length > 0 && !only.includes(name)) continue
    await page.goto(`${origin}/#${path}`)
    await page.waitForTimeout(wait)
    await page.screenshot({ path: join(out, `${name}-${theme}.png`) })
    // axe is injected over the protocol, which the page's policy does not govern.
    const source = await import('node:fs').then(({ readFileSync }) => readFileSync(axePath, 'utf8'))
    await page.evaluate(source)
    const violations = await page.evaluate(() =>
      globalThis.axe.run(document).then((result) =>
        result.violations.map(
          (one) =>
            `${one.id}: ${one.nodes
              .slice(0, 3)
              .map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`)
              .join(' || ')}`
        )
      )
    )
    for (const violation of violations) console.log(`AXE ${name} ${theme} ${violation}`)
    for (const problem of problems.splice(0)) console.log(`CONSOLE ${name} ${theme} ${problem}`)
  }
}
await browser.close()
