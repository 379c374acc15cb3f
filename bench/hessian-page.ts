// The Hessian page in a browser: how soon a large matrix is painted, how even panning and zooming are, and whether anything holds the page up for 50 ms.
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openWorkspace, streamArray, realFileSystem } from '../src/store'
import { importArray } from '../src/store/transfer'
import { median } from './measure'
import type { Bench, BenchOptions, Row } from './bench'

/** What is used of playwright-core, which is there in a checkout only. */
interface Page {
  goto(address: string): Promise<unknown>
  evaluate<Result>(script: string): Promise<Result>
  readonly mouse: {
    move(x: number, y: number): Promise<void>
    down(): Promise<void>
    up(): Promise<void>
    wheel(dx: number, dy: number): Promise<void>
  }
}
interface Browser {
  newPage(options: { viewport: { width: number; height: number } }): Promise<Page>
  close(): Promise<void>
}
interface Driver {
  readonly chromium: { launch(options: { executablePath: string; headless: boolean; args: string[] }): Promise<Browser> }
}

/** The checkout, or the installed package. */
const root = __dirname.replace(/[\\/]out[\\/]main.*$/, '')
const load = createRequire(join(root, 'package.json'))
const browsers = [
  process.env.SADDLESCOPE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
]

/** Null with the reason where there is no browser to drive. */
async function openBrowser(note: (text: string) => void): Promise<Browser | null> {
  const executablePath = browsers.find((path) => path !== undefined && existsSync(path))
  if (executablePath === undefined) {
    note('no Chromium: install it, or name it in SADDLESCOPE_CHROMIUM')
    return null
  }
  try {
    const { chromium } = load('playwright-core') as Driver
    return await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--no-first-run'] })
  } catch (error) {
    note(`no browser: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`)
    return null
  }
}

/** `serve` of the built program; resolves with its link. */
async function serve(workspace: string): Promise<{ child: ChildProcess; link: string }> {
  const child = spawn(
    process.execPath,
    [join(root, 'out', 'main', 'cli.js'), 'serve', '--workspace', workspace, '--port', '0', '--no-demo'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, XDG_STATE_HOME: join(workspace, '..', 'state') }
    }
  )
  const link = await new Promise<string>((done, fail) => {
    let output = ''
    const take = (chunk: Buffer) => {
      const found = /http:\/\/\S+#token=[\w-]+/.exec((output += chunk.toString()))
      if (found) done(found[0])
    }
    child.stdout?.on('data', take)
    child.stderr?.on('data', take)
    child.on('close', () => fail(new Error(`serve ended: ${output}`)))
  })
  return { child, link }
}

/** It writes until it has ended. */
function ended(child: ChildProcess): Promise<unknown> {
  const closed = new Promise((done) => child.once('close', done))
  child.kill('SIGTERM')
  return closed
}

/** A symmetric matrix with entries over many decades, row by row. */
function* rowsOf(n: number): Generator<Float64Array> {
  for (let i = 0; i < n; i++)
    yield Float64Array.from({ length: n }, (_, k) => Math.sin(i * k + i + k) * 10 ** ((((i ^ k) * 2654435761) >>> 0) % 7))
}

async function makeRun(folder: string, n: number): Promise<void> {
  const workspace = await openWorkspace(join(folder, 'workspace'))
  const path = join(folder, `matrix-${n}.npy`)
  await streamArray(realFileSystem, path, { shape: [n, n], pieces: rowsOf(n) }, 'float64')
  await importArray(workspace, path, { id: `matrix-${n}` })
  rmSync(path)
}

/** Scripts in the page: a canvas that has colours, frames while something is done, tasks of 50 ms and more. */
const painted = `(() => {
  const canvas = document.querySelector('.pictures canvas')
  if (!canvas || canvas.width === 0) return false
  const { data } = canvas.getContext('2d').getImageData(Math.floor(canvas.width / 2) - 40, Math.floor(canvas.height / 2) - 40, 80, 80)
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) return true
  return false
})()`
const paintAfterVisit = (route: string) => `new Promise((done) => {
  const began = performance.now()
  location.hash = ${JSON.stringify(route)}
  const look = () => (${painted} ? done(performance.now() - began) : requestAnimationFrame(look))
  requestAnimationFrame(look)
})`
const watch = `(() => {
  const seen = (window.hessianBench = { tasks: [], frames: [], last: 0, on: true })
  new PerformanceObserver((list) => seen.on && seen.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ['longtask'] })
  const frame = (now) => {
    if (seen.last) seen.frames.push(now - seen.last)
    seen.last = now
    if (seen.on) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
})()`
const seen = `(() => { const { tasks, frames } = window.hessianBench; window.hessianBench.on = false; return { tasks, frames } })()`
const renderer = `(() => {
  const context = document.createElement('canvas').getContext('webgl')
  const info = context?.getExtension('WEBGL_debug_renderer_info')
  return info ? context.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'no WebGL: software canvas'
})()`
const place = `(() => { const { x, y, width, height } = document.querySelector('.pictures canvas').getBoundingClientRect(); return { x, y, width, height } })()`

const percentile = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(part * values.length))] ?? NaN
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds))

async function paintTimes(page: Page, n: number, times: number): Promise<{ first: number; warm: number }> {
  const all: number[] = []
  for (let k = 0; k <= times; k++) {
    await page.evaluate(`location.hash = '#/run/matrix-${n}'`)
    await pause(700)
    all.push(await page.evaluate<number>(paintAfterVisit(`#/run/matrix-${n}/hessian`)))
    await pause(700)
  }
  return { first: all[0], warm: median(all.slice(1)) }
}

/** Drags to and fro at a zoom, and zooms out and in. */
async function moveAbout(page: Page, scale: number): Promise<{ tasks: number[]; frames: number[] }> {
  await page.evaluate(`location.hash = location.hash.split('?')[0] + '?at=900,900,${scale}'`)
  await pause(300)
  // The view is read when the screen opens.
  await page.evaluate(`(() => { const hash = location.hash; location.hash = '#/'; setTimeout(() => (location.hash = hash), 300) })()`)
  await pause(2500)
  const { x, y, width, height } = await page.evaluate<{ x: number; y: number; width: number; height: number }>(place)
  const [cx, cy] = [x + width / 2, y + height / 2]
  await page.evaluate(watch)
  await page.mouse.move(cx, cy)
  await page.mouse.down()
  for (let k = 1; k <= 120; k++) await page.mouse.move(cx - 260 * Math.sin(k / 9), cy - 200 * Math.sin(k / 13))
  await page.mouse.up()
  for (let k = 0; k < 40; k++) await page.mouse.wheel(0, k < 20 ? 60 : -60)
  await pause(500)
  return page.evaluate(seen)
}

async function run({ long, report, note, signal }: BenchOptions): Promise<readonly Row[]> {
  const browser = await openBrowser(note)
  if (!browser) return []
  const folder = mkdtempSync(join(tmpdir(), 'saddlescope-bench-'))
  const rows: Row[] = []
  const add = (row: Row) => {
    report(row)
    rows.push(row)
  }
  let child: ChildProcess | null = null
  try {
    for (const n of [5000, 7500]) {
      note(`writing and importing a matrix of ${n}²`)
      await makeRun(folder, n)
      signal?.throwIfAborted()
    }
    const served = await serve(join(folder, 'workspace'))
    child = served.child
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(served.link)
    await pause(2500)
    const name = await page.evaluate<string>(renderer)
    const row = (what: string, n: number, figures: Partial<Record<'p50' | 'p95' | 'longest' | 'longTasks', number>>) =>
      add({
        what,
        n,
        p50: figures.p50 ?? null,
        p95: figures.p95 ?? null,
        longest: figures.longest ?? null,
        longTasks: figures.longTasks ?? null,
        renderer: name
      })
    for (const n of [5000, 7500]) {
      const { first, warm } = await paintTimes(page, n, long ? 15 : 5)
      row('first visit to first paint, ms', n, { longest: first })
      row('later visit to first paint, ms', n, { p50: warm })
      for (const scale of [0.3, 1, 12]) {
        const { tasks, frames } = await moveAbout(page, scale)
        row(`frames while moving at ${scale} px an entry, ms`, n, {
          p50: percentile(frames, 0.5),
          p95: percentile(frames, 0.95),
          longest: Math.max(0, ...tasks),
          longTasks: tasks.length
        })
      }
      signal?.throwIfAborted()
    }
    return rows
  } finally {
    await browser.close()
    if (child) await ended(child)
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

export const hessianPageBench: Bench = { describe: 'the Hessian page in a browser: first paint, frames and long tasks while moving', run }
