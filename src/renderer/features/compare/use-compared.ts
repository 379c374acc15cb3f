// The compared runs with everything the screen shows of them: specs, groups, names, colours, visibility, metrics and their means.
import { computed, inject, provide, shallowRef, watch, type InjectionKey } from 'vue'
import type { RunSummary } from '../../../shared/run/summary'
import type { RunSpec } from '../../../shared/spec/schema'
import { runColour } from '../../app/colours'
import { invalidate, useQueries } from '../../app/data'
import { usePaced } from '../../app/paced'
import { runList, runsLoaded } from '../../app/runs'
import { hiddenRuns } from '../../app/visibility'
import { groupRuns, groupValue, type GroupedRun } from './groups'
import { columnsFor, isSnapshotFigure, snapshotFigureNames } from './curvature-lines'
import type { CurveGroup } from './curves'
import { groupNames, namesByDifference, ownNames } from './names'
import { compilePattern } from './pattern'
import type { CompareView } from './use-view'

export interface ComparedRun extends GroupedRun {
  readonly spec: RunSpec | null
  readonly summary: RunSummary
  readonly label: string
  readonly colour: string
  readonly visible: boolean
}

export interface ComparedGroup {
  readonly id: string
  readonly label: string
  /** Of its first run. */
  readonly colour: string
  readonly runs: readonly ComparedRun[]
}

/** Points a chart may have in all, and how many pixel columns a run then gets: in coarse steps, so that one run more asks for nothing anew. */
const pointsPerChart = 48_000
function pixelsFor(runs: number): number {
  const share = pointsPerChart / Math.max(1, runs)
  return [1500, 750, 375, 180, 90].find((pixels) => pixels <= share / 2) ?? 90
}

/** Answers by id. Two hundred of them come one after the other: they are taken a few times a second, few ones at once. */
function useById<Output>(
  of: { readonly value: readonly { readonly id: string }[] },
  answers: { readonly value: readonly (Output | undefined)[] }
) {
  const byId = () => new Map(of.value.flatMap(({ id }, i) => (answers.value[i] === undefined ? [] : [[id, answers.value[i]] as const])))
  return usePaced<ReadonlyMap<string, Output>>(byId, of.value.length > 24 ? 400 : 60)
}

function createCompared(view: CompareView) {
  const known = computed(() => {
    const byId = new Map(runList.value.map((run) => [run.id, run]))
    return view.ids.value.flatMap((id) => byId.get(id) ?? [])
  })
  const missing = computed(() => {
    const there = new Set(known.value.map((run) => run.id))
    return runsLoaded.value ? view.ids.value.filter((id) => !there.has(id)) : []
  })
  const detailAnswers = useQueries('runs.get', () => known.value.map((run) => ({ id: run.id })))
  const details = useById(known, detailAnswers.data)
  const pixels = computed(() => pixelsFor(known.value.length))

  const available = shallowRef<readonly string[]>([])
  /** Names of each run's own figures, kept while other columns of it load. */
  const availableOf = shallowRef<ReadonlyMap<string, readonly string[]>>(new Map())
  /** Workspaces whose metrics have no loss per sample show the file's own. */
  const metrics = computed(() =>
    view.metrics.value.map((name) =>
      name === 'lossPerSample' && available.value.includes('loss') && !available.value.includes('lossPerSample') ? 'loss' : name
    )
  )
  const tableAnswers = useQueries('runs.metrics', () =>
    known.value.map((run) => ({
      id: run.id,
      columns: [
        ...new Set([
          ...metrics.value,
          ...metrics.value.flatMap((metric) => columnsFor(availableOf.value.get(run.id) ?? [], metric)),
          ...(view.x.value === 'step' ? [] : [view.x.value])
        ])
      ],
      pixels: pixels.value,
      ...(view.weight.value > 0 ? { smooth: view.weight.value } : {})
    }))
  )
  const tables = useById(known, tableAnswers.data)
  watch(
    () => [...new Set([...tables.value.values()].flatMap((table) => table.available))],
    (names) => {
      // While other columns load, what was known holds: the choice of columns depends on it.
      if (names.length > 0 && names.join() !== available.value.join()) available.value = names
    },
    { immediate: true }
  )
  watch(
    tables,
    (now) => {
      const known = availableOf.value
      const changed = [...now].filter(([id, table]) => table.available.join() !== known.get(id)?.join())
      if (changed.length > 0) availableOf.value = new Map([...known, ...changed.map(([id, table]) => [id, table.available] as const)])
    },
    { immediate: true }
  )
  /** What can be drawn: figures of the steps, and those that snapshots have. */
  const figures = computed(() => {
    const fromSnapshots = known.value.some((run) => run.snapshots > 0) ? snapshotFigureNames : []
    return [...available.value, ...fromSnapshots.filter((name) => !available.value.includes(name))]
  })
  /** Runs whose snapshots have to tell, because their steps compute no eigenvalues that are asked for. */
  const untold = computed(() =>
    known.value.filter(({ id, snapshots }) => {
      const own = availableOf.value.get(id)
      return snapshots > 0 && own && metrics.value.some((metric) => isSnapshotFigure(metric) && columnsFor(own, metric).length === 0)
    })
  )
  const snapshotAnswers = useQueries('snapshots.curvature', () => untold.value.map(({ id }) => ({ run: id })))
  const snapshots = useById(untold, snapshotAnswers.data)

  const base = computed(() =>
    known.value.map((summary) => ({
      summary,
      id: summary.id,
      name: summary.name,
      group: summary.group,
      tags: summary.tags,
      spec: details.value.get(summary.id)?.spec ?? null
    }))
  )
  const labels = computed(() => {
    const distinct = new Set(base.value.map((run) => run.name)).size === base.value.length
    const own = view.naming.value === 'own' || (view.naming.value === 'auto' && distinct)
    return own ? ownNames(base.value) : namesByDifference(base.value)
  })
  const pattern = computed(() => compilePattern(view.pattern.value, view.patternHides.value))
  const runs = computed(() =>
    base.value.map((run): ComparedRun => {
      const label = labels.value.get(run.id) ?? run.name
      const visible = !hiddenRuns.value.has(run.id) && pattern.value.test([label, run.name, run.id])
      return { ...run, label, colour: runColour(run.summary), visible }
    })
  )
  const groups = computed(() => {
    const grouped = groupRuns(runs.value, view.grouping.value)
    const names = groupNames(grouped.map((group) => group.runs))
    return grouped.map(({ id, runs: members }, i): ComparedGroup => {
      const label = members.length === 1 ? members[0].label : (groupValue(members[0], view.grouping.value) ?? names[i])
      return { id, label, colour: members[0].colour, runs: members }
    })
  })

  const shown = computed(() =>
    groups.value.map((group) => ({ ...group, runs: group.runs.filter((run) => run.visible) })).filter((group) => group.runs.length > 0)
  )
  const joint = computed(() => shown.value.filter((group) => group.runs.length > 1))
  const wholeAnswers = useQueries('runs.aggregate', () =>
    joint.value.map((group) => ({
      ids: group.runs.map((run) => run.id),
      columns: metrics.value,
      x: view.x.value,
      pixels: Math.min(750, pixels.value),
      ...(view.weight.value > 0 ? { smooth: view.weight.value } : {})
    }))
  )
  const wholes = useById(joint, wholeAnswers.data)
  const curveGroups = computed(() => {
    return shown.value.map((group): CurveGroup => {
      return {
        id: group.id,
        label: group.label,
        colour: group.colour,
        runs: group.runs.map((run) => ({
          id: run.id,
          label: run.label,
          colour: run.colour,
          table: tables.value.get(run.id),
          spec: run.spec,
          snapshots: snapshots.value.get(run.id)
        })),
        whole: group.runs.length > 1 ? wholes.value.get(group.id)?.columns : undefined
      }
    })
  })
  const failures = computed(() =>
    [tableAnswers, detailAnswers, wholeAnswers, snapshotAnswers]
      .flatMap(({ errors }) => errors.value)
      .flatMap((error) => (error ? [error.message] : []))
  )

  // Running runs move on: what was asked of them is asked again.
  watch(
    () => known.value.map((run) => [run.id, `${run.step} ${run.snapshots}`] as const),
    (now, before) => {
      const steps = new Map(before)
      const moved = new Set(now.filter(([id, step]) => steps.has(id) && steps.get(id) !== step).map(([id]) => id))
      if (moved.size === 0) return
      invalidate((method, input) => {
        if (method === 'runs.metrics') return moved.has(String(input.id))
        if (method === 'snapshots.curvature') return moved.has(String(input.run))
        return (method === 'runs.aggregate' || method === 'runs.values') && (input.ids as string[]).some((id) => moved.has(id))
      })
    }
  )
  return { known, missing, details, tables, available, figures, metrics, runs, groups, curveGroups, pattern, failures }
}
export type Compared = ReturnType<typeof createCompared>

const key: InjectionKey<Compared> = Symbol('compared runs')
export function provideCompared(view: CompareView): Compared {
  const compared = createCompared(view)
  provide(key, compared)
  return compared
}
export function useCompared(): Compared {
  const compared = inject(key)
  if (!compared) throw new Error('outside of the comparison')
  return compared
}
