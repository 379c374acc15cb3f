// The Debian package: electron-installer-debian over electron-builder's unpacked app, with our own names, dependencies and system files.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { Installer } from 'electron-installer-debian'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { appId, authors, dist, executableName, manifest, root } from './names.mjs'
import { writeText } from './stage.mjs'

const linux = join(root, 'packaging', 'linux')

/** What Electron's program links or opens that a minimal system lacks, under the names from before and after Debian's change of time_t. */
const depends = [
  'libasound2t64 | libasound2',
  'libatk-bridge2.0-0t64 | libatk-bridge2.0-0',
  'libatk1.0-0t64 | libatk1.0-0',
  'libatspi2.0-0t64 | libatspi2.0-0',
  'libc6 (>= 2.28)',
  'libcairo2',
  'libcups2t64 | libcups2',
  'libdbus-1-3',
  'libdrm2',
  'libexpat1',
  'libgbm1',
  'libglib2.0-0t64 | libglib2.0-0',
  'libgtk-3-0t64 | libgtk-3-0',
  'libnotify4',
  'libnspr4',
  'libnss3',
  'libpango-1.0-0',
  'libx11-6',
  'libxcb1',
  'libxcomposite1',
  'libxdamage1',
  'libxext6',
  'libxfixes3',
  'libxkbcommon0',
  'libxrandr2',
  'libxtst6',
  'xdg-utils'
]

/** The date of the last commit, so that a build can be made again; today outside a checkout of git. */
function releaseDate() {
  try {
    return execFileSync('git', ['log', '-1', '--format=%cs'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return new Date().toISOString().slice(0, 10)
  }
}

const template = (name) => readFileSync(join(linux, name), 'utf8')

/** The installer of electron-installer-debian, except for what it decides by itself. */
class SaddlescopeDeb extends Installer {
  get contentFunctions() {
    return [...super.contentFunctions, 'copySystemFiles']
  }

  generateOptions() {
    super.generateOptions()
    // It would add to these; nothing is recommended, since what is wanted is inside.
    Object.assign(this.options, { depends, recommends: [], suggests: [], enhances: [], preDepends: [] })
    return this.options
  }

  /** Two programs: the command line and the window. */
  async createBinarySymlink() {
    const bin = join(this.stagingDir, 'usr', 'bin')
    mkdirSync(bin, { recursive: true })
    symlinkSync(`../lib/${manifest.name}/resources/bin/saddlescope`, join(bin, 'saddlescope'))
    symlinkSync(`../lib/${manifest.name}/${executableName}`, join(bin, executableName))
  }

  async createCopyright() {
    const licence = readFileSync(join(root, 'LICENSE'), 'utf8').trim().split('\n').slice(4)
    const indented = licence.map((line) => (line.trim() === '' ? ' .' : ` ${line}`)).join('\n')
    writeText(join(this.share, 'doc', manifest.name, 'copyright'), template('copyright').replace('@LICENSE@', indented))
  }

  async createDesktopFile() {
    writeText(join(this.share, 'applications', 'saddlescope.desktop'), template('saddlescope.desktop'))
  }

  async copySystemFiles() {
    const metainfo = template('metainfo.xml')
      .replace('@APP_ID@', appId)
      .replace('@VERSION@', manifest.version)
      .replace('@DATE@', releaseDate())
    writeText(join(this.share, 'metainfo', `${appId}.metainfo.xml`), metainfo)
    writeText(join(this.share, 'mime', 'packages', 'saddlescope.xml'), template('saddlescope-mime.xml'))
    writeText(join(this.share, 'saddlescope', 'apparmor-profile'), template('apparmor-profile'))
    mkdirSync(join(this.share, 'doc', manifest.name), { recursive: true })
    writeFileSync(
      join(this.share, 'doc', manifest.name, 'CHANGELOG.md.gz'),
      gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }),
      { mode: 0o644 }
    )
  }

  get share() {
    return join(this.stagingDir, 'usr', 'share')
  }
}

/** Makes `dist/saddlescope_VERSION_ARCH.deb` and returns its path. */
export async function makeDeb({ source, icons, arch }) {
  const installer = new SaddlescopeDeb({
    src: source,
    dest: dist,
    arch: { x64: 'amd64', arm64: 'arm64' }[arch],
    logger: () => {},
    rename: (folder) => join(folder, '<%= name %>_<%= version %>_<%= arch %>.deb'),
    options: {
      name: manifest.name,
      productName: manifest.productName,
      bin: executableName,
      section: 'science',
      maintainer: `${authors} <saddlescope@localhost>`,
      description: 'workbench for exact second-order training of small neural nets',
      productDescription:
        'Trains small neural nets with the full Hessian: saddle-free Newton, fast finite-difference Newton, and the usual optimizers to compare with. Keeps every Hessian worth keeping and shows its spectrum.',
      icon: {
        scalable: icons.svg,
        ...Object.fromEntries([16, 24, 32, 48, 64, 128, 256, 512].map((size) => [`${size}x${size}`, icons.png[size]]))
      },
      scripts: { postinst: join(linux, 'postinst'), postrm: join(linux, 'postrm') },
      compression: 'xz',
      lintianOverrides: []
    }
  })
  await installer.generateDefaults()
  await installer.generateOptions()
  await installer.createStagingDir()
  await installer.createContents()
  await installer.createPackage()
  await installer.movePackage()
  return installer.options.packagePaths[0]
}
