// Commands of the desktop app itself: each has one action, called by its menu item and by the page's palette.
import type { BrowserWindow } from 'electron'
import type { ShellCommandId } from '../shared/shell/commands'
import { handle } from './ipc'

type Action = (window: BrowserWindow | null) => void
const actions = new Map<ShellCommandId, Action>()

/** Before the menu is set up: what has no action is not offered. */
export function onCommand(id: ShellCommandId, action: Action) {
  actions.set(id, action)
}

export const hasCommand = (id: ShellCommandId) => actions.has(id)
export const runCommand = (id: ShellCommandId, window: BrowserWindow | null) => actions.get(id)?.(window)

export function setupCommands() {
  handle('shell-command', ({ id }, window) => runCommand(id, window))
}
