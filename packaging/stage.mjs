// Lays out what goes into app.asar, and nothing else: the built programs and page, the built-in data, koffi with the one binary of the target, licences.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { authors, bridgeEntry, bridgeFolder, dist, manifest, root } from './names.mjs'

/** Of koffi only what is loaded: no C++ sources, headers, documentation or ES module twins. */
const koffiFiles = [
  'package.json',
  'index.cjs',
  'LICENSE.txt',
  'src/koffi/index.cjs',
  'src/koffi/src/static.cjs',
  'src/koffi/src/trampolines.cjs'
]

function stageKoffi(app, platform, arch) {
  const modules = join(root, 'node_modules')
  const binary = `@koromix/koffi-${platform}-${arch}`
  if (!existsSync(join(modules, binary)))
    throw new Error(`koffi's binary for ${platform} ${arch} is not installed: \`npm install --no-save --force ${binary}\` brings it`)
  for (const file of koffiFiles) cpSync(join(modules, 'koffi', file), join(app, 'node_modules', 'koffi', file))
  const files = ['package.json', 'index.js', `${platform}_${arch}/koffi.node`]
  for (const file of files) cpSync(join(modules, binary, file), join(app, 'node_modules', binary, file))
  const version = (name) => JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version
  return { koffi: version('koffi'), [binary]: version(binary) }
}

/** The one entry that an Electron too old for the product needs: the bridge in every process, then the app. */
const entryText = `// Generated when the app is packaged with an Electron older than the product is written for: loads the bridge in every process.
const path = require('path')
const childProcess = require('child_process')

if (process.type === 'browser') {
  // From beside the archive, where the utility processes that it preloads node.cjs into find it too.
  require(path.join(__dirname.replace(/app\\.asar(?=[/\\\\])/, 'app.asar.unpacked'), 'main.cjs'))
  require('../out/main/index.js')
} else {
  // The command line and the engines it forks run as Node: the launcher preloads this file, and forks pass it on.
  require('./node.cjs')
  const fork = childProcess.fork
  childProcess.fork = (program, args, options = {}) => fork(program, args, { ...options, execArgv: ['-r', __filename, ...(options.execArgv || [])] })
}
`

function stageBridge(app) {
  const source = join(root, 'test', 'electron-compat')
  for (const name of readdirSync(source)) cpSync(join(source, name), join(app, bridgeFolder, name))
  writeFileSync(join(app, bridgeEntry), entryText)
}

/** Returns the folder. `bridged`: with the compatibility bridge as its entry. */
export function stageApp({ platform, arch, bridged }) {
  const app = join(dist, 'stage', `${platform}-${arch}`)
  rmSync(app, { recursive: true, force: true })
  mkdirSync(app, { recursive: true })
  for (const part of ['main', 'preload', 'renderer', 'wasm', 'package.json'])
    cpSync(join(root, 'out', part), join(app, 'out', part), { recursive: true })
  cpSync(join(root, 'resources', 'datasets'), join(app, 'resources', 'datasets'), { recursive: true })
  cpSync(join(root, 'LICENSE'), join(app, 'LICENSE'))
  const dependencies = stageKoffi(app, platform, arch)
  if (bridged) stageBridge(app)
  const { name, productName, version, description, license } = manifest
  const main = bridged ? bridgeEntry : manifest.main
  const staged = { name, productName, version, description, license, author: authors, private: true, main, dependencies }
  writeFileSync(join(app, 'package.json'), `${JSON.stringify(staged, null, 2)}\n`)
  return app
}

/** The command line's launcher for a platform: `{name, text}`. */
export function launcher(platform, executable, bridged) {
  const preload = bridged
    ? platform === 'win32'
      ? `-r "%resources%\\app.asar.unpacked\\${bridgeEntry.replace('/', '\\')}" `
      : `-r "$resources/app.asar.unpacked/${bridgeEntry}" `
    : ''
  const file = platform === 'win32' ? 'saddlescope.cmd' : 'saddlescope'
  const text = readFileSync(join(root, 'packaging', 'launcher', file), 'utf8')
    .replaceAll('@EXECUTABLE@', executable)
    .replaceAll('@PRELOAD@', preload)
  return { name: file, text }
}

/** Writes text to a file whose folder may be missing. */
export function writeText(file, text, mode = 0o644) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text, { mode })
}
