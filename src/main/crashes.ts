// A page that crashes is loaded again at its address and told what happened; one that keeps crashing, or does not answer, is asked about.
import { app, BrowserWindow, dialog } from 'electron'
import { afterPageCrash, goneSentence, pageCrashSpan, within } from './decisions'
import { handle, tellAll } from './ipc'
import { log } from './logs'
import type { Quit } from './quit'
import type { WorkbenchHost } from './workbench-host'

/** What a page is told when it is there again. */
const notices = new WeakMap<BrowserWindow, string>()

async function askAboutLoop(window: BrowserWindow, why: string, quit: Quit) {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    title: 'Saddlescope',
    message: 'The page keeps ending',
    detail: `It was loaded again and ended again: ${why}. Runs are not touched by this; what trains goes on. The logs are in ${app.getPath('logs')}.`,
    buttons: ['Load it again', 'Quit'],
    defaultId: 0,
    cancelId: 0,
    noLink: true
  })
  if (window.isDestroyed()) return
  if (response === 0) window.webContents.reload()
  else quit.now('the page keeps ending')
}

function watchPage(window: BrowserWindow, quit: Quit) {
  let crashes: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || quit.isQuitting()) return
    const now = Date.now()
    crashes = [...within(crashes, now, pageCrashSpan), now]
    const why = goneSentence(reason, exitCode)
    log(`the page's process is gone: ${why}`)
    notices.set(
      window,
      `The page's process ended at ${new Date(now).toLocaleTimeString()}: ${why}. It was loaded again at the same place; what trains was not touched.`
    )
    if (afterPageCrash(crashes, now) === 'ask') {
      crashes = []
      void askAboutLoop(window, why, quit)
    } else window.webContents.reload()
  })

  let asked: AbortController | null = null
  window.on('unresponsive', () => {
    if (asked || quit.isQuitting()) return
    log('the page does not answer')
    const question = (asked = new AbortController())
    void dialog
      .showMessageBox(window, {
        type: 'warning',
        title: 'Saddlescope',
        message: 'The page does not answer',
        detail: 'Runs are not touched by this; what trains goes on. It can be loaded again at the same place.',
        buttons: ['Wait', 'Load it again'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
        signal: question.signal
      })
      .then(({ response }) => {
        if (response !== 1 || question.signal.aborted || window.isDestroyed()) return
        // Ends its process; what follows is as after a crash.
        window.webContents.forcefullyCrashRenderer()
      })
      .finally(() => {
        if (asked === question) asked = null
      })
  })
  window.on('responsive', () => asked?.abort())
}

export function setupCrashes(workbench: WorkbenchHost, quit: Quit) {
  app.on('browser-window-created', (_event, window) => watchPage(window, quit))
  handle('take-notice', (_input, window) => {
    const notice = notices.get(window) ?? null
    notices.delete(window)
    return notice
  })
  workbench.onLost((cause) => {
    if (cause !== null) tellAll({ type: 'workbench-ended', cause })
  })
}
