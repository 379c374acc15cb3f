// The Electron shell: windows on the page, the workbench in a process of its own, and nothing else.
import { join } from 'node:path'
import { app } from 'electron'
import { setupCommands } from './commands'
import { confineContents, refusePermissions } from './confine'
import { setupDialogs } from './dialogs'
import { setupFiles } from './files'
import { setupLife } from './life'
import { setupMenu } from './menu'
import { ownArguments, setupOpenFiles, setupOpening, setupSecondStart } from './open'
import { registerPageScheme, servePage } from './page-protocol'
import { setupPorts } from './ports'
import { setupWindows } from './windows'
import { hostWorkbench } from './workbench-host'
import { setupWorkspaces, startWorkspace } from './workspaces'

// Chromium's own files stay apart from the workspace.
app.setPath('sessionData', join(app.getPath('userData'), 'chromium'))

const own = ownArguments()
if (app.requestSingleInstanceLock({ ...own })) {
  registerPageScheme()
  confineContents()
  setupOpening(own)
  setupSecondStart(app.whenReady().then(start))
} else {
  process.stderr.write('Saddlescope is already running with this user-data folder; its window is shown.\n')
  process.stdout.write('saddlescope: window ready\n')
  app.exit(0)
}

async function start() {
  refusePermissions()
  servePage()
  const workbench = hostWorkbench({ workspace: await startWorkspace(own.workspace), demo: own.demo })
  const workspaces = setupWorkspaces(workbench)
  setupPorts(workbench)
  setupFiles(workbench.workspace)
  setupDialogs()
  setupOpenFiles()
  setupCommands()
  setupLife(workbench)
  setupWindows()
  setupMenu(workspaces)
  return workspaces
}
