// Names for runs that are looked at together: what tells them apart, not the name they share.
import { leaves } from '../../../shared/spec/leaves'

/** Settings that say what a run is rather than what it is made of; they come first, the seed last. */
const firstPaths = ['optimizer.kind', 'data.dataset', 'problem.function', 'optimizer.learningRate', 'optimizer.damping.value']
const lastPaths = ['seed']
const ignoredPaths = ['name', 'schemaVersion', 'tags']
/** Their value says what it is of. */
const bareValues = ['optimizer.kind', 'data.dataset', 'problem.function', 'optimizer.scope', 'loss', 'optimizer.damping.kind']
const words: Readonly<Record<string, string>> = {
  'optimizer.learningRate': 'lr',
  'optimizer.damping.value': 'δ',
  'batch.size': 'batch',
  'model.activation.kind': 'activation',
  'optimizer.epsilon': 'ε'
}

/** A setting in a word or two: `lr`, `layers`, `everySteps (snapshots)`. */
export function pathWord(path: string): string {
  if (words[path]) return words[path]
  const parts = path.split('.')
  const last = parts.at(-1) ?? path
  const spaced = last.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return parts.length > 1 && ['value', 'kind', 'everySteps', 'everyEpochs', 'size'].includes(last) ? `${parts.at(-2)} ${spaced}` : spaced
}

/** JSON text of a setting as people write it: `0.1`, `sfn`, `100-5-10`. */
export function settingText(json: string | null | undefined): string {
  if (json === null || json === undefined) return '–'
  const value: unknown = JSON.parse(json)
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => item === null || typeof item === 'number'))
    return value.map((item) => item ?? '·').join('-')
  return json
}

const clipped = (text: string) => (text.length > 32 ? `${text.slice(0, 30)}…` : text)
const phrase = (path: string, json: string | undefined) =>
  json === undefined ? '' : bareValues.includes(path) ? clipped(settingText(json)) : `${pathWord(path)} ${clipped(settingText(json))}`

/**
 * The settings that tell these specs apart, as few as it takes: one is added only where it parts what the former left together.
 * In the order in which they are best read.
 */
export function tellingPaths(specs: readonly ReadonlyMap<string, string>[]): string[] {
  const all = [...new Set(specs.flatMap((one) => [...one.keys()]))].filter((path) => !ignoredPaths.includes(path.split('.')[0]))
  const rank = (path: string) => {
    const first = firstPaths.indexOf(path)
    return first >= 0 ? first : lastPaths.includes(path) ? 1000 : 100
  }
  const ordered = all.sort((a, b) => rank(a) - rank(b))
  const telling: string[] = []
  let classes = specs.map(() => '')
  for (const path of ordered) {
    const finer = specs.map((one, i) => `${classes[i]}\u0000${one.get(path) ?? ''}`)
    if (new Set(finer).size === new Set(classes).size) continue
    telling.push(path)
    classes = finer
  }
  return telling
}

export interface Named {
  readonly id: string
  readonly name: string
  /** Null while it is not known. */
  readonly spec: unknown
}

/** Those of one text get their id, so that no two names are the same. */
function unique(names: readonly { readonly id: string; readonly text: string }[]): Map<string, string> {
  const times = new Map<string, number>()
  for (const { text } of names) times.set(text, (times.get(text) ?? 0) + 1)
  return new Map(names.map(({ id, text }) => [id, (times.get(text) ?? 0) > 1 ? `${text} (${id})` : text]))
}

/** By what differs; the runs' own names where nothing does or a spec is not there yet. */
export function namesByDifference(runs: readonly Named[]): Map<string, string> {
  const specs = runs.map((run) => leaves(run.spec ?? {}))
  const paths = tellingPaths(specs)
  return unique(
    runs.map((run, i) => {
      const parts = paths.map((path) => phrase(path, specs[i].get(path))).filter(Boolean)
      return { id: run.id, text: run.spec === null || parts.length === 0 ? run.name : parts.join(' · ') }
    })
  )
}

export const ownNames = (runs: readonly Named[]): Map<string, string> => unique(runs.map(({ id, name }) => ({ id, text: name })))

/** A name for a group from the settings that all its runs share and other groups do not. */
export function groupNames(groups: readonly (readonly Named[])[]): string[] {
  const shared = groups.map((runs) => {
    const [first, ...others] = runs.map((run) => leaves(run.spec ?? {}))
    return new Map([...(first ?? new Map<string, string>())].filter(([path, value]) => others.every((one) => one.get(path) === value)))
  })
  const paths = groups.length > 1 ? tellingPaths(shared) : []
  return groups.map((runs, i) => {
    const parts = paths.map((path) => phrase(path, shared[i].get(path))).filter(Boolean)
    return parts.length > 0 ? parts.join(' · ') : (runs[0]?.name ?? '')
  })
}
