// What the app takes on its command line: a workspace, and files to open. `npm start` passes both on.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface AppArguments {
  /** Absolute; null: the last one that was opened, SADDLESCOPE_WORKSPACE, or the default place. */
  readonly workspace: string | null
  /** False: an empty workspace stays empty. */
  readonly demo: boolean
  /** Absolute paths of what is to be opened. */
  readonly files: readonly string[]
}

/** The words meant for the app: those behind its own folder, which a program that is not packaged is started with. */
export function ownWords(argv: readonly string[], appFolder: string, folder: string): readonly string[] {
  const at = argv.findIndex((word, place) => place > 0 && !word.startsWith('-') && resolve(folder, word) === resolve(appFolder))
  return argv.slice(at < 0 ? 1 : at + 1)
}

/** A path, or a `file:` address as desktops hand them over; null for any other address. */
function pathOf(word: string, folder: string): string | null {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(word)) return resolve(folder, word)
  try {
    return fileURLToPath(word)
  } catch {
    return null
  }
}

/** `folder`: what relative paths are relative to. Everything behind `--` is a file; so is what stands alone before it. */
export function parseArguments(words: readonly string[], folder: string): AppArguments {
  const end = words.indexOf('--')
  const before = end < 0 ? words : words.slice(0, end)
  const files = end < 0 ? [] : words.slice(end + 1)
  const alone: string[] = []
  let workspace: string | null = null
  for (let place = 0; place < before.length; place++) {
    const word = before[place]
    if (word === '--workspace') workspace = before[++place] || null
    else if (word.startsWith('--workspace=')) workspace = word.slice('--workspace='.length) || null
    else if (!word.startsWith('-') && word !== '') alone.push(word)
  }
  return {
    workspace: workspace === null ? null : resolve(folder, workspace),
    demo: !before.includes('--no-demo'),
    files: [...alone, ...files].flatMap((word) => pathOf(word, folder) ?? [])
  }
}
