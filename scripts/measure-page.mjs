// Measures the memory of the page over long browsing: `node scripts/measure-page.mjs [minutes]` (60; needs Chromium). For reading, no test.
// Goes through every screen of a workspace with real runs, moves through snapshots, zooms and pans, opens menus and the palette; after each lap the garbage is collected and counted.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, root } from './ensure-built.mjs'
import { openChromium, serveWorkspace } from './serve-workspace.mjs'

const minutes = Number(process.argv[2] ?? 60)
await ensureBuilt()
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-page-'))
const workspace = join(folder, 'workspace')
const cli = join(root, 'out', 'main', 'cli.js')
execFileSync(process.execPath, [cli, 'run', 'sfn-mnist10', '--workspace', workspace, '--set', 'snapshots.hessian=true', '--id', 'sfn'])
execFileSync(process.execPath, [cli, 'run', 'face-off-mnist10', '--workspace', workspace])

const routes = [
  '/',
  '/run/sfn',
  '/run/sfn/spectrum',
  '/run/sfn/spectrum?step=8&with=sfn:40/full',
  '/run/sfn/hessian',
  '/run/sfn/hessian?step=8&beside=sfn:40/full',
  '/run/sfn/steps',
  '/run/sfn/time',
  '/run/sfn/config',
  '/run/sfn/files',
  '/run/sfn/log',
  '/snapshots',
  '/datasets?id=mnist10',
  '/compare?runs=sfn,saddle-free-newton',
  '/playground',
  '/new?preset=sfn-mnist10',
  '/queue',
  '/trash',
  '/settings'
]

const server = await serveWorkspace(workspace)
const browser = await openChromium()
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  const faults = []
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(server.link)
  await page.getByText('Connected').waitFor()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const whole = await browser.newBrowserCDPSession()

  async function count() {
    await session.send('HeapProfiler.collectGarbage')
    await session.send('HeapProfiler.collectGarbage')
    const { metrics } = await session.send('Performance.getMetrics')
    const of = (name) => metrics.find((one) => one.name === name).value
    const { processInfo } = await whole.send('SystemInfo.getProcessInfo')
    const resident = processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))[1]) / 1024)
    return { heap: of('JSHeapUsedSize') / 1e6, nodes: of('Nodes'), listeners: of('JSEventListeners'), process: Math.max(...resident) }
  }

  const pressed = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  async function use(route) {
    await page.evaluate((hash) => (window.location.hash = hash), route)
    await page.waitForTimeout(500)
    const slider = page.locator('main [role=slider], main input[type=range]').first()
    if (await slider.isVisible().catch(() => false)) {
      await slider.focus()
      await pressed('Home', 'ArrowRight', 'ArrowRight', 'End')
    }
    const canvas = page.locator('main canvas').first()
    if (await canvas.isVisible().catch(() => false)) {
      await canvas.scrollIntoViewIfNeeded()
      await canvas.hover({ timeout: 2000 }).catch(() => undefined)
      for (const dy of [-400, -400, 300, 500]) await page.mouse.wheel(0, dy)
    }
    await page.mouse.move(720, 450)
    await pressed('Control+k')
    await page.keyboard.type('mnist')
    await pressed('Escape')
    await page.waitForTimeout(300)
  }

  const begun = Date.now()
  const laps = []
  while (Date.now() - begun < minutes * 60_000 || laps.length < 3) {
    for (const route of routes) await use(route)
    await page.evaluate(() => (window.location.hash = '/'))
    await page.waitForTimeout(500)
    const lap = { minute: (Date.now() - begun) / 60_000, ...(await count()) }
    laps.push(lap)
    process.stdout.write(
      `${lap.minute.toFixed(1)} min: ${lap.heap.toFixed(1)} MB of objects, ${lap.nodes} nodes, ${lap.listeners} listeners, process ${lap.process.toFixed(0)} MB (proportional)\n`
    )
  }
  // The first lap loads code and fonts; growth is counted from the second.
  const [, first, last] = [laps[0], laps[1], laps.at(-1)]
  process.stdout.write(
    `${laps.length} laps of ${routes.length} screens; from lap 2 to the last: objects ${(last.heap - first.heap).toFixed(1)} MB, process ${(last.process - first.process).toFixed(0)} MB; errors in the page: ${faults.length}\n`
  )
  for (const fault of new Set(faults)) process.stdout.write(`  ${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
} finally {
  await browser.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
