// Ports to the workbench, one a page each time that it asks.
import { handle, tell, tellAll } from './ipc'
import type { WorkbenchHost } from './workbench-host'

export function setupPorts(workbench: WorkbenchHost) {
  let reported = false
  handle('request-port', (_input, window) => {
    tell(window, { type: 'port' }, [workbench.openPort()])
    if (reported) return
    reported = true
    // `npm start` waits for this line: the page has loaded and asks for the workbench.
    process.stdout.write('saddlescope: window ready\n')
  })
  workbench.onLost(() => tellAll({ type: 'port-lost' }))
}
