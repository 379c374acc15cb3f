// Which columns the table of runs has and shows: the user's choice, kept in the settings, or what fits.
import { computed, ref, shallowRef, type Ref } from 'vue'
import type { RunColumn } from '../../../shared/run/column'
import type { RunSummary } from '../../../shared/run/summary'
import { attempt } from '../../app/actions'
import { call } from '../../app/data'
import { leastWidth } from '../../ui/table'
import { chosenColumn, columnOfId, idOfColumn } from './chosen-columns'
import { allColumns, columnsThatFit, constantColumns, summaryColumns, type RunTableColumn } from './columns'
import { useValues } from './use-values'

const setting = 'runsColumns'
const tickWidth = 34

/** Ids of the shown columns; null while nobody has chosen. One for the page, so that coming back to the screen shows them at once. */
const choice = shallowRef<readonly string[] | null>(null)
let asked = false

async function readChoice() {
  if (asked) return
  asked = true
  try {
    const stored = (await call('settings.get', {}))[setting]
    if (Array.isArray(stored)) choice.value = stored.filter((id): id is string => typeof id === 'string')
  } catch {
    asked = false
  }
}
function choose(ids: readonly string[] | null) {
  choice.value = ids
  void attempt('settings.set', { values: { [setting]: ids === null ? null : [...ids] } })
}

/** `extraPath`: a field of the spec that is needed though not shown. `width`: pixels of the table. */
export function useColumns(runs: () => readonly RunSummary[], extraPath: () => string | null, width: Ref<number>) {
  void readChoice()
  const fitting = computed(() => columnsThatFit(width.value, tickWidth, (column) => leastWidth(column.width)))
  const shown = computed(() => choice.value ?? fitting.value)
  const chosen = computed(() => shown.value.flatMap((id) => columnOfId(id) ?? []))
  /** Taken off in this visit, still offered. */
  const formerly = ref<RunColumn[]>([])
  const wanted = computed((): RunColumn[] => {
    const path = extraPath()
    const extra: RunColumn[] = path === null ? [] : [{ kind: 'spec', path }]
    return [...new Map([...chosen.value, ...extra].map((column) => [idOfColumn(column), column])).values()]
  })
  const values = useValues(runs, () => wanted.value)
  const columns = computed((): RunTableColumn[] => {
    void values.version.value
    return allColumns(chosen.value.map((column) => chosenColumn(column, (run) => values.valueOf(idOfColumn(column), run.id))))
  })
  const hidden = computed(() => columns.value.filter((column) => !column.fixed && !shown.value.includes(column.id)).map(({ id }) => id))
  const isShown = (id: string) => shown.value.includes(id)

  return {
    columns,
    hidden,
    chosen,
    formerly,
    values,
    isShown,
    /** Summary columns that only the window's width keeps away. */
    noRoom: computed(() =>
      choice.value === null ? summaryColumns.filter((column) => !column.hiddenAtFirst && !fitting.value.includes(column.id)) : []
    ),
    isChoice: computed(() => choice.value !== null),
    toggle(id: string) {
      const column = columnOfId(id)
      if (column && isShown(id)) formerly.value = [...formerly.value.filter((one) => idOfColumn(one) !== id), column]
      choose(isShown(id) ? shown.value.filter((one) => one !== id) : [...shown.value, id])
    },
    hideConstant() {
      const constant = constantColumns(runs(), columns.value)
      choose(shown.value.filter((id) => !constant.includes(id)))
    },
    showAll: () => choose([...summaryColumns.map(({ id }) => id), ...chosen.value.map(idOfColumn)]),
    reset: () => choose(null)
  }
}
export type RunColumns = ReturnType<typeof useColumns>
