// Native dialogs in which the person chooses files and folders. The page says what for; what is shown is decided here.
import { dialog, type BrowserWindow, type OpenDialogOptions } from 'electron'
import { purposes, type PurposeName } from '../shared/shell/choose'
import { handle } from './ipc'

const properties: Record<(typeof purposes)[PurposeName]['what'], OpenDialogOptions['properties']> = {
  file: ['openFile'],
  files: ['openFile', 'multiSelections'],
  folder: ['openDirectory', 'createDirectory']
}

function optionsOf(purpose: PurposeName): OpenDialogOptions {
  const { title, what, ...more } = purposes[purpose]
  const shown = 'shows' in more ? [{ name: more.shows.name, extensions: [...more.shows.extensions] }] : []
  return {
    title,
    // macOS shows no title.
    message: title,
    properties: properties[what],
    // Parts of a data set, such as MNIST's, have no ending to choose by.
    ...(shown.length > 0 ? { filters: [...shown, { name: 'All files', extensions: ['*'] }] } : {})
  }
}

/** Absolute paths; none when the person would rather not. */
export async function choosePaths(window: BrowserWindow | null, purpose: PurposeName): Promise<string[]> {
  const options = optionsOf(purpose)
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options))
  return canceled ? [] : filePaths
}

export function setupDialogs() {
  handle('choose-path', ({ purpose }, window) => choosePaths(window, purpose))
}
