// An analysis that is to be made: what it takes, why not, and its start. The same for every dialog that makes one.
import { computed, ref } from 'vue'
import type { MethodInput } from '../../../shared/api/contract'
import { budgetWarning } from '../../../shared/run/fit'
import { attempt } from '../../app/actions'
import { useQuery } from '../../app/data'

export type AnalysisOrder = MethodInput<'analyses.cost'>

/** `order` null: nothing is asked, since it is not right yet or the dialog is closed. */
export function useOrder(order: () => AnalysisOrder | null) {
  const cost = useQuery('analyses.cost', order, { keep: true })
  const answer = computed(() => (order() === null ? null : (cost.data.value ?? null)))
  /** What it would pass the disk budget by; it is made all the same when the person says so. */
  const passed = computed(() => budgetWarning(answer.value?.diskBytes ?? 0, answer.value?.budget ?? null, 'the analysis'))
  const sending = ref(false)
  const ready = computed(
    () => order() !== null && answer.value !== null && !cost.pending.value && answer.value.refusal === null && !sending.value
  )
  async function start(): Promise<boolean> {
    const wish = order()
    if (wish === null) return false
    sending.value = true
    const started = await attempt('analyses.start', { ...wish, confirmed: passed.value !== null })
    if (!started) cost.refetch()
    sending.value = false
    return started
  }
  return { answer, fault: cost.error, passed, ready, start }
}
