// Which workspace is open: the recent ones, another one on request, and its name in every title bar.
import { readdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { app, BrowserWindow, dialog, type MessageBoxOptions } from 'electron'
import { z } from 'zod'
import { pageOrigin } from '../shared/page-policy'
import { onCommand } from './commands'
import { choosePaths } from './dialogs'
import { handle } from './ipc'
import { developmentAddress } from './page-protocol'
import { showMessage } from './show-message'
import { readState, writeState } from './state-file'
import { currentWindow } from './windows'
import { messageOf } from '../shared/format/message-of'

const file = 'workspaces.json'
const recentKept = 10
const folderName = z.string().min(1).max(32_767)
const schema = z.strictObject({
  version: z.literal(1),
  recent: z.array(folderName).max(100),
  /** The one that was chosen in the window last, to be opened again; null: none was. */
  chosen: folderName.nullable()
})
const read = () => readState(file, schema, { version: 1, recent: [], chosen: null })
const keep = (patch: Partial<z.output<typeof schema>>) => writeState(file, { ...read(), ...patch })

/** Names in a folder; null when it is not there, as on a drive that is away. */
const filesOf = (folder: string): Promise<string[] | null> => readdir(folder).catch(() => null)

/** What the app opens when its command line names none. */
export async function startWorkspace(named: string | null): Promise<string | null> {
  const { chosen } = read()
  if (named !== null || process.env.SADDLESCOPE_WORKSPACE || chosen === null) return named
  if (await filesOf(chosen)) return chosen
  dialog.showErrorBox(
    'The workspace is not there',
    `${chosen} was open last and is not there now. The default workspace is opened instead.`
  )
  return null
}

const say = (options: MessageBoxOptions) => showMessage(currentWindow(), options)
const refuse = (message: string, detail: string) => say({ type: 'error', message, detail, buttons: ['OK'] })

async function isWanted(question: Pick<MessageBoxOptions, 'message' | 'detail'>, yes: string): Promise<boolean> {
  const { response } = await say({ type: 'question', ...question, buttons: [yes, 'Cancel'], defaultId: 0, cancelId: 1, noLink: true })
  return response === 0
}

/** Whether a folder with these names in it is to be a workspace: it is one, it is empty, or the person says so. */
async function mayBeWorkspace(folder: string, names: readonly string[]): Promise<boolean> {
  const isWorkspace = names.includes('runs') && names.includes('datasets')
  if (isWorkspace || names.every((name) => name.startsWith('.'))) return true
  const message = `${basename(folder)} is no workspace yet`
  const detail = `It has other files in it. The folders runs, comparisons, datasets and trash are made in ${folder}.`
  return isWanted({ message, detail }, 'Make it one')
}

/** Asks only when something would be stopped. */
async function mayStop({ running, jobs }: ReturnType<Host['activity']>): Promise<boolean> {
  const count = (items: readonly unknown[], one: string, many: string) => (items.length === 1 ? one : `${items.length} ${many}`)
  const runs = running.length === 0 ? '' : count(running, 'A run is still training', 'runs are still training')
  const imports = jobs.length === 0 ? '' : count(jobs, 'A job is still at work', 'jobs are still at work')
  if (runs === '' && imports === '') return true
  const detail = [
    ...(runs === ''
      ? []
      : ['Before another workspace opens, what trains is checkpointed and interrupted; it can be resumed when this one is open again.']),
    ...(imports === '' ? [] : ['Imports, exports and computations that are under way are cancelled.'])
  ]
  return isWanted(
    { message: [runs, imports].filter(Boolean).join('. '), detail: detail.join(' ') },
    runs === '' ? 'Cancel them and open' : 'Pause and open'
  )
}

/** What is needed of the host of the workbench. */
interface Host {
  workspace(): string | null
  onOpened(listener: (folder: string) => void): void
  switchWorkspace(folder: string): Promise<void>
  activity(): { readonly running: readonly unknown[]; readonly jobs: readonly unknown[] }
}

export interface Workspaces {
  /** Asks what must be asked first; does nothing when it is open already. */
  open(folder: string): Promise<void>
  /** The recent ones, the newest first, without the open one. */
  recent(): Promise<readonly { readonly folder: string; readonly missing: boolean }[]>
  forgetRecent(): void
  /** Calls back when the recent ones may be others. */
  onChange(listener: () => void): void
}

export function setupWorkspaces(workbench: Host): Workspaces {
  let opening = false
  const listeners: (() => void)[] = []
  const change = (patch: Parameters<typeof keep>[0]) => {
    keep(patch)
    for (const listener of listeners) listener()
  }

  async function open(given: string) {
    const folder = resolve(given)
    if (opening || folder === workbench.workspace()) return
    opening = true
    try {
      const names = await filesOf(folder)
      if (names === null) {
        change({ recent: read().recent.filter((one) => one !== folder) })
        return void (await refuse('This workspace is not there', `${folder} is missing, or is no folder that can be read.`))
      }
      if (!(await mayBeWorkspace(folder, names)) || !(await mayStop(workbench.activity()))) return
      await workbench.switchWorkspace(folder)
      change({ chosen: folder })
      // What a page knew is of the other workspace, its address too.
      for (const window of BrowserWindow.getAllWindows()) void window.loadURL(developmentAddress() ?? `${pageOrigin}/`)
    } catch (error) {
      await refuse('The workspace was not opened', messageOf(error))
    } finally {
      opening = false
    }
  }

  const titled = (title: string) => {
    const folder = workbench.workspace()
    return folder === null ? title : title.replace(/Saddlescope$/, () => `${basename(folder)} – Saddlescope`)
  }
  app.on('browser-window-created', (_event, window) => {
    window.on('page-title-updated', (event, title) => {
      event.preventDefault()
      window.setTitle(titled(title))
    })
  })
  workbench.onOpened((folder) => {
    change({ recent: [folder, ...read().recent.filter((one) => one !== folder)].slice(0, recentKept) })
    for (const window of BrowserWindow.getAllWindows()) window.setTitle(titled(window.webContents.getTitle()))
  })
  const recent = () =>
    Promise.all(
      read()
        .recent.filter((folder) => folder !== workbench.workspace())
        .map(async (folder) => ({ folder, missing: (await filesOf(folder)) === null }))
    )
  handle('recent-workspaces', recent)
  handle('open-recent', async ({ path }) => {
    // A page may ask for what the person opened before, not for any folder.
    if (!read().recent.includes(path)) throw new Error(`${path} is none of the recent workspaces: open it by “Open another workspace…”`)
    await open(path)
  })
  onCommand('open-workspace', (window) => void choosePaths(window, 'workspace').then(([folder]) => folder && open(folder)))
  return {
    open,
    recent,
    forgetRecent: () => change({ recent: [] }),
    onChange: (listener) => void listeners.push(listener)
  }
}
