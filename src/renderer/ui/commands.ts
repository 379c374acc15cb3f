// The commands of the palette: how typed text finds them, and which keys mean them.

export interface Command {
  readonly id: string
  readonly label: string
  readonly group: string
  readonly shortcut?: string
  readonly run: () => void
}

/** How well `text` fits: its letters in order, better when together and at word starts; null when they are not all there. */
export function fit(label: string, text: string): number | null {
  const where = label.toLowerCase()
  const what = text.toLowerCase().trim()
  if (what === '') return 0
  const whole = where.indexOf(what)
  if (whole >= 0) return 1000 - whole + (whole === 0 || /\W/.test(where[whole - 1]) ? 200 : 0)
  let score = 0
  let from = 0
  for (const letter of what) {
    if (letter === ' ') continue
    const at = where.indexOf(letter, from)
    if (at < 0) return null
    score += at === from ? 3 : at === 0 || /\W/.test(where[at - 1]) ? 2 : 0
    from = at + 1
  }
  return score
}

/** The commands that fit, the best first, otherwise in their own order. */
export function rankCommands(commands: readonly Command[], text: string): Command[] {
  return commands
    .map((command, place) => ({ command, place, score: fit(`${command.label} ${command.group}`, text) }))
    .filter((one) => one.score !== null)
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.place - b.place)
    .map((one) => one.command)
}

const afterG = 1200
/** Keys that mean something with Ctrl, or ⌘ on a Mac. */
const withControl = new Set(['K', 'O'])
/** A shortcut as the keys of this machine are called. */
export const keysShown = (shortcut: string, platform: string = globalThis.navigator?.platform ?? '') =>
  /Mac/.test(platform) ? shortcut.replace('Ctrl', '⌘') : shortcut

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
  if (ctrl) return { shortcut: withControl.has(key.toUpperCase()) ? `Ctrl ${key.toUpperCase()}` : null, gAt: -Infinity }
  if (at - gAt < afterG) return { shortcut: `g ${key}`, gAt: -Infinity }
  return key === 'g' ? { shortcut: null, gAt: at } : { shortcut: key, gAt: -Infinity }
}

/** Keys that move within what has the focus, for the list of shortcuts. */
const withinShortcuts = [
  { keys: '← →', does: 'Snapshot before or after, on a focused slider' },
  { keys: 'F8', does: 'Move to the notices' }
]

/** The list under `?`, from the commands themselves. */
export function shortcutsOf(commands: readonly Command[]): { keys: string; does: string }[] {
  const own = commands.flatMap(({ shortcut, label, group }) =>
    shortcut ? [{ keys: keysShown(shortcut), does: group === 'Screen' ? `Go to ${label}` : label }] : []
  )
  return [...own, ...withinShortcuts]
}
