// The commands of the palette and how typed text finds them.

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
