// Takes the pictures of the README and the guide from real runs: `node scripts/take-screenshots.mjs` (needs Chromium; writes docs/pictures).
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { ensureBuilt, root } from './ensure-built.mjs'

await ensureBuilt()
const cli = join(root, 'out', 'main', 'cli.js')
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-pictures-'))
const workspace = join(folder, 'workspace')
for (const preset of ['sfn-mnist10', 'face-off-mnist10'])
  execFileSync(process.execPath, [cli, 'run', preset, '--workspace', workspace], { stdio: 'inherit' })

const server = spawn(process.execPath, [cli, 'serve', '--no-demo', '--workspace', workspace, '--port', '0'], {
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
const browser = await chromium.launch({
  executablePath: process.env.SADDLESCOPE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu']
})
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' })
await page.goto(link)
await page.getByText('Connected').waitFor()

async function picture(name, route, scheme = 'light') {
  await page.emulateMedia({ colorScheme: scheme })
  await page.evaluate((hash) => (window.location.hash = hash), route)
  await page.waitForTimeout(2500)
  await page.screenshot({ path: join(root, 'docs', 'pictures', `${name}.png`) })
}

await picture('runs', '#/')
await picture('run', '#/run/sfn-on-small-digits')
await picture('spectrum', '#/run/sfn-on-small-digits?tab=spectrum&step=8', 'dark')
await picture('playground', '#/playground')
await browser.close()
server.kill('SIGTERM')
await new Promise((done) => server.on('close', done))
rmSync(folder, { recursive: true, force: true })
