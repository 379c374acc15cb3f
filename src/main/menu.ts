// The native menu: the usual roles, and the app's own commands from the one list that the palette and the keys have too.
import { app, Menu, type BrowserWindow, type MenuItem, type MenuItemConstructorOptions } from 'electron'
import {
  acceleratorOf,
  pageCommandIds,
  pageCommands,
  shellCommandIds,
  shellCommands,
  type CommandEntry,
  type PageCommandId,
  type ShellCommandId
} from '../shared/shell/commands'
import { hasCommand, runCommand } from './commands'
import { handle, tell } from './ipc'
import { currentWindow } from './windows'
import type { Workspaces } from './workspaces'

type Item = MenuItemConstructorOptions

type Recent = Awaited<ReturnType<Workspaces['recent']>>

/** What each page says of its commands. */
const states = new WeakMap<BrowserWindow, { readonly available: ReadonlySet<string>; readonly checked: ReadonlySet<string> }>()

/** Keys that no menu can have stand behind the label, as editors write chords. */
const labelOf = ({ label, shortcut }: CommandEntry) => (shortcut && !acceleratorOf(shortcut) ? `${label} [${shortcut}]` : label)

function pageItem(id: PageCommandId): Item {
  const entry: CommandEntry = pageCommands[id]
  const accelerator = acceleratorOf(entry.shortcut)
  return {
    id,
    label: labelOf(entry),
    enabled: false,
    ...(entry.menu === 'theme' ? { type: 'radio' } : {}),
    // Shown only: the page hears its keys itself, and one key must not count twice.
    ...(accelerator ? { accelerator, registerAccelerator: false } : {}),
    click: () => {
      const window = currentWindow()
      if (window) tell(window, { type: 'command', id })
      refresh()
    }
  }
}

function shellItem(id: ShellCommandId): Item {
  const entry: CommandEntry = shellCommands[id]
  const accelerator = acceleratorOf(entry.shortcut)
  return { id, label: labelOf(entry), ...(accelerator ? { accelerator } : {}), click: () => runCommand(id, currentWindow()) }
}

const page = (...ids: PageCommandId[]) => ids.map(pageItem)
const shell = (...ids: ShellCommandId[]) => ids.filter(hasCommand).map(shellItem)
const pageOf = (menu: CommandEntry['menu']) => page(...pageCommandIds.filter((id) => pageCommands[id].menu === menu))
const shellOf = (menu: CommandEntry['menu']) => shell(...shellCommandIds.filter((id) => shellCommands[id].menu === menu))
const line: Item = { type: 'separator' }

function recentMenu(recent: Recent, { open, forgetRecent }: Workspaces): Item {
  const items: Item[] = recent.map(({ folder, missing }) => ({
    label: missing ? `${folder} (missing)` : folder,
    enabled: !missing,
    click: () => void open(folder)
  }))
  const clear: Item = { id: 'forget-recent', label: 'Clear', click: forgetRecent }
  return {
    id: 'recent',
    label: 'Open Recent Workspace',
    submenu: items.length === 0 ? [{ label: 'None yet', enabled: false }] : [...items, line, clear]
  }
}

function template(recent: Recent, workspaces: Workspaces): Item[] {
  const mac = process.platform === 'darwin'
  const help = [...pageOf('help'), ...shellOf('help')]
  const about = help.find(({ id }) => id === 'about') ?? { role: 'about' }
  const roles: Item[] = [{ role: 'services' }, line, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, line, { role: 'quit' }]
  return [
    ...(mac ? [{ role: 'appMenu', submenu: [about, line, ...roles] } as Item] : []),
    {
      label: '&File',
      submenu: [
        ...page('new'),
        ...shell('new-window'),
        line,
        ...page('open'),
        ...shell('open-folder'),
        line,
        ...shell('open-workspace'),
        recentMenu(recent, workspaces),
        line,
        { role: 'close' },
        ...(mac ? [] : [{ role: 'quit' } as const])
      ]
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...pageOf('view'),
        { id: 'theme', label: 'Theme', submenu: pageOf('theme') },
        line,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
        line,
        { role: 'reload' },
        { role: 'toggleDevTools' }
      ]
    },
    { label: '&Go', submenu: pageOf('go') },
    { role: 'windowMenu' },
    { role: 'help', submenu: mac ? help.filter((item) => item !== about) : help }
  ]
}

/** Enables what the page of the window in front can do now, and ticks what is chosen there. */
function refresh() {
  const window = currentWindow()
  const state = window ? states.get(window) : undefined
  const set = (id: PageCommandId, change: (item: MenuItem) => void) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(id)
    if (item) change(item)
  }
  for (const id of pageCommandIds)
    set(id, (item) => {
      item.enabled = state?.available.has(id) ?? false
      if (item.type === 'radio' && state?.checked.has(id)) item.checked = true
    })
}

export function setupMenu(workspaces: Workspaces) {
  const build = async () => {
    Menu.setApplicationMenu(Menu.buildFromTemplate(template(await workspaces.recent(), workspaces)))
    refresh()
  }
  handle('menu-state', ({ available, checked }, window) => {
    states.set(window, { available: new Set(available), checked: new Set(checked) })
    refresh()
  })
  app.on('browser-window-focus', refresh)
  app.on('browser-window-created', (_event, window) => window.on('closed', refresh))
  workspaces.onChange(() => void build())
  void build()
}
