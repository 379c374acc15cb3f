// Training and the power: no sleep by itself while something trains; before a sleep that comes all the same everything is checkpointed, and goes on after it.
import { powerMonitor, powerSaveBlocker } from 'electron'
import { log } from './logs'
import type { WorkbenchHost } from './workbench-host'

export function setupPower(workbench: WorkbenchHost) {
  let blocker: number | null = null
  workbench.onActivity(({ running }) => {
    if (running.length > 0) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (blocker !== null) {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
  })
  // A battery may run out while asleep, and a clock that goes on meanwhile would count as training time.
  powerMonitor.on('suspend', () => {
    log('the computer goes to sleep: what runs is checkpointed')
    workbench.pause('sleep')
  })
  powerMonitor.on('resume', () => {
    log('the computer is awake: what the sleep stopped goes on')
    workbench.goOn('sleep')
  })
}
