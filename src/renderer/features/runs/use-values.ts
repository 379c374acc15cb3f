// Values of the chosen columns for many runs: asked for in portions, again when a run has moved on.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { RunColumn } from '../../../shared/run/column'
import type { RunSummary } from '../../../shared/run/summary'
import { call } from '../../app/data'
import { idOfColumn, type ChosenValue } from './chosen-columns'
import { messageOf } from '../../../shared/format/message-of'

interface Held extends ChosenValue {
  /** What the run was like when it was asked for. */
  readonly stamp: string
}

const portion = 400
/** Runs at work move on all the time: their values are asked for again at most so often, in milliseconds. */
const pace = 2000

/** A spec changes with its budget only; a metric with each step. */
const stampOf = (column: RunColumn, run: RunSummary) => (column.kind === 'spec' ? `${run.budgetSteps}` : `${run.state} ${run.step}`)

export interface RunValuesOf {
  /** Changes when values have come. */
  readonly version: ShallowRef<number>
  readonly error: ShallowRef<string | null>
  /** Undefined while it is not there yet. */
  valueOf(columnId: string, runId: string): ChosenValue | undefined
}

export function useValues(runs: () => readonly RunSummary[], columns: () => readonly RunColumn[]): RunValuesOf {
  const held = new Map<string, Map<string, Held>>()
  const version = shallowRef(0)
  const error = shallowRef<string | null>(null)
  let busy = false
  let ended = false
  let timer: ReturnType<typeof setTimeout> | null = null

  const isStale = (column: RunColumn, run: RunSummary) => held.get(idOfColumn(column))?.get(run.id)?.stamp !== stampOf(column, run)
  const isThere = (column: RunColumn, run: RunSummary) => held.get(idOfColumn(column))?.has(run.id) === true

  async function ask(wanted: readonly RunColumn[], some: readonly RunSummary[]) {
    const answer = await call('runs.values', { ids: some.map((run) => run.id), columns: [...wanted] as never })
    for (const [place, column] of wanted.entries()) {
      const ofColumn = held.get(idOfColumn(column)) ?? new Map<string, Held>()
      held.set(idOfColumn(column), ofColumn)
      const { values, steps } = answer.columns[place]
      for (const [i, run] of some.entries())
        ofColumn.set(run.id, { value: values[i], step: steps?.[i] ?? null, stamp: stampOf(column, run) })
    }
    version.value++
  }

  /** Asks until nothing is stale; what is not there at all comes first. */
  async function catchUp() {
    if (busy || ended) return
    busy = true
    try {
      for (;;) {
        const wanted = columns()
        const stale = wanted.length === 0 ? [] : runs().filter((run) => wanted.some((column) => isStale(column, run)))
        if (stale.length === 0 || ended) break
        const absent = stale.filter((run) => wanted.some((column) => !isThere(column, run)))
        await ask(wanted, (absent.length > 0 ? absent : stale).slice(0, portion))
        error.value = null
        if (absent.length === 0 && stale.length <= portion) break
      }
    } catch (fault) {
      error.value = messageOf(fault)
    }
    busy = false
  }

  function later() {
    timer ??= setTimeout(() => {
      timer = null
      void catchUp()
    }, pace)
  }
  watch(
    () => columns().map(idOfColumn).join('\n'),
    () => void catchUp(),
    { immediate: true }
  )
  watch(runs, (now, before) => {
    if (columns().length === 0) return
    if (now.length !== before.length) void catchUp()
    later()
  })
  onScopeDispose(() => {
    ended = true
    if (timer) clearTimeout(timer)
  })
  return {
    version,
    error,
    valueOf(columnId, runId) {
      void version.value
      return held.get(columnId)?.get(runId)
    }
  }
}
