// A run that ended because something was not finite: the step that failed has no line in metrics.ndjson; its figure is told from the sentence that ended the run.

const figures: readonly (readonly [words: RegExp, figure: string])[] = [
  [/^the loss\b/, 'loss'],
  [/^the (norm of the )?gradient\b/, 'gradNorm'],
  [/^the (norm of the update|update|new weight)\b/, 'stepNorm']
]

/** Which metric was not finite at which step; null for other errors. */
export function divergedAt(error: string | null): { readonly step: number; readonly figure: string } | null {
  const [, step, what] = /^step (\d+): (.*)$/s.exec(error ?? '') ?? []
  if (what === undefined || !/\b(not a number|infinite|infinity)\b/.test(what)) return null
  const found = figures.find(([words]) => words.test(what))
  return found ? { step: Number(step), figure: found[1] } : null
}
