// The licences of what is in the package but not ours: one text file over the npm packages that the bundles may contain, beside those that Electron and OpenBLAS bring.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './names.mjs'

const licenceName = /^(licen[cs]e|copying|notice)(\.|-|$)/i

/** The npm packages that the product needs at run time, from the lock file: `{name, version, license, texts}`. Throws when one has no licence. */
export function runtimePackages(target) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .filter(([path, entry]) => path.startsWith('node_modules/') && !entry.dev && !entry.devOptional && existsSync(join(root, path)))
    .map(([path, { version, license }]) => ({
      name: path.slice(path.lastIndexOf('node_modules/') + 13),
      version,
      license,
      folder: join(root, path)
    }))
    .filter(({ name }) => !name.startsWith('@koromix/') || name === `@koromix/koffi-${target}`)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, version, license, folder }) => {
      if (!license) throw new Error(`the npm package ${name} names no licence: it cannot be packaged`)
      const texts = readdirSync(folder)
        .filter((file) => licenceName.test(file))
        .map((file) => readFileSync(join(folder, file), 'utf8').trim())
      return { name, version, license, texts }
    })
}

export function licencesText(packages, openblas) {
  const rule = '='.repeat(80)
  const parts = packages.map(
    ({ name, version, license, texts }) =>
      `${rule}\n${name} ${version}\nLicence: ${license}\n${rule}\n${texts.length > 0 ? texts.join('\n\n') : `The package carries no licence file; it states: ${license}.`}\n`
  )
  const library = openblas
    ? `OpenBLAS ${openblas.version}, as built for SciPy: its licence and those of the parts it contains are in openblas/ beside this file.\n`
    : ''
  return `Saddlescope contains work of others, under these licences.\n
Electron, with Chromium and Node: LICENSE.electron.txt and LICENSES.chromium.html in the folder of the program.
${library}The npm packages below are part of the programs in app.asar, or were available to the build that made them.\n\n${parts.join('\n')}`
}
