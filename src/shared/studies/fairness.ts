// Whether the runs of a study that ought to start alike did, by the hashes they recorded.
import type { RunMeta } from '../run/schema'
import { isFunctionSpec, type RunSpec } from '../spec/schema'
import { sharedParts, type Fairness, type FairnessGroup, type SharedHash, type SharedPart } from './answers'

type Hashes = RunMeta['hashes']
type Finding = Fairness['findings'][number]

/** A run as the study wants it, and what it recorded when it began; null: it has not. */
export interface StartedRun {
  readonly run: string
  readonly cell: number
  readonly spec: RunSpec
  readonly hashes: Hashes | null
}

export const partNames: Readonly<Record<SharedPart, string>> = {
  weights: 'start weights',
  projection: 'random projection',
  batches: 'order of batches',
  dataset: 'dataset'
}

export const shortHash = (hash: string | null) => (hash === null ? 'none' : `${hash.slice(0, 12)}…`)

/** Runs of one key start alike: their specs have the same seed, data, network and batches. */
export const startKey = (spec: RunSpec): string =>
  JSON.stringify(isFunctionSpec(spec) ? [spec.seed, spec.problem] : [spec.seed, spec.data, spec.model, spec.batch])

/** A run that has begun has all of these, as far as its spec asks for them; before that none. */
const hasBegun = ({ hashes }: StartedRun) => hashes !== null && sharedParts.some((part) => hashes[part] !== null)

/** The hash that most have; of as many the first. */
function usual(hashes: readonly (string | null)[]): string | null {
  const counts = new Map<string | null, number>()
  for (const hash of hashes) counts.set(hash, (counts.get(hash) ?? 0) + 1)
  return [...counts].reduce<[string | null, number]>((best, one) => (one[1] > best[1] ? one : best), [null, 0])[0]
}

function compared(begun: readonly StartedRun[], part: SharedPart): { shared: SharedHash; findings: Finding[] } {
  const hash = usual(begun.map(({ hashes }) => hashes?.[part] ?? null))
  const others = begun.filter(({ hashes }) => (hashes?.[part] ?? null) !== hash)
  const findings = others.map(({ run, hashes, spec }) => {
    const first = begun.find((one) => (one.hashes?.[part] ?? null) === hash)
    const own = shortHash(hashes?.[part] ?? null)
    return {
      run,
      what: part,
      sentence: `${run}: recorded ${own} for its ${partNames[part]}, ${first?.run} ${shortHash(hash)}: of seed ${spec.seed} both, they ought to start alike`
    }
  })
  return { shared: { hash, same: others.length === 0 }, findings }
}

/** Groups in the order of their first runs, and every run whose hash is not its group's. */
export function compareStarts(runs: readonly StartedRun[]): Pick<Fairness, 'groups' | 'findings'> {
  const byKey = new Map<string, StartedRun[]>()
  for (const run of runs) {
    const key = startKey(run.spec)
    const group = byKey.get(key)
    if (group) group.push(run)
    else byKey.set(key, [run])
  }
  const findings: Finding[] = []
  const groups = [...byKey.values()].map((group): FairnessGroup => {
    const begun = group.filter(hasBegun)
    const parts = sharedParts.map((part) => {
      const { shared, findings: found } = compared(begun, part)
      findings.push(...found)
      return [part, shared] as const
    })
    return {
      seed: group[0].spec.seed,
      cells: [...new Set(group.map(({ cell }) => cell))],
      recorded: begun.length,
      of: group.length,
      ...(Object.fromEntries(parts) as Record<SharedPart, SharedHash>)
    }
  })
  return { groups, findings }
}

/** The group with what verification found wrong in it. */
export function withFindings(groups: readonly FairnessGroup[], runs: readonly StartedRun[], findings: readonly Finding[]): FairnessGroup[] {
  const keys = [...new Set(runs.map(({ spec }) => startKey(spec)))]
  return groups.map((group, place) => {
    const members = new Set(runs.filter(({ spec }) => startKey(spec) === keys[place]).map(({ run }) => run))
    const bad = (part: SharedPart) => findings.some(({ run, what }) => what === part && members.has(run))
    const parts = sharedParts.map((part) => [part, { ...group[part], same: group[part].same && !bad(part) }])
    return { ...group, ...(Object.fromEntries(parts) as Record<SharedPart, SharedHash>) }
  })
}
