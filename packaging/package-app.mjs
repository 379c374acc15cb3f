// Makes a package of the app for this system: staged files, electron-builder, fuses, the content check, then installers. Started by scripts/package.mjs.
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Arch, build, Platform } from 'electron-builder'
import { fetchOpenblas } from '../scripts/fetch-openblas.mjs'
import { findElectron } from '../scripts/find-electron.mjs'
import { ensureBuilt } from '../scripts/ensure-built.mjs'
import { checkContent, describeContent, filesBelow } from './check-content.mjs'
import { builderConfig } from './config.mjs'
import { makeDeb } from './deb.mjs'
import { setFuses } from './fuses.mjs'
import { drawIcons } from './icons.mjs'
import { bundledPackages, licencesText } from '../scripts/licences.mjs'
import { dist, executableName, layout, manifest, root } from './names.mjs'
import { proveCheck } from './prove-check.mjs'
import { makeSbom } from './sbom.mjs'
import { launcher, stageApp, writeText } from './stage.mjs'

const kinds = {
  '--dir': { platform: null, makes: 'the unpacked app of this system' },
  '--deb': { platform: 'linux', makes: 'a Debian package' },
  '--linux': { platform: 'linux', makes: 'a Debian package and an AppImage' },
  '--win': { platform: 'win32', makes: 'a Windows installer' },
  '--mac': { platform: 'darwin', makes: 'a macOS disk image' },
  '--check': { platform: null, makes: 'nothing: looks into what was made last, and whether the check finds what is wrong' }
}
const say = (text) => void process.stdout.write(`${text}\n`)
const fail = (text) => {
  process.stderr.write(`${text}\n`)
  process.exit(2)
}

function chosen(words) {
  const [kind] = words
  if (words.length !== 1 || !(kind in kinds))
    fail(
      `say what to make:\n${Object.entries(kinds)
        .map(([name, { makes }]) => `  npm run package -- ${name.padEnd(8)} ${makes}`)
        .join('\n')}`
    )
  const { platform } = kinds[kind]
  if (platform !== null && platform !== process.platform)
    fail(
      `${kind} is made on ${platform} itself (this is ${process.platform}): it needs that system's Electron and koffi, and macOS its signing`
    )
  return kind
}

/** The folder `openblas/` of the package, fetched or already there. */
async function bringOpenblas(platform, arch, into) {
  await fetchOpenblas({ platform, arch, into })
  for (const file of filesBelow(into)) chmodSync(file, 0o644)
  return JSON.parse(readFileSync(join(into, 'openblas.json'), 'utf8'))
}

const licencesHeading = (openblas) =>
  [
    'Electron, with Chromium and Node: LICENSE.electron.txt and LICENSES.chromium.html in the folder of the program.',
    `OpenBLAS ${openblas.version}, as built for SciPy: its licence and those of the parts it contains are in openblas/ beside this folder.`,
    'The npm packages below are part of the programs in app.asar.'
  ].join('\n')

/** What lies beside app.asar: launcher, OpenBLAS, licences, bill of materials. */
async function stageExtra({ platform, arch, electronFolder, electronVersion, bridged, icons }) {
  const extra = join(dist, 'stage', `${platform}-${arch}-extra`)
  rmSync(extra, { recursive: true, force: true })
  mkdirSync(extra, { recursive: true })
  const openblas = await bringOpenblas(platform, arch, join(extra, 'openblas'))
  const packages = bundledPackages(['koffi', `@koromix/koffi-${platform}-${arch}`])
  writeText(join(extra, 'licences', 'THIRD-PARTY.txt'), licencesText(packages, licencesHeading(openblas)))
  cpSync(join(root, 'LICENSE'), join(extra, 'licences', 'LICENSE'))
  if (platform === 'darwin') cpSync(join(electronFolder, 'LICENSES.chromium.html'), join(extra, 'licences', 'LICENSES.chromium.html'))
  writeText(join(extra, 'sbom.cdx.json'), `${JSON.stringify(makeSbom(packages, electronVersion, openblas), null, 2)}\n`)
  const program = { linux: `../${executableName}`, win32: `..\\${manifest.productName}.exe`, darwin: `../MacOS/${manifest.productName}` }[
    platform
  ]
  const { name, text } = launcher(platform, program, bridged)
  writeText(join(extra, 'bin', name), text, 0o755)
  chmodSync(join(extra, 'bin', name), 0o755)
  cpSync(icons.png[256], join(extra, 'icon.png'))
  return { extra, openblas }
}

const isArtefact = (name) => /\.(deb|AppImage|exe|dmg|blockmap|cdx\.json)$|^SHA256SUMS$/.test(name)

/** What an earlier packaging made: checksums speak of one packaging only. */
function clearArtefacts() {
  mkdirSync(dist, { recursive: true })
  for (const name of readdirSync(dist).filter(isArtefact)) rmSync(join(dist, name))
}

/** SHA256SUMS over what was made, in the form that `sha256sum -c` reads. */
function writeSums(folder) {
  const made = readdirSync(folder).filter(isArtefact).sort()
  const lines = made.map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`
  )
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''))
  for (const name of made) say(`made dist/${name}: ${(statSync(join(folder, name)).size / 1e6).toFixed(1)} MB`)
}

/** Where electron-builder leaves the unpacked app. */
function unpackedFolder() {
  const suffix = process.arch === 'x64' ? '' : `-${process.arch}`
  return join(dist, { linux: `linux${suffix}-unpacked`, win32: `win${suffix}-unpacked`, darwin: `mac${suffix}` }[process.platform])
}

/** What the check has to know of the package that was made last. */
const factsFile = join(dist, 'stage', 'packaged.json')

async function checkAgain() {
  if (!existsSync(factsFile)) throw new Error('nothing was packaged yet: `npm run package -- --dir` does it')
  const facts = JSON.parse(readFileSync(factsFile, 'utf8'))
  const result = await checkContent(unpackedFolder(), facts)
  say(describeContent(result))
  const { passed, failed } = await proveCheck(unpackedFolder(), facts, say)
  say(`${passed} passed, ${failed + result.problems.length} failed`)
  if (failed + result.problems.length > 0) process.exitCode = 1
}

async function packageApp(kind) {
  const { platform, arch } = process
  const started = Date.now()
  clearArtefacts()
  await ensureBuilt()
  const electron = await findElectron(say)
  if ('reason' in electron) throw new Error(electron.reason)
  const electronVersion = electron.version
  const electronFolder = platform === 'darwin' ? join(electron.path, '..', '..', '..', '..') : join(electron.path, '..')
  const bridged = electron.needsBridge
  const icons = drawIcons()
  const app = stageApp({ platform, arch, bridged })
  const { extra, openblas } = await stageExtra({ platform, arch, electronFolder, electronVersion, bridged, icons })
  const afterPack = async ({ appOutDir }) => {
    const { executable, resources } = layout(appOutDir, platform)
    // What `electron PATH` starts; electron-builder leaves it when the binary comes out of a folder.
    rmSync(join(resources, 'default_app.asar'), { force: true })
    await setFuses(executable, platform)
  }
  const config = builderConfig({ app, extra, icons, electronFolder, electronVersion, output: dist, afterPack })
  const installers = { '--linux': ['AppImage'], '--win': ['nsis'], '--mac': ['dmg'] }[kind] ?? ['dir']
  const system = { linux: Platform.LINUX, win32: Platform.WINDOWS, darwin: Platform.MAC }[platform]
  await build({ projectDir: root, targets: system.createTarget(installers, Arch[arch]), config, publish: 'never' })
  const folder = unpackedFolder()
  const facts = { platform, electronVersion, openblas }
  writeFileSync(factsFile, JSON.stringify(facts))
  const result = await checkContent(folder, facts)
  say(describeContent(result))
  if (result.problems.length > 0) throw new Error('the package does not hold what it should: see above')
  if (kind === '--deb' || kind === '--linux') await makeDeb({ source: folder, icons, arch })
  cpSync(join(extra, 'sbom.cdx.json'), join(dist, `${manifest.name}-${manifest.version}-${platform}-${arch}.cdx.json`))
  writeSums(dist)
  say(`packaged with Electron ${electronVersion} in ${((Date.now() - started) / 1000).toFixed(0)} s: ${folder}`)
}

const kind = chosen(process.argv.slice(2))
await (kind === '--check' ? checkAgain() : packageApp(kind)).catch((error) => {
  process.stderr.write(`${error.message}\n`)
  if (process.env.DEBUG) process.stderr.write(`${error.stack}\n`)
  process.exitCode = 1
})
