// Which snapshots of the library are looked at, and where two of them are laid side by side.
import type { SnapshotEntry } from '../../../shared/api/contract'
import { matrixText } from '../../../shared/run/matrix'

export interface SnapshotFilter {
  /** Words that must all be found in the run's name or id, the optimizer or the data set. */
  readonly text: string
  /** Empty: any. */
  readonly optimizer: string
  readonly dataset: string
  readonly hessian: boolean
  readonly pinned: boolean
  readonly onDemand: boolean
}

export const keyOf = ({ run, step }: Pick<SnapshotEntry, 'run' | 'step'>) => `${run}/${step}`

/** Those that match, by run and step: the order in which rows of equal sort value stay. */
export function matching(all: readonly SnapshotEntry[], filter: SnapshotFilter): SnapshotEntry[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return all
    .filter((one) => {
      if (filter.optimizer !== '' && one.optimizer !== filter.optimizer) return false
      if (filter.dataset !== '' && one.dataset !== filter.dataset) return false
      if ((filter.hessian && !one.hessian) || (filter.pinned && !one.pinned) || (filter.onDemand && !one.onDemand)) return false
      const text = `${one.runName} ${one.run} ${one.optimizer} ${one.dataset}`.toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .sort((a, b) => a.runName.localeCompare(b.runName) || a.run.localeCompare(b.run) || a.step - b.step)
}

export const isNarrowed = ({ text, optimizer, dataset, hessian, pinned, onDemand }: SnapshotFilter) =>
  text.trim() !== '' || optimizer !== '' || dataset !== '' || hessian || pinned || onDemand

export const sumOf = (some: readonly SnapshotEntry[], bytes: (one: SnapshotEntry) => number) =>
  some.reduce((sum, one) => sum + bytes(one), 0)

/** Of two snapshots the blocks to lay side by side: of the same name where both have one such, else the first of each. */
function blocksOf(a: SnapshotEntry, b: SnapshotEntry, has: (block: SnapshotEntry['contents'][number]) => boolean): [string, string] | null {
  const [mine, others] = [a.contents.filter(has), b.contents.filter(has)].map((blocks) => blocks.map(({ name }) => name))
  if (mine.length === 0 || others.length === 0) return null
  const common = mine.find((name) => others.includes(name))
  return common === undefined ? [mine[0], others[0]] : [common, common]
}

export interface Comparison {
  readonly what: 'Hessians' | 'spectra'
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

/** Where two snapshots are compared: Hessians where both have one, else spectra; or why they cannot be, in a sentence. */
export function comparisonOf(a: SnapshotEntry, b: SnapshotEntry): Comparison | { readonly fault: string } {
  const hessians = blocksOf(a, b, ({ hessian }) => hessian)
  const spectra = hessians ?? blocksOf(a, b, ({ eigenvalues }) => eigenvalues)
  if (!spectra) return { fault: 'One has no eigenvalues, the other no Hessian: there is nothing that both have.' }
  const [block, other] = spectra
  const [tab, name] = hessians ? ['hessian', 'beside'] : ['spectrum', 'with']
  return {
    what: hessians ? 'Hessians' : 'spectra',
    path: `/run/${a.run}/${tab}`,
    query: { step: String(a.step), block, [name]: matrixText({ run: b.run, step: b.step, block: other }) }
  }
}

/** Runs with their snapshots, in the order in which they come. */
export function byRun(some: readonly SnapshotEntry[]): { readonly run: string; readonly runName: string; readonly steps: number[] }[] {
  const runs = new Map<string, { run: string; runName: string; steps: number[] }>()
  for (const { run, runName, step } of some) {
    const known = runs.get(run)
    if (known) known.steps.push(step)
    else runs.set(run, { run, runName, steps: [step] })
  }
  return [...runs.values()]
}
