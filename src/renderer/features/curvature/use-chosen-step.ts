// The snapshot in view: the step that the address names; without one the newest, which moves on with the run.
import { computed } from 'vue'
import { useViewNumber } from '../../app/view'

/** `steps`: ascending. `step` is null where there are none. */
export function useChosenStep(steps: () => readonly number[]) {
  const chosenStep = useViewNumber('step')
  const step = computed(() =>
    chosenStep.value !== null && steps().includes(chosenStep.value) ? chosenStep.value : (steps().at(-1) ?? null)
  )
  return { chosenStep, step }
}
