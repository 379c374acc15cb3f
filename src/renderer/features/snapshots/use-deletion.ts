// A dialog's deletion: the preview follows what is asked for, and what is confirmed is what was shown.
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { SnapshotEntry } from '../../../shared/api/contract'
import { formatBytes } from '../../app/format'
import { notify } from '../../ui/toasts'
import { applyDeletion, bytesOf, countOfSnapshots, previewDeletion, type Deletion, type RunPlan } from './deletion'
import { messageOf } from '../../../shared/format/message-of'

interface Asked {
  readonly deletion: Deletion
  readonly among: readonly SnapshotEntry[]
}

/** `asked`: null while the dialog is closed, or what is asked for is not complete. */
export function useDeletion(asked: () => Asked | null, onDone: () => void) {
  const plans = shallowRef<readonly RunPlan[] | null>(null)
  const fault = ref<string | null>(null)
  const busy = ref(false)
  let abort = new AbortController()

  async function look(wish: Asked) {
    abort.abort()
    abort = new AbortController()
    const { signal } = abort
    plans.value = null
    fault.value = null
    try {
      const found = await previewDeletion(wish.deletion, wish.among, signal)
      if (!signal.aborted) plans.value = found
    } catch (error) {
      if (!signal.aborted) fault.value = messageOf(error)
    }
  }
  watch(
    () => JSON.stringify(asked() && { ...asked(), among: asked()?.among.map(({ run, step }) => [run, step]) }),
    () => {
      const wish = asked()
      if (wish) void look(wish)
      else {
        abort.abort()
        plans.value = null
      }
    },
    { immediate: true }
  )
  onScopeDispose(() => abort.abort())

  async function confirm() {
    const wish = asked()
    const shown = plans.value
    if (!wish || !shown || busy.value) return
    busy.value = true
    const { bytes, count, faults } = await applyDeletion(wish.deletion, shown)
    busy.value = false
    const what = wish.deletion.hessiansOnly ? `the Hessians of ${countOfSnapshots(count)}` : countOfSnapshots(count)
    const promised = bytesOf(shown)
    const held = faults.length > 0 ? '' : bytes === promised ? ', as the preview said' : `; the preview said ${formatBytes(promised)}`
    if (count > 0) notify(`Deleted ${what}: ${formatBytes(bytes)} are free again${held}.`)
    for (const one of faults) notify(one, { tone: 'bad' })
    onDone()
  }
  return { plans, fault, busy, confirm }
}
