// What is opened from outside the window: files on the command line, of a second start, of the system's "open with". A page fetches their paths and
// hands them to the workbench, which looks at them.
import { app } from 'electron'
import { z } from 'zod'
import { parseArguments, ownWords, type AppArguments } from './arguments'
import { onCommand } from './commands'
import { choosePaths } from './dialogs'
import { handle, tell } from './ipc'
import { bringBack } from './windows'
import type { Workspaces } from './workspaces'

/** Nobody opens more at once on purpose. */
const most = 200
let waiting: string[] = []

const keep = (paths: readonly string[]) => (waiting = [...waiting, ...paths].slice(0, most))

/** Brings a window back, which takes them. */
export function openPaths(paths: readonly string[]) {
  keep(paths)
  const window = bringBack()
  if (waiting.length > 0) tell(window, { type: 'opened' })
}

/** What a second start tells the first: as it was understood there, in its own folder. */
const startSchema = z.strictObject({
  workspace: z.string().max(32_767).nullable(),
  demo: z.boolean(),
  files: z.array(z.string().max(32_767)).max(10_000)
})

/** This process's own command line. */
export const ownArguments = (): AppArguments => parseArguments(ownWords(process.argv, app.getAppPath(), process.cwd()), process.cwd())

/** Before the app is ready: the system may hand over files before there is a window. */
export function setupOpening(own: AppArguments) {
  keep(own.files)
  app.on('open-file', (event, path) => {
    event.preventDefault()
    if (app.isReady()) openPaths([path])
    else keep([path])
  })
}

/** A second start brings the window of the first back, whatever became of it, and hands over what it was started with. */
export function setupSecondStart(started: Promise<Workspaces>) {
  app.on('second-instance', (_event, argv, folder, told: unknown) => {
    const understood = startSchema.safeParse(told)
    const start = understood.success ? understood.data : parseArguments(ownWords(argv, app.getAppPath(), folder), folder)
    void started.then(async (workspaces) => {
      bringBack()
      if (start.workspace !== null) await workspaces.open(start.workspace)
      openPaths(start.files)
    })
  })
}

export function setupOpenFiles() {
  handle('take-opened', () => waiting.splice(0))
  onCommand('open-folder', (window) => void choosePaths(window, 'open-folder').then((paths) => paths.length > 0 && openPaths(paths)))
}
