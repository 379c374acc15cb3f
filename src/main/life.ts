// The life of the app, in one place: logs, quitting, closing, crashes, power, and what it tells of its work while nobody looks.
import { setupAbout } from './about'
import { setupClosing } from './closing'
import { setupCrashes } from './crashes'
import { setupHelp } from './help'
import { setupLogs } from './logs'
import { setupNotifications } from './notifications'
import { setupPower } from './power'
import { setupProgress } from './progress'
import { setupQuit } from './quit'
import { showAt } from './show'
import { setupBackground } from './tray'
import type { WorkbenchHost } from './workbench-host'

/** Before the first window is made. */
export function setupLife(workbench: WorkbenchHost) {
  setupLogs()
  setupAbout()
  setupHelp()
  const background = setupBackground(workbench, showAt)
  const quit = setupQuit(workbench, background.isOn)
  setupClosing({ workbench, quit, background })
  setupCrashes(workbench, quit)
  setupPower(workbench)
  setupProgress(workbench, quit)
  setupNotifications(workbench, showAt)
}
