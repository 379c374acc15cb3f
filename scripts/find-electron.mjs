// Where Electron's binary is: named by the environment, installed already, or downloaded now if its mirror can be reached.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './ensure-built.mjs'

/** Waiting times; shortened by tests through SADDLESCOPE_START_SECONDS, a JSON object. */
export const seconds = { probe: 8, stall: 30, window: 30, ...JSON.parse(process.env.SADDLESCOPE_START_SECONDS ?? '{}') }

/** The oldest Electron the product's own code is written for; an older one gets the bridge of the tests. */
export const oldestUnbridged = 30
const packageFolder = () => process.env.SADDLESCOPE_ELECTRON_PACKAGE ?? join(root, 'node_modules', 'electron')
const executable = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron'

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}

function describe(folder) {
  const version = read(join(folder, 'version'))?.replace(/^v/, '') ?? null
  return { path: join(folder, executable), version, needsBridge: version !== null && Number(version.split('.')[0]) < oldestUnbridged }
}

/** Resolves to null when the mirror answers in time, else to why not. */
function probe(url) {
  return new Promise((resolve) => {
    const call = (url.protocol === 'http:' ? httpRequest : httpsRequest)(url, { method: 'HEAD' }, (response) => {
      response.resume()
      clearTimeout(timer)
      resolve(response.statusCode < 400 ? null : `answered ${response.statusCode}`)
    })
    const timer = setTimeout(() => {
      resolve(`did not answer within ${seconds.probe} s`)
      call.destroy()
    }, seconds.probe * 1000)
    call.on('error', (error) => {
      clearTimeout(timer)
      resolve(`cannot be reached (${error.code ?? error.message})`)
    })
    call.end()
  })
}

function bytesBelow(path) {
  const info = statSync(path, { throwIfNoEntry: false })
  if (!info) return 0
  if (!info.isDirectory()) return info.size
  return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0)
}

/** Runs Electron's own installer; resolves to null, or to why it failed. Gives up when no byte has arrived for a while. */
function install(say) {
  return new Promise((resolve) => {
    const folder = packageFolder()
    const scratch = mkdtempSync(join(tmpdir(), 'saddlescope-electron-'))
    const child = spawn(process.execPath, [join(folder, 'install.js')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch }
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-4000)))
    let bytes = 0
    let lastGrowth = Date.now()
    let lastShown = 0
    let stalled = false
    const timer = setInterval(() => {
      const now = bytesBelow(scratch) + bytesBelow(join(folder, 'dist'))
      if (now > bytes) {
        bytes = now
        lastGrowth = Date.now()
        if (Date.now() - lastShown > 1000) {
          lastShown = Date.now()
          say(`downloading Electron: ${(bytes / 1e6).toFixed(0)} MB`)
        }
      } else if (Date.now() - lastGrowth > seconds.stall * 1000) {
        stalled = true
        child.kill('SIGKILL')
      }
    }, 200)
    const end = (reason) => {
      clearInterval(timer)
      rmSync(scratch, { recursive: true, force: true })
      resolve(reason)
    }
    child.on('error', (error) => end(`could not be started (${error.code ?? error.message})`))
    child.on('exit', (code) => {
      if (stalled) end(`no byte arrived for ${seconds.stall} s`)
      else end(code === 0 ? null : (/^.*error.*$/im.exec(output)?.[0].trim() ?? `its installer ended with code ${code}`))
    })
  })
}

/** `{path, version, needsBridge}`, or `{reason}` in one sentence. */
export async function findElectron(say) {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (override) {
    const found = describe(override)
    return existsSync(found.path) ? found : { reason: `ELECTRON_OVERRIDE_DIST_PATH names ${override}, where there is no ${executable}` }
  }
  const folder = packageFolder()
  const installed = describe(join(folder, 'dist'))
  if (existsSync(installed.path) && existsSync(join(folder, 'path.txt'))) return installed
  const manifest = read(join(folder, 'package.json'))
  if (!manifest) return { reason: 'the package electron is not installed: run `npm ci`' }
  const { version } = JSON.parse(manifest)
  const mirror =
    process.env.ELECTRON_MIRROR ?? process.env.npm_config_electron_mirror ?? 'https://github.com/electron/electron/releases/download/'
  const url = new URL(`v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`, mirror)
  const unreachable = await probe(url)
  if (unreachable)
    return {
      reason: `Electron's binary is not installed and ${url.host} ${unreachable}; \`npx install-electron\` with a connection brings the window`
    }
  say(`downloading Electron ${version} from ${url.host}…`)
  const failure = await install(say)
  if (failure) return { reason: `Electron's download was given up: ${failure}` }
  return describe(join(folder, 'dist'))
}
