// The application's own commands: one list for the palette, the keys and the native menu. What a screen adds to the palette while it is open is not here.
import { screens, type ScreenName } from './screens'

interface Entry {
  readonly label: string
  /** The heading under which the palette and the list of shortcuts have it. */
  readonly group: 'Screen' | 'Do' | 'Appearance' | 'Help'
  readonly menu: 'file' | 'view' | 'theme' | 'go' | 'help'
  /** As the page names keys: `g r`, `/`, `Ctrl K` (⌘ on a Mac). */
  readonly shortcut?: string
}

export type ScreenCommandId = `screen:${ScreenName}`

/** What the page does itself; the menu tells it to. */
export const pageCommands = {
  ...(Object.fromEntries(
    screens.map(({ name, label, shortcut }) => [`screen:${name}`, { label, group: 'Screen', menu: 'go', shortcut }])
  ) as Record<ScreenCommandId, Entry>),
  new: { label: 'Make a new run', group: 'Do', menu: 'file', shortcut: 'n' },
  open: { label: 'Open…', group: 'Do', menu: 'file', shortcut: 'Ctrl O' },
  filter: { label: 'Filter the list on screen', group: 'Do', menu: 'view', shortcut: '/' },
  'theme:light': { label: 'Light theme', group: 'Appearance', menu: 'theme' },
  'theme:dark': { label: 'Dark theme', group: 'Appearance', menu: 'theme' },
  'theme:system': { label: 'Theme of the system', group: 'Appearance', menu: 'theme' },
  palette: { label: 'Command palette', group: 'Help', menu: 'view', shortcut: 'Ctrl K' },
  shortcuts: { label: 'Keyboard shortcuts', group: 'Help', menu: 'help', shortcut: '?' },
  gallery: { label: 'Component gallery', group: 'Help', menu: 'help' }
} as const satisfies Record<string, Entry>

/** What Electron's main process does, so in the desktop app only; its keys are the menu's. */
export const shellCommands = {
  'open-folder': { label: 'Open a folder…', group: 'Do', menu: 'file', shortcut: 'Ctrl Shift O' },
  'new-window': { label: 'New window', group: 'Do', menu: 'file', shortcut: 'Ctrl Shift N' },
  'open-workspace': { label: 'Open another workspace…', group: 'Do', menu: 'file' },
  'show-logs': { label: 'Show logs', group: 'Help', menu: 'help' },
  'newer-version': { label: 'Check for a newer version…', group: 'Help', menu: 'help' },
  licences: { label: 'Licences', group: 'Help', menu: 'help' },
  about: { label: 'About Saddlescope', group: 'Help', menu: 'help' }
} as const satisfies Record<string, Entry>

export type PageCommandId = keyof typeof pageCommands
export type ShellCommandId = keyof typeof shellCommands
export type CommandEntry = Entry

export const pageCommandIds = Object.keys(pageCommands) as PageCommandId[]
export const shellCommandIds = Object.keys(shellCommands) as ShellCommandId[]

/** A shortcut of one stroke with Ctrl as Electron writes it; null for others, which no menu can have. */
export function acceleratorOf(shortcut: string | undefined): string | null {
  const keys = shortcut?.split(' ') ?? []
  return keys[0] === 'Ctrl' ? ['CmdOrCtrl', ...keys.slice(1)].join('+') : null
}
