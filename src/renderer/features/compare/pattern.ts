// Shows or hides runs by a pattern over what they are called.

export interface Pattern {
  /** Whether a run of these names is shown. */
  readonly test: (names: readonly string[]) => boolean
  /** One sentence; every run is shown meanwhile. */
  readonly fault: string | null
}

/** An empty pattern shows everything; capitals do not count. */
export function compilePattern(text: string, hides: boolean): Pattern {
  if (text === '') return { test: () => true, fault: null }
  try {
    const expression = new RegExp(text, 'iu')
    return { test: (names) => names.some((name) => expression.test(name)) !== hides, fault: null }
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Invalid regular expression: (\/.*\/[a-z]*: )?/s, '') : String(error)
    return { test: () => true, fault: `This is no regular expression: ${why}. All runs are shown.` }
  }
}
