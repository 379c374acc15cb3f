// Keys that do something anywhere: one alone, or one after `g`. Typing in fields and working in dialogs and menus are left alone.
import { onScopeDispose } from 'vue'
import { shortcutOf, type Command } from '../ui/commands'

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
