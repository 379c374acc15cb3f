// Licences of what the app is made of: our own, Electron's, and the file that the build or the packaging wrote of everything else.
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const textOf = (path: string) => readFile(path, 'utf8').catch(() => null)
const rule = `\n\n${'—'.repeat(40)}\n\n`

/** `packaged`: where packaging puts its file; `appFolder` holds package.json and, in a checkout, what was built; `program` is Electron's own executable. */
export async function licenceText(packaged: string, appFolder: string, program: string): Promise<string> {
  const own = await textOf(join(appFolder, 'LICENSE'))
  const others = (await textOf(packaged)) ?? (await textOf(join(appFolder, 'out', 'THIRD-PARTY.txt')))
  return [
    `Saddlescope\n\n${own?.trim() ?? 'Its licence file, LICENSE, is not where it should be.'}`,
    `Electron and Chromium: their licences are the files LICENSE and LICENSES.chromium.html in ${dirname(program)}.`,
    others?.trim() ?? 'The licences of the packages inside, THIRD-PARTY.txt, are not where they should be.'
  ].join(rule)
}
