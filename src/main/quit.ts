// Quitting: what runs is checkpointed first.
import { app } from 'electron'
import type { WorkbenchHost } from './workbench-host'

export function setupQuit(workbench: WorkbenchHost) {
  let closed = false
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    void workbench.close().then(() => {
      closed = true
      app.exit(0)
    })
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => app.quit())
}
