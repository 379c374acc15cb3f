// A message or a question to the person.
import { dialog, type BrowserWindow, type MessageBoxOptions } from 'electron'

/** In front of its window where there is one. */
export const showMessage = (window: BrowserWindow | null, options: MessageBoxOptions) =>
  window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options)
