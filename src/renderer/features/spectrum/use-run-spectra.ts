// The spectra of a block at the snapshots of a run; as many as memory allows, evenly chosen.
import { computed } from 'vue'
import { useQueries } from '../../app/data'

/** At most so many snapshots, and so many eigenvalues in all (16 MB). */
const mostSnapshots = 120
const mostValues = 2e6

export function useRunSpectra(wish: () => { run: string; block: string; steps: readonly number[]; size: number } | null) {
  const chosen = computed(() => {
    const asked = wish()
    if (!asked || asked.size === 0) return []
    const { steps, size } = asked
    const most = Math.max(2, Math.min(mostSnapshots, Math.floor(mostValues / size)))
    if (steps.length <= most) return steps
    return Array.from({ length: most }, (_, i) => steps[Math.round((i * (steps.length - 1)) / (most - 1))])
  })
  const { data } = useQueries('snapshots.eigenvalues', () => {
    const asked = wish()
    return asked ? chosen.value.map((step) => ({ run: asked.run, step, block: asked.block })) : []
  })
  const snapshots = computed(() =>
    chosen.value.flatMap((step, i) => {
      const values = data.value[i]?.values
      return values ? [{ step, values }] : []
    })
  )
  return { snapshots, left: computed(() => (wish()?.steps.length ?? 0) - chosen.value.length) }
}
