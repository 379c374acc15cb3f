// Licences of what the app is made of: the file that packaging wrote, or in a checkout those of the packages it depends on.
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const licenceFile = /^(licen[cs]e|copying|notice)(\.|-|$)/i

const textOf = (path: string) => readFile(path, 'utf8').catch(() => null)

async function licencesOf(folder: string): Promise<string> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => licenceFile.test(name)).sort()
  const texts = await Promise.all(names.map((name) => textOf(join(folder, name))))
  return texts.flatMap((text) => text?.trim() ?? []).join('\n\n')
}

async function licenceOf(folder: string): Promise<string | null> {
  const manifest = await textOf(join(folder, 'package.json'))
  if (manifest === null) return null
  const { name, version, license } = JSON.parse(manifest) as Record<string, unknown>
  return `${String(name)} ${String(version)} (${String(license)})\n\n${(await licencesOf(folder)) || 'The package has no licence text of its own.'}`
}

const rule = `\n\n${'—'.repeat(40)}\n\n`

/** `packaged`: where packaging puts its file; `appFolder` holds package.json; `program` is Electron's own executable. */
export async function licenceText(packaged: string, appFolder: string, program: string): Promise<string> {
  const own = `Saddlescope\n\n${await licencesOf(appFolder)}`
  const found = await textOf(packaged)
  if (found !== null) return [own, found.trim()].join(rule)
  const electron = `Electron and Chromium: their licences are the files LICENSE and LICENSES.chromium.html in ${dirname(program)}.`
  const manifest = JSON.parse((await textOf(join(appFolder, 'package.json'))) ?? '{}') as { dependencies?: Record<string, string> }
  const names = Object.keys(manifest.dependencies ?? {})
  const parts = await Promise.all(names.map((name) => licenceOf(join(appFolder, 'node_modules', name)).catch(() => null)))
  const missing = names.filter((_name, place) => parts[place] === null)
  const lack = missing.length === 0 ? [] : [`No licence text was found for: ${missing.join(', ')}.`]
  return [own, electron, ...parts.flatMap((part) => part ?? []), ...lack].join(rule)
}
