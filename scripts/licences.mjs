// The licences of what is in the programs but not ours. The build notes which npm packages' code went into its bundles: what is named is what is inside, not what was declared.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const notes = join(root, 'out', 'bundled')
const licenceName = /^(licen[cs]e|copying|notice)(\.|-|$)/i

/** Not bundled but named: the compiler whose standard library is in the kernels. */
const compiledIn = ['node_modules/assemblyscript']

/** `node_modules/a/node_modules/b`, the folder of the package that a module belongs to; null for our own. */
function packageFolder(moduleId) {
  const below = moduleId.replaceAll('\\', '/').split('\0').at(-1)
  const found = /(?:^|\/)(node_modules\/.*)$/.exec(below)
  return found ? (/^(?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+/.exec(found[1])?.[0].slice(0, -1) ?? null) : null
}

/** A plugin of the bundler that notes the packages of one target. */
export function noteBundledPackages(target) {
  return {
    name: 'note-bundled-packages',
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []))
      const folders = [...new Set(ids.flatMap((id) => packageFolder(id) ?? []))].sort()
      mkdirSync(notes, { recursive: true })
      writeFileSync(join(notes, `${target}.json`), `${JSON.stringify(folders)}\n`)
    }
  }
}

/** Packages of the last build, and those named besides: `{name, version, license, texts}`, by name. Throws when one has no licence. */
export function bundledPackages(besides = []) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const noted = readdirSync(notes).flatMap((name) => JSON.parse(readFileSync(join(notes, name), 'utf8')))
  const folders = new Set([...noted, ...compiledIn, ...besides.map((name) => `node_modules/${name}`)])
  const all = [...folders].map((folder) => {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 13)
    const { version, license } = packages[folder] ?? {}
    if (!license) throw new Error(`the npm package ${name} names no licence: it cannot be passed on`)
    const texts = readdirSync(join(root, folder))
      .filter((file) => licenceName.test(file))
      .map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
    return { name, version, license, texts }
  })
  return all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** One text: `heading` says what else there is, the packages follow with their licences whole. */
export function licencesText(packages, heading) {
  const rule = '='.repeat(80)
  const parts = packages.map(
    ({ name, version, license, texts }) =>
      `${rule}\n${name} ${version}\nLicence: ${license}\n${rule}\n${texts.length > 0 ? texts.join('\n\n') : `The package carries no licence file; it states: ${license}.`}\n`
  )
  return `Saddlescope contains work of others, under these licences.\n\n${heading}\n\n${parts.join('\n')}`
}

/** Beside the built programs: a checkout and the npm package show it. */
export function writeLicences() {
  const heading = 'The npm packages below are part of the programs in this folder, or are loaded by them (koffi).'
  writeFileSync(join(root, 'out', 'THIRD-PARTY.txt'), licencesText(bundledPackages(['koffi']), heading))
}
