// Progress of what trains, on the window's icon in the task bar or dock.
import { app, BrowserWindow } from 'electron'
import { hasFailed, progressBar, type Bar } from './decisions'
import type { Quit } from './quit'
import type { WorkbenchHost } from './workbench-host'

export function setupProgress(workbench: WorkbenchHost, quit: Quit) {
  /** How far the last run that failed was, until somebody looks at a window. */
  let failed: number | null = null
  let shown: Bar = { value: -1, mode: 'none' }
  const fractions = new Map<string, number>()

  const showOn = (window: BrowserWindow, { value, mode }: Bar) => window.setProgressBar(value, { mode })
  function refresh() {
    if (quit.isQuitting()) return
    const bar = progressBar(workbench.activity(), failed)
    if (bar.value === shown.value && bar.mode === shown.mode) return
    shown = bar
    for (const window of BrowserWindow.getAllWindows()) showOn(window, bar)
  }
  workbench.onActivity(({ running }) => {
    for (const { id, fraction } of running) if (fraction !== null) fractions.set(id, fraction)
    refresh()
  })
  workbench.onRunEnd((end) => {
    const reached = fractions.get(end.id) ?? 1
    fractions.delete(end.id)
    if (hasFailed(end) && BrowserWindow.getFocusedWindow() === null) failed = reached
    refresh()
  })
  app.on('browser-window-focus', () => {
    failed = null
    refresh()
  })
  app.on('browser-window-created', (_event, window) => showOn(window, shown))
}
