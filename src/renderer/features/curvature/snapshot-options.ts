// What a choice of stored snapshots offers, in which order: those of the run at hand nearest in step first, then the other runs by name.
import { matrixText } from '../../../shared/run/matrix'
import { formatCount } from '../../app/format'

/** One block of one stored snapshot. */
export interface SnapshotAt {
  readonly run: string
  readonly step: number
  readonly block: string
}

/** What a list of all snapshots says of each that matters here. */
export interface StoredSnapshot {
  readonly run: string
  readonly runName: string
  readonly step: number
  readonly blocks: readonly string[]
  /** At least one block has its Hessian. */
  readonly hessian: boolean
  /** What is stored of each block, where the list says it. */
  readonly contents?: readonly { readonly name: string; readonly eigenvalues: boolean; readonly hessian: boolean }[]
}

/** The blocks that have what is needed. */
export function blocksWith({ blocks, hessian, contents }: StoredSnapshot, needs: 'eigenvalues' | 'hessian'): readonly string[] {
  if (contents) return contents.filter((block) => block[needs]).map(({ name }) => name)
  return needs === 'hessian' && !hessian ? [] : blocks
}

export interface SnapshotGroup {
  readonly run: string
  readonly name: string
  readonly options: readonly SnapshotAt[]
}

export interface SnapshotOptions {
  readonly groups: readonly SnapshotGroup[]
  /** Matches beyond those that are offered. */
  readonly left: number
}

/** In addresses too: RUN:STEP/BLOCK. */
export const snapshotKey = (at: SnapshotAt) => matrixText(at)
export const snapshotText = ({ step, block }: Pick<SnapshotAt, 'step' | 'block'>) => `after step ${formatCount(step)} · ${block}`

/** At most `most` blocks of snapshots whose step begins as "step n" says and that have every other word of `search` in the run's name or id, the step or the block's name. */
export function snapshotOptions(
  stored: readonly StoredSnapshot[],
  {
    search = '',
    near = null,
    most = 80
  }: {
    readonly search?: string
    readonly near?: { readonly run: string; readonly step: number } | null
    readonly most?: number
  }
): SnapshotOptions {
  const stepWords = /\bstep\s+(\d+)/i
  const digits = stepWords.exec(search)?.[1] ?? ''
  const words = search.replace(stepWords, '').toLowerCase().split(/\s+/).filter(Boolean)
  const isNear = (one: StoredSnapshot) => near !== null && one.run === near.run
  const distance = (one: StoredSnapshot) => (near !== null && isNear(one) ? Math.abs(one.step - near.step) : 0)
  const ordered = [...stored].sort(
    (a, b) =>
      Number(isNear(b)) - Number(isNear(a)) ||
      a.runName.localeCompare(b.runName) ||
      a.run.localeCompare(b.run) ||
      distance(a) - distance(b) ||
      b.step - a.step
  )
  const groups = new Map<string, { run: string; name: string; options: SnapshotAt[] }>()
  let [offered, left] = [0, 0]
  for (const one of ordered)
    for (const block of one.blocks) {
      const text = `${one.runName} ${one.run} step ${one.step} ${block}`.toLowerCase()
      if (!String(one.step).startsWith(digits) || !words.every((word) => text.includes(word))) continue
      if (offered >= most) {
        left++
        continue
      }
      offered++
      const group = groups.get(one.run) ?? { run: one.run, name: one.runName, options: [] }
      group.options.push({ run: one.run, step: one.step, block })
      groups.set(one.run, group)
    }
  return { groups: [...groups.values()], left }
}
