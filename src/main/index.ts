// The Electron shell: a window on the page, the workbench in a process of its own, and nothing else.
import { join } from 'node:path'
import { app, BrowserWindow } from 'electron'
import { parseArguments } from './arguments'
import { confineContents, refusePermissions } from './confine'
import { setupFiles } from './files'
import { handle, tell, tellAll } from './ipc'
import { setupMenu } from './menu'
import { registerPageScheme, servePage } from './page-protocol'
import { createWindow } from './window'
import { hostWorkbench, type WorkbenchHost } from './workbench-host'

// Chromium's own files stay apart from the workspace.
app.setPath('sessionData', join(app.getPath('userData'), 'chromium'))

if (app.requestSingleInstanceLock()) run()
else {
  process.stderr.write('Saddlescope is already running with this user-data folder; its window is shown.\n')
  process.stdout.write('saddlescope: window ready\n')
  app.exit(0)
}

function run() {
  registerPageScheme()
  confineContents()
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows()
    if (!window) return
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  void app.whenReady().then(() => {
    refusePermissions()
    servePage()
    setupMenu()
    const workbench = hostWorkbench(parseArguments(process.argv.slice(1)))
    setupPorts(workbench)
    setupFiles(workbench.workspace)
    setupQuit(workbench)
    createWindow()
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) createWindow()
    })
  })
}

function setupPorts(workbench: WorkbenchHost) {
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

function setupQuit(workbench: WorkbenchHost) {
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
