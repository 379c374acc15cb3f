// The only way out of the app: an https address, checked, and opened in the user's browser after a question that shows it whole.
import { shell, type BrowserWindow } from 'electron'
import { showMessage } from './show-message'
import { externalAddress } from './external-address'

/** An address that the app itself names, such as the page of its releases. Rejects with one sentence for what is none to be opened. */
export async function openExternal(address: string): Promise<void> {
  const checked = externalAddress(address)
  if ('fault' in checked) throw new Error(checked.fault)
  await shell.openExternal(checked.address)
}

/** Asked by a page, or by whatever a page shows. Cancel is the default: a key pressed by chance opens nothing. */
export async function offerExternal(window: BrowserWindow | null, address: string): Promise<void> {
  const checked = externalAddress(address)
  if ('fault' in checked) {
    process.stderr.write(`a link was not opened: ${checked.fault}\n`)
    return
  }
  const question = {
    type: 'question' as const,
    message: `Open ${checked.host} in your browser?`,
    detail: checked.address,
    buttons: ['Open', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
    noLink: true
  }
  const { response } = await showMessage(window, question)
  if (response === 0) await openExternal(address)
}
