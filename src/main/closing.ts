// What happens when the last window is closed while something is worked on: it is asked once, and can be chosen in the settings.
import { app, BrowserWindow, dialog } from 'electron'
import { atClose, closingQuestion, isAtWork } from './decisions'
import { handle } from './ipc'
import { setWhenClosed, whenClosed } from './preferences'
import type { Quit } from './quit'
import { hasTrayHost } from './tray-host'
import type { Background } from './tray'
import type { WorkbenchHost } from './workbench-host'

export interface ClosingParts {
  readonly workbench: WorkbenchHost
  readonly quit: Quit
  readonly background: Background
}

export function setupClosing({ workbench, quit, background }: ClosingParts) {
  /** Windows that may close: what becomes of the work is decided. */
  const decided = new WeakSet<BrowserWindow>()
  const asking = new WeakSet<BrowserWindow>()
  const isLast = (window: BrowserWindow) => BrowserWindow.getAllWindows().every((other) => other === window || other.isDestroyed())
  const decide = (window: BrowserWindow, hasTray: boolean) =>
    atClose({
      isLast: isLast(window),
      isQuitting: quit.isQuitting(),
      atWork: isAtWork(workbench.activity()),
      platform: process.platform,
      choice: whenClosed(),
      hasTray
    })

  async function ask(window: BrowserWindow, hasTray: boolean): Promise<'keep' | 'quit' | 'cancel'> {
    const { message, detail, answers } = closingQuestion(workbench.activity(), hasTray)
    const { response, checkboxChecked } = await dialog.showMessageBox(window, {
      type: 'question',
      title: 'Saddlescope',
      message,
      detail,
      buttons: answers.map(({ label }) => label),
      defaultId: 0,
      cancelId: answers.length - 1,
      checkboxLabel: 'Do this from now on (Settings can change it)',
      noLink: true
    })
    const { does } = answers[response] ?? answers[answers.length - 1]
    if (checkboxChecked && does !== 'cancel') setWhenClosed(does)
    return does
  }

  async function closeLast(window: BrowserWindow) {
    const hasTray = await hasTrayHost()
    // Meanwhile the work may have ended, or another window have opened.
    let answer: 'close' | 'ask' | 'keep' | 'quit' | 'cancel' = decide(window, hasTray)
    if (answer === 'ask') answer = await ask(window, hasTray)
    if (window.isDestroyed() || answer === 'cancel') return
    // The window stays until the checkpoints are written, and says so.
    if (answer === 'quit') return quit.now('the last window was closed')
    if (answer === 'keep' && isLast(window)) background.begin(new URL(window.webContents.getURL()).hash)
    decided.add(window)
    window.close()
  }

  app.on('browser-window-created', (_event, window) => {
    window.on('close', (event) => {
      if (decided.has(window) || decide(window, true) === 'close') return
      event.preventDefault()
      if (asking.has(window)) return
      asking.add(window)
      void closeLast(window).finally(() => asking.delete(window))
    })
  })
  handle('when-closed', async ({ choose }) => {
    if (choose !== null) setWhenClosed(choose)
    return { choice: whenClosed(), hasTray: await hasTrayHost(), staysInDock: process.platform === 'darwin' }
  })
}
