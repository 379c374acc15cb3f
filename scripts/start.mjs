// `npm start`: the workbench in an Electron window; where that cannot run, the same workbench in the browser, and it says why.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createWriteStream, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findElectron, seconds } from './find-electron.mjs'
import { ensureBuilt, root } from './ensure-built.mjs'

const args = process.argv.slice(2)
/** Printed by the app when its page has loaded and asks for the workbench. */
const readyLine = 'saddlescope: window ready'
/** Chromium's own messages are for the log. */
const chromiumLog = /^\[\d+:\d{4}\//
const say = (text) => process.stderr.write(`${text}\n`)

/** Why a window is out of the question, before any binary is looked for; null when it is not. */
function browserReason() {
  if (process.env.SADDLESCOPE_UI === 'browser') return 'SADDLESCOPE_UI=browser'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)'
  if (process.getuid?.() === 0 && !args.includes('--no-sandbox'))
    return "Electron's sandbox does not start as root: use an ordinary account, or `npm start -- --no-sandbox` if you accept a page without a sandbox"
  return null
}

/** Cause and cure in one sentence, from how Electron ended and what it printed. */
function explainExit(code, signal, output) {
  const library = /error while loading shared libraries: ([^:\s]+)/.exec(output)?.[1]
  if (library)
    return `the system library ${library} is missing: install the package that has it (Debian and Ubuntu: apt install libgtk-3-0 libnss3 libasound2 libgbm1)`
  if (/without --no-sandbox is not supported|sandbox helper|No usable sandbox|setuid sandbox/i.test(output) || signal === 'SIGTRAP')
    return 'its sandbox is not permitted here: see "Electron sandbox" in README.md, or `npm start -- --no-sandbox` if you accept a page without a sandbox'
  if (/Missing X server|cannot open display|Failed to connect to Wayland|Unable to open X display/i.test(output) || signal === 'SIGSEGV')
    return 'it could not open the display: check DISPLAY or WAYLAND_DISPLAY'
  if (code === 127)
    return 'the program or a library it needs was not found: delete node_modules/electron/dist and run `npx install-electron`'
  if (signal) return `it was ended by ${signal}: its log may say why`
  return `it exited with code ${code}: its log may say why`
}

/** Runs Electron; resolves to `{done: status}` when a window was shown, or `{failed: reason}` when none came. */
function runElectron(electron) {
  return new Promise((resolve) => {
    const bridge = electron.needsBridge ? ['-r', join(root, 'test', 'electron-compat', 'main.cjs')] : []
    const switches = args.includes('--no-sandbox') ? ['--no-sandbox'] : []
    const child = spawn(electron.path, [...bridge, ...switches, root, ...args.filter((arg) => arg !== '--no-sandbox')], {
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const logFile = join(tmpdir(), `saddlescope-electron-${process.pid}.log`)
    const log = createWriteStream(logFile)
    let output = ''
    let ready = false
    let settled = false
    const fail = (reason) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      log.end()
      resolve({ failed: `${reason} (log: ${logFile})` })
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`no window within ${seconds.window} s: its log may say why`)
    }, seconds.window * 1000)
    // What the app says before its window is there is held back: it belongs to the log when no window comes.
    const heldBack = []
    const onLine = (line) => {
      log.write(`${line}\n`)
      if (!ready) output = `${output}${line}\n`.slice(-100_000)
      if (line === readyLine && !ready) {
        ready = true
        clearTimeout(timer)
        say('window opened')
        heldBack.splice(0).forEach(say)
      } else if (!chromiumLog.test(line)) {
        if (ready) say(line)
        else heldBack.push(line)
      }
    }
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', onLine)
    child.on('error', (error) => fail(`it could not be started (${error.code ?? error.message})`))
    child.on('close', (code, signal) => {
      if (!ready) return fail(explainExit(code, signal, output))
      settled = true
      log.end()
      resolve({ done: signal ? 1 : (code ?? 0) })
    })
    for (const name of ['SIGTERM', 'SIGINT']) process.on(name, () => child.kill(name))
  })
}

function runInBrowser(reason) {
  say(`the workbench runs in the browser: ${reason}`)
  const workbench = join(root, 'out', 'main', 'cli.js')
  process.argv = [process.execPath, workbench, 'serve', ...args.filter((arg) => arg !== '--no-sandbox')]
  createRequire(import.meta.url)(workbench)
}

async function main() {
  await ensureBuilt()
  let reason = browserReason()
  if (reason === null) {
    const electron = await findElectron(say)
    if (electron.path && existsSync(electron.path)) {
      const result = await runElectron(electron)
      if ('done' in result) process.exit(result.done)
      reason = `Electron did not open a window: ${result.failed}`
    } else reason = electron.reason ?? `the Electron binary ${electron.path} is not there: check ELECTRON_OVERRIDE_DIST_PATH`
  }
  for (const name of ['SIGTERM', 'SIGINT']) process.removeAllListeners(name)
  runInBrowser(reason)
}

main().catch((error) => {
  say(error.message)
  process.exit(1)
})
