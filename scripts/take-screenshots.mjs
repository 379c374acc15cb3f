// Takes the pictures of the README and the guide from real runs and asserts what is on each: `node scripts/take-screenshots.mjs` (needs Chromium; writes docs/pictures).
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { ensureBuilt, root } from './ensure-built.mjs'

/**
 * A picture's file, address, theme, and what must be seen on it: texts in elements that lie inside the picture and on top.
 */
const pictures = [
  {
    name: 'runs',
    route: '#/',
    shows: [
      ['h1', /^Runs/],
      ['[role=row]', /Saddle-free Newton.*100 \/ 100.*sfn.*mnist10/],
      ['[role=row]', /Gradient descent/],
      ['[role=columnheader]', /λ min/]
    ]
  },
  {
    name: 'run',
    route: '#/run/sfn-on-small-digits',
    shows: [
      ['[role=tab][aria-selected=true]', /^Overview/],
      ['.figure', /Step\s*40 \/ 40/],
      ['.figure', /P\s*565/],
      ['figure header', /^Loss$/],
      ['figure header', /^Smallest eigenvalue$/]
    ]
  },
  {
    name: 'spectrum',
    route: '#/run/sfn-on-small-digits/spectrum?step=8',
    shows: [
      ['[role=tab][aria-selected=true]', /^Spectrum/],
      ['figure header', /^Eigenvalues of full after step 8/],
      ['[data-testid=checks]', /^verified: \d checks$/],
      ['[data-testid=histogram-sum]', /565 of 565 eigenvalues; \d+ below zero/]
    ]
  },
  {
    name: 'playground',
    route: '#/playground',
    shows: [
      ['h1', /^Playground$/],
      ['figure header', /^Rosenbrock$/],
      ['main', /step 60 of 60/]
    ]
  }
]

/** The matching element must be drawn inside the picture and not lie under another; a driver would scroll to it, a reader cannot. */
async function expectShown(page, picture, selector, pattern) {
  const found = page.locator(selector).filter({ hasText: pattern }).first()
  await found.waitFor({ timeout: 10_000 }).catch(() => assert.fail(`${picture}: no ${selector} with ${pattern}`))
  const seen = await found.evaluate((element) => {
    const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
    const large = height > window.innerHeight / 2
    const middle = document.elementFromPoint((left + right) / 2, large ? top + 4 : (top + bottom) / 2)
    const inside = left >= 0 && top >= 0 && right <= window.innerWidth && (large || bottom <= window.innerHeight)
    return { inside: inside && width > 0 && height > 0, onTop: middle !== null && (element.contains(middle) || middle.contains(element)) }
  })
  assert.deepEqual(seen, { inside: true, onTop: true }, `${picture}: ${selector} with ${pattern} cannot be seen on it`)
}

await ensureBuilt()
const cli = join(root, 'out', 'main', 'cli.js')
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-pictures-'))
const workspace = join(folder, 'workspace')
let server
let browser
try {
  for (const preset of ['sfn-mnist10', 'face-off-mnist10'])
    execFileSync(process.execPath, [cli, 'run', preset, '--workspace', workspace], { stdio: 'inherit' })
  server = spawn(process.execPath, [cli, 'serve', '--no-demo', '--workspace', workspace, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const link = await new Promise((done) => {
    let output = ''
    for (const stream of [server.stdout, server.stderr])
      stream.on('data', (chunk) => {
        output += chunk
        const found = /http:\/\/\S+#token=[\w-]+/.exec(output)
        if (found) done(found[0])
      })
  })
  browser = await chromium.launch({
    executablePath: process.env.SADDLESCOPE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu']
  })
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' })
  await page.goto(link)
  await page.getByText('Connected').waitFor()
  for (const { name, route, shows } of pictures) {
    await page.evaluate((hash) => (window.location.hash = hash), route)
    for (const [selector, pattern] of shows) await expectShown(page, name, selector, pattern)
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'light', `${name}: the theme`)
    // Charts draw themselves after the text around them.
    await page.waitForTimeout(1500)
    await page.screenshot({ path: join(root, 'docs', 'pictures', `${name}.png`) })
    console.log(`docs/pictures/${name}.png`)
  }
} finally {
  await browser?.close()
  if (server) {
    server.kill('SIGTERM')
    await new Promise((done) => server.on('close', done))
  }
  rmSync(folder, { recursive: true, force: true })
}
