// Keys that do something anywhere: one alone, or one after `g`. Typing in fields and working in dialogs and menus are left alone.
import { onScopeDispose } from 'vue'
import type { Command } from '../ui/commands'

const afterG = 1200

export interface Pressed {
  readonly key: string
  readonly ctrl: boolean
  readonly alt: boolean
  /** Milliseconds of a clock that only runs forward. */
  readonly at: number
}

/** What a key means, given when `g` was pressed last: the shortcut's name, or null; and the new time of `g`. */
export function shortcutOf({ key, ctrl, alt, at }: Pressed, gAt: number): { shortcut: string | null; gAt: number } {
  if (alt) return { shortcut: null, gAt: -Infinity }
  if (ctrl) return { shortcut: key.toLowerCase() === 'k' ? 'Ctrl K' : null, gAt: -Infinity }
  if (at - gAt < afterG) return { shortcut: `g ${key}`, gAt: -Infinity }
  return key === 'g' ? { shortcut: null, gAt: at } : { shortcut: key, gAt: -Infinity }
}

const busy = 'input,textarea,select,[contenteditable],[role=dialog],[role=menu]'

/** Runs the command whose shortcut is pressed. */
export function useKeys(commands: () => readonly Command[]) {
  let gAt = -Infinity
  function onKey(event: KeyboardEvent) {
    const ctrl = event.ctrlKey || event.metaKey
    const typing = event.target instanceof Element && event.target.closest(busy) !== null
    if (event.defaultPrevented || (typing && !ctrl) || (ctrl && event.shiftKey)) return
    const pressed = shortcutOf({ key: event.key, ctrl, alt: event.altKey, at: performance.now() }, gAt)
    gAt = pressed.gAt
    const command = pressed.shortcut && commands().find((one) => one.shortcut === pressed.shortcut)
    if (!command) return
    event.preventDefault()
    command.run()
  }
  window.addEventListener('keydown', onKey)
  onScopeDispose(() => window.removeEventListener('keydown', onKey))
}

/** Keys that move within what has the focus, for the list of shortcuts. */
const withinShortcuts = [
  { keys: '← →', does: 'Snapshot before or after, on a focused slider' },
  { keys: 'F8', does: 'Move to the notices' }
]

/** The list under `?`, from the commands themselves. */
export function shortcutsOf(commands: readonly Command[]): { keys: string; does: string }[] {
  const own = commands.flatMap(({ shortcut, label, group }) =>
    shortcut ? [{ keys: shortcut, does: group === 'Screen' ? `Go to ${label}` : label }] : []
  )
  return [...own, ...withinShortcuts]
}
