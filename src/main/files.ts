// What only the desktop can do with files: ask where to save one, and show a folder of the workspace. Main reads and writes none itself.
import { realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, relative } from 'node:path'
import { BrowserWindow, dialog, ipcMain, shell } from 'electron'

/** Why a folder is not opened; empty when it is. */
async function openFolder(workspace: string | null, path: unknown): Promise<string> {
  if (workspace === null || typeof path !== 'string') return 'the workspace is not open yet'
  const [root, folder] = await Promise.all([workspace, path].map((one) => realpath(one).catch(() => null)))
  if (root === null || folder === null) return 'the folder is not there any more'
  const below = relative(root, folder)
  if (isAbsolute(below) || below.split(/[/\\]/)[0] === '..') return 'only folders of the workspace are opened'
  // Opening a file would start whatever program it belongs to.
  if (!(await stat(folder)).isDirectory()) return 'this is no folder'
  return shell.openPath(folder)
}

export function setupFiles(workspace: () => string | null) {
  ipcMain.handle('saddlescope:save-path', async (event, name: unknown) => {
    const window = BrowserWindow.fromWebContents(event.sender)
    const options = { defaultPath: basename(String(name)).slice(0, 200) }
    const { canceled, filePath } = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options))
    return canceled || !filePath ? null : filePath
  })
  ipcMain.handle('saddlescope:open-folder', (_event, path: unknown) => openFolder(workspace(), path))
}
