// The desktop app's own commands of the Help menu: about, licences, logs, newer versions.
import { dialog } from 'electron'
import { newerVersionPage } from './about'
import { onCommand } from './commands'
import { openExternal } from './external'
import { tell } from './ipc'
import { showLogs } from './logs'
import { bringBack } from './windows'

async function openLogs() {
  const why = await showLogs()
  if (why !== '') dialog.showErrorBox('The folder of the logs was not opened', why)
}

/** In the browser, and only when it is asked for: the app itself asks nobody. */
function lookForNewer() {
  const page = newerVersionPage()
  if (page !== null) return void openExternal(page)
  void dialog.showMessageBox({
    type: 'info',
    title: 'Saddlescope',
    message: 'This build names no page with newer versions',
    detail: 'Its package.json has neither a repository nor a homepage over https.',
    buttons: ['OK']
  })
}

export function setupHelp() {
  onCommand('about', (window) => tell(window ?? bringBack(), { type: 'show-about', part: 'versions' }))
  onCommand('licences', (window) => tell(window ?? bringBack(), { type: 'show-about', part: 'licences' }))
  onCommand('show-logs', () => void openLogs())
  onCommand('newer-version', lookForNewer)
}
