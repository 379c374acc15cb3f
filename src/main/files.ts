// What only the desktop can do with files: ask where to save one, and show a folder of the workspace. Main reads and writes none itself.
import { realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative } from 'node:path'
import { dialog, shell } from 'electron'
import { handle } from './ipc'

/** Why a folder is not opened; empty when it is. */
async function openFolder(workspace: string | null, path: string): Promise<string> {
  if (workspace === null) return 'the workspace is not open yet'
  const [root, folder] = await Promise.all([workspace, path].map((one) => realpath(one).catch(() => null)))
  if (root === null || folder === null) return 'the folder is not there any more'
  const below = relative(root, folder)
  if (isAbsolute(below) || below.split(/[/\\]/)[0] === '..') return 'only folders of the workspace are opened'
  // Opening a file would start whatever program it belongs to.
  if (!(await stat(folder)).isDirectory()) return 'this is no folder'
  return shell.openPath(folder)
}

export function setupFiles(workspace: () => string | null) {
  handle('save-path', async ({ name }, window) => {
    const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: basename(name).slice(0, 200) })
    return canceled || !filePath ? null : filePath
  })
  handle('open-folder', ({ path }) => openFolder(workspace(), path))
}
