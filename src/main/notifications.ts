// A notice of the system when a long run ends and nobody looks: a click shows the run.
import { BrowserWindow, Notification } from 'electron'
import { endTexts, isWorthTelling } from './decisions'
import type { WorkbenchHost } from './workbench-host'

export function setupNotifications(workbench: WorkbenchHost, showAt: (address: string) => void) {
  /** Kept while they may be clicked: one that is collected does not hear. */
  const shown = new Set<Notification>()
  workbench.onRunEnd((end) => {
    if (!isWorthTelling(end, BrowserWindow.getFocusedWindow() !== null) || !Notification.isSupported()) return
    const notice = new Notification(endTexts(end))
    shown.add(notice)
    notice.on('click', () => {
      shown.delete(notice)
      showAt(`#/run/${end.id}`)
    })
    notice.on('close', () => shown.delete(notice))
    notice.show()
  })
}
