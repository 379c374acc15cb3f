// The figures over a run's snapshots as charts take them: where the present one stands, and a click that goes to another.
import { computed } from 'vue'
import { formatCount } from '../../app/format'
import { nearestStep } from './nearest-step'
import type { Spectrum } from './use-spectrum'

export function useCourse(spectrum: () => Spectrum) {
  const course = computed(() => spectrum().course.data.value ?? null)
  const here = computed(() => {
    const step = spectrum().step.value
    return step === null ? [] : [{ x: step, label: formatCount(step) }]
  })
  function go([x]: [number, number]) {
    const step = nearestStep(course.value?.steps ?? [], x)
    if (step !== null) spectrum().goTo(step)
  }
  return { course, here, go, block: computed(() => spectrum().block.value) }
}
