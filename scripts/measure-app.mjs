// Measures the built desktop app: from the start of its process to the first paint, and the memory of each process when idle. For reading, no test.
// `node scripts/measure-app.mjs [times]` on a display; ELECTRON_OVERRIDE_DIST_PATH names another Electron than the installed one.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import { ensureBuilt, root } from './ensure-built.mjs'
import { findElectron } from './find-electron.mjs'

await ensureBuilt()
const { path, version, needsBridge, reason } = await findElectron((line) => process.stderr.write(`${line}\n`))
if (reason) throw new Error(reason)
const bridge = needsBridge ? ['-r', join(root, 'test', 'electron-compat', 'main.cjs')] : []
const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const times = Number(process.argv[2] ?? 5)
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-measure-'))
const paints = []
let memory = []

try {
  for (let k = 0; k < times; k++) {
    const app = await _electron.launch({
      executablePath: path,
      args: [
        ...sandbox,
        `--user-data-dir=${join(folder, 'user-data')}`,
        ...bridge,
        root,
        '--workspace',
        join(folder, 'workspace'),
        '--no-demo'
      ],
      timeout: 60_000
    })
    const page = await app.firstWindow()
    await page.getByText('Connected').waitFor()
    const painted = await page.evaluate("performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime")
    const [started, metrics] = await app.evaluate(({ app: electronApp }) => [process.getCreationTime(), electronApp.getAppMetrics()])
    paints.push(painted - started)
    memory = metrics.map(({ type, name, memory: { workingSetSize } }) => ({
      process: name ?? type,
      megabytes: Math.round(workingSetSize / 1024)
    }))
    await app.close()
  }
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
}

paints.sort((a, b) => a - b)
const seconds = (milliseconds) => (milliseconds / 1000).toFixed(2)
process.stdout.write(`Electron ${version}, load of the machine ${loadavg()[0].toFixed(1)}\n`)
process.stdout.write(
  `process start to first contentful paint: median ${seconds(paints[Math.floor(times / 2)])} s (${seconds(paints[0])} to ${seconds(paints[times - 1])} s, ${times} starts)\n`
)
for (const { process: name, megabytes } of memory)
  process.stdout.write(`idle memory (resident, shared pages included): ${name} ${megabytes} MB\n`)
