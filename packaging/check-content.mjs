// Looks into an unpacked package and says whether it holds what it should and nothing else: files, native parts, permissions, build paths, fuses, sizes.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { extractFile, listPackage, statFile, uncache } from '@electron/asar'
import { oldestUnbridged } from '../scripts/find-electron.mjs'
import { readFuses } from './fuses.mjs'
import { bridgeEntry, bridgeFolder, layout, manifest, root } from './names.mjs'

const MB = 1e6
/** Upper bounds in MB, kept with room for one more Electron, not for a forgotten folder. */
export const budget = { asar: 12, openblas: 45, folder: 420 }

const allowedInAsar = [
  /^package\.json$/,
  /^LICENSE$/,
  /^out\/package\.json$/,
  /^out\/main\/(index|workbench|engine|linalg-worker|map-worker|cli|bench)\.js$/,
  /^out\/main\/chunks\/[\w.-]+\.js$/,
  /^out\/preload\/[\w-]+\.js$/,
  /^out\/renderer\/index\.html$/,
  /^out\/renderer\/assets\/[\w.-]+\.(js|css|svg|png|woff2)$/,
  /^out\/wasm\/kernels(-256(-fma)?)?\.wasm$/,
  /^resources\/datasets\/mnist10\.(json|bin\.br)$/,
  /^node_modules\/koffi\/(package\.json|index\.cjs|LICENSE\.txt|src\/koffi\/(index|src\/\w+)\.cjs)$/,
  /^node_modules\/@koromix\/koffi-[\w-]+\/(package\.json|index\.js|\w+\/koffi\.node)$/
]
const bridgeFiles = new RegExp(`^${bridgeFolder}/[\\w-]+\\.cjs$`)
const required = [
  'package.json',
  'LICENSE',
  'out/main/index.js',
  'out/main/cli.js',
  'out/main/engine.js',
  'out/main/workbench.js',
  'out/main/linalg-worker.js',
  'out/main/map-worker.js',
  'out/preload/index.js',
  'out/renderer/index.html',
  'out/wasm/kernels.wasm',
  'out/wasm/kernels-256.wasm',
  'out/wasm/kernels-256-fma.wasm',
  'resources/datasets/mnist10.json'
]
/** Beside app.asar. `openblas` when the library is bundled. */
const besides = ['app.asar', 'app.asar.unpacked', 'bin', 'licences', 'sbom.cdx.json', 'openblas', 'icon.png']
/** What macOS, Windows and electron-builder add beside it. */
const systemBesides =
  /^(elevate\.exe|icon\.icns|electron\.icns|en(_US|_GB)?\.lproj|.*\.lproj|apparmor-profile|package-type|app-update\.yml)$/

export function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

/** Of the files themselves; links are not followed. */
export const bytesOf = (folder) => [...filesBelow(folder)].reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0)

function asarFiles(archive) {
  return listPackage(archive, { isPack: false })
    .map((path) => path.replaceAll('\\', '/').replace(/^\//, ''))
    .map((path) => ({ path, info: statFile(archive, path.split('/').join(sep), false) }))
    .filter(({ info }) => !('files' in info))
}

function contentProblems(files, resources, bridged) {
  const problems = []
  const paths = files.map(({ path }) => path)
  for (const { path, info } of files) {
    const isAllowed = allowedInAsar.some((pattern) => pattern.test(path)) || (bridged && bridgeFiles.test(path))
    if (!isAllowed) problems.push(`app.asar holds ${path}, which does not belong there`)
    const belongsBeside = path.endsWith('.node') || bridgeFiles.test(path)
    if (belongsBeside !== (info.unpacked === true)) problems.push(`${path} is ${belongsBeside ? 'inside' : 'beside'} the archive`)
    if ('link' in info) problems.push(`${path} is a link`)
  }
  for (const path of required) if (!paths.includes(path)) problems.push(`app.asar lacks ${path}`)
  const native = paths.filter((path) => path.endsWith('.node'))
  if (native.length !== 1) problems.push(`app.asar has ${native.length} native parts (${native.join(', ') || 'none'}), must be koffi's one`)
  for (const path of native)
    if (!existsSync(join(resources, 'app.asar.unpacked', path))) problems.push(`${path} is missing beside app.asar`)
  for (const name of readdirSync(resources))
    if (!besides.includes(name) && !systemBesides.test(name)) problems.push(`${name} beside app.asar does not belong there`)
  return problems
}

/** Paths of this checkout or this user in what is text. */
function pathProblems(files, archive, resources) {
  const wanted = [root, homedir()].filter((path) => path.length > 4 || path === '/root')
  const texts = [
    ...files
      .filter(({ path, info }) => !info.unpacked && /\.(js|cjs|json|html|css)$/.test(path))
      .map(({ path }) => [path, extractFile(archive, path.split('/').join(sep)).toString('utf8')]),
    ...[...filesBelow(join(resources, 'bin')), ...filesBelow(join(resources, 'licences')), join(resources, 'sbom.cdx.json')]
      .filter((file) => existsSync(file) && !file.endsWith('chromium.html'))
      .map((file) => [relative(resources, file), readFileSync(file, 'utf8')])
  ]
  const problems = texts.flatMap(([path, text]) =>
    wanted.filter((one) => text.includes(`${one}/`) || text.includes(`${one}\\`)).map((one) => `${path} names the build path ${one}`)
  )
  for (const [path, text] of texts) if (/sourceMappingURL=/.test(text.slice(-200))) problems.push(`${path} names a source map`)
  return problems
}

/** Everybody reads, only the owner writes, programs are executable. */
function permissionProblems(folder, executable, platform) {
  if (platform === 'win32') return []
  const problems = []
  for (const file of filesBelow(folder)) {
    const mode = statSync(file).mode & 0o7777
    if ((mode & 0o444) !== 0o444) problems.push(`${relative(folder, file)} is not readable by everybody (${mode.toString(8)})`)
    if (mode & 0o022) problems.push(`${relative(folder, file)} is writable by others (${mode.toString(8)})`)
  }
  const { resources } = layout(folder, platform)
  for (const program of [executable, join(resources, 'bin', 'saddlescope')])
    if ((statSync(program).mode & 0o111) !== 0o111) problems.push(`${relative(folder, program)} is not executable`)
  return problems
}

/** Which way in the package has, and whether that is the one its Electron needs. */
function entryProblems(archive, files, electronVersion, launcherText) {
  const { main } = JSON.parse(extractFile(archive, 'package.json').toString('utf8'))
  const bridged = Number(electronVersion.split('.')[0]) < oldestUnbridged
  const wanted = bridged ? bridgeEntry : manifest.main
  const problems = main === wanted ? [] : [`package.json starts at ${main}, must be ${wanted} with Electron ${electronVersion}`]
  if (launcherText.includes(bridgeFolder) !== bridged) problems.push(`the launcher ${bridged ? 'does not preload' : 'preloads'} the bridge`)
  if (bridged !== files.some(({ path }) => path === bridgeEntry)) problems.push(`${bridgeEntry} is ${bridged ? 'missing' : 'there'}`)
  return problems
}

/** macOS keeps the hash of app.asar's header in Info.plist, Windows in a resource of the program. */
function integrityProblems(folder, platform) {
  if (platform !== 'darwin') return []
  const plist = readFileSync(join(folder, `${manifest.productName}.app`, 'Contents', 'Info.plist'), 'utf8')
  return plist.includes('ElectronAsarIntegrity') ? [] : ['Info.plist has no ElectronAsarIntegrity']
}

/** Everything that was looked at: `{problems, sizes, fuses, differences, listing}`. */
export async function checkContent(folder, { platform, electronVersion, openblas }) {
  const { executable, resources } = layout(folder, platform)
  const archive = join(resources, 'app.asar')
  // The library keeps headers of archives that it has read by their paths.
  uncache(archive)
  const files = asarFiles(archive)
  const bridged = Number(electronVersion.split('.')[0]) < oldestUnbridged
  const launcherText = readFileSync(join(resources, 'bin', platform === 'win32' ? 'saddlescope.cmd' : 'saddlescope'), 'utf8')
  const fuses = await readFuses(executable, platform)
  const sizes = {
    asar: statSync(archive).size,
    openblas: existsSync(join(resources, 'openblas')) ? bytesOf(join(resources, 'openblas')) : 0,
    folder: bytesOf(folder)
  }
  const problems = [
    ...contentProblems(files, resources, bridged),
    ...entryProblems(archive, files, electronVersion, launcherText),
    ...pathProblems(files, archive, resources),
    ...permissionProblems(folder, executable, platform),
    ...integrityProblems(folder, platform),
    ...fuses.filter(({ right }) => !right).map(({ name, wanted, found }) => `fuse ${name} is ${found}, must be ${wanted}`),
    ...Object.entries(budget).flatMap(([part, most]) =>
      sizes[part] > most * MB ? [`${part} has ${(sizes[part] / MB).toFixed(1)} MB, more than its ${most} MB`] : []
    ),
    ...(openblas && sizes.openblas === 0 ? ['openblas is missing beside app.asar'] : []),
    ...['THIRD-PARTY.txt', 'LICENSE']
      .filter((name) => !existsSync(join(resources, 'licences', name)))
      .map((name) => `licences/${name} is missing`),
    ...(existsSync(join(platform === 'darwin' ? join(resources, 'licences') : folder, 'LICENSES.chromium.html'))
      ? []
      : ['LICENSES.chromium.html is missing'])
  ]
  const differences = bridged
    ? [
        `${files.filter(({ path }) => bridgeFiles.test(path)).length} files in ${bridgeFolder}/, loaded by ${bridgeEntry}: package.json starts there and the launcher preloads it, because Electron ${electronVersion} is older than ${oldestUnbridged}`
      ]
    : []
  return {
    problems,
    sizes,
    fuses,
    differences,
    listing: files.map(({ path, info }) => ({ path, bytes: info.size, unpacked: info.unpacked === true }))
  }
}

/** What people read. */
export function describeContent({ problems, sizes, fuses, differences, listing }) {
  const groups = new Map()
  for (const { path, bytes, unpacked } of listing) {
    const name = `${path
      .split('/')
      .slice(0, path.startsWith('out/') || path.startsWith('node_modules/') ? 2 : 1)
      .join('/')}${unpacked ? ' (beside the archive)' : ''}`
    const before = groups.get(name) ?? { files: 0, bytes: 0 }
    groups.set(name, { files: before.files + 1, bytes: before.bytes + bytes })
  }
  const size = (bytes) => `${(bytes / MB).toFixed(2)} MB`
  return [
    'app.asar:',
    ...[...groups].map(([name, { files, bytes }]) => `  ${name}: ${files} file${files === 1 ? '' : 's'}, ${size(bytes)}`),
    'sizes (and their budgets):',
    ...Object.entries(sizes).map(([part, bytes]) => `  ${part}: ${size(bytes)} (at most ${budget[part]} MB)`),
    'fuses, read back from the program:',
    ...fuses.map(({ name, found }) => `  ${name}: ${found}`),
    ...differences.map((text) => `differs from a package with the current Electron only in: ${text}`),
    ...problems.map((text) => `WRONG: ${text}`),
    `content check: ${problems.length === 0 ? 'ok' : `${problems.length} problem${problems.length === 1 ? '' : 's'}`}`
  ].join('\n')
}
