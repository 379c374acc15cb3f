// The few words the app takes on its command line; `npm start` passes them on.

export interface AppArguments {
  /** null: SADDLESCOPE_WORKSPACE, else the default place. */
  readonly workspace: string | null
  /** False: an empty workspace stays empty. */
  readonly demo: boolean
}

export function parseArguments(words: readonly string[]): AppArguments {
  const at = words.findIndex((word) => word === '--workspace' || word.startsWith('--workspace='))
  const workspace = at < 0 ? null : words[at].includes('=') ? words[at].slice('--workspace='.length) : (words[at + 1] ?? null)
  return { workspace: workspace || null, demo: !words.includes('--no-demo') }
}
