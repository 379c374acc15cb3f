// Quitting in good manners, whoever asks: what runs finishes its step and writes a checkpoint, within a bounded time, while the windows say so.
import { app, BrowserWindow, powerMonitor } from 'electron'
import { isAtWork } from './decisions'
import { tellAll } from './ipc'
import { flushLogs, log } from './logs'
import type { WorkbenchHost } from './workbench-host'

export interface Quit {
  isQuitting(): boolean
  /** `within`: milliseconds that what runs may take to end; left out: the usual time. Asked again with less it hurries. */
  now(why: string, within?: number): void
}

/** What systems leave an app when a session ends: five seconds on Windows and under systemd, of which the checkpoint may take so much. */
const sessionGrace = 3000
/** Somebody who presses Ctrl+C twice does not want to wait; a checkpoint that is being written may still be finished. */
const secondSignalGrace = 500
/** Windows that do not close by themselves any more are closed. */
const windowGrace = 3000

export function setupQuit(workbench: WorkbenchHost, keepsRunning: () => boolean): Quit {
  let phase: 'open' | 'closing' | 'closed' = 'open'

  async function close(within?: number) {
    const first = phase === 'open'
    phase = 'closing'
    const ended = workbench.close(within)
    if (!first) return
    if (isAtWork(workbench.activity())) {
      tellAll({ type: 'closing', running: workbench.activity().running.length, jobs: workbench.activity().jobs.length })
      for (const window of BrowserWindow.getAllWindows()) window.setProgressBar(2)
    }
    await ended
    phase = 'closed'
    log('everything is closed')
    await flushLogs()
    setTimeout(() => app.exit(0), windowGrace)
    app.quit()
  }

  function now(why: string, within?: number) {
    if (phase === 'closed') return
    log(phase === 'open' ? `quits: ${why}` : `hurries: ${why}`)
    void close(within)
  }

  app.on('window-all-closed', () => {
    // On a Mac an app stays in the dock without windows.
    if (process.platform !== 'darwin' && !keepsRunning()) app.quit()
  })
  app.on('before-quit', (event) => {
    if (phase === 'closed') return
    event.preventDefault()
    if (phase === 'open') now('asked to')
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => now(signal, phase === 'open' ? undefined : secondSignalGrace))
  powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
    // The system waits a little for whoever says so.
    event?.preventDefault()
    now('the system shuts down', sessionGrace)
  })
  app.on('browser-window-created', (_event, window) => {
    window.on('query-session-end', (event) => {
      // Windows goes on by itself when the app has ended.
      if (isAtWork(workbench.activity())) event.preventDefault()
      now('the session ends', sessionGrace)
    })
    window.on('session-end', () => now('the session ends', sessionGrace))
  })
  return { isQuitting: () => phase !== 'open', now }
}
