// Installs what packaging needs and the product does not: the tools of packaging/package.json, and a newer Node where the running one is too old for them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const packaging = dirname(fileURLToPath(import.meta.url))
/** What electron-installer-debian, @electron/fuses and @electron/asar ask for. */
const oldestNode = [22, 12]

const say = (text) => void process.stderr.write(`${text}\n`)

const isNewEnough = (version) => {
  const [major, minor] = version.split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

/** `npm ci` in a folder, when its lock file has changed since the last one. */
function install(folder, what, path = process.env.PATH) {
  const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8')
  const stamp = join(folder, 'node_modules', '.saddlescope-lock.json')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  say(`installing ${what}…`)
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    env: { ...process.env, PATH: path }
  })
  if (status !== 0) throw new Error(`npm could not install ${what}: what it said is above`)
  writeFileSync(stamp, lock)
}

/** The Node that runs the packaging tools: this one, or a newer one out of the npm package `node-PLATFORM-ARCH`. */
export function bringNode() {
  if (isNewEnough(process.versions.node)) return process.execPath
  const { platform, arch } = process
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`
  const folder = join(packaging, 'node')
  const { optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  if (!(name in optionalDependencies))
    throw new Error(
      `packaging needs Node ${oldestNode.join('.')} or newer, this is ${process.versions.node}, and npm has none for ${platform} ${arch}: install Node 24`
    )
  install(folder, `Node 24 for the packaging tools, which want ${oldestNode.join('.')} or newer (this is ${process.versions.node})`)
  return join(folder, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node')
}

/** The packaging tools, installed with `node` first on the path. */
export function bringTools(node) {
  install(packaging, 'the packaging tools', `${dirname(node)}${delimiter}${process.env.PATH}`)
}
