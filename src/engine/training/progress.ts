// Progress inside work that lasts longer than a second: the phase, its fraction and an estimate of what is left.
import { secondsLeft } from '../../shared/format/durations'
import type { TrainingEvent } from './interface'

const quietMilliseconds = 1000
const everyMilliseconds = 250

export interface PhaseReporter {
  onPhase(phase: string): void
  onProgress(fraction: number): void
}

/** Emits `phase` events for step `step`, none before the work has lasted a second, then at most four a second. */
export function phaseReporter(
  step: number,
  onEvent: ((event: TrainingEvent) => void) | undefined,
  began = performance.now()
): PhaseReporter {
  let last = 0
  let phase = 'step'
  let phaseBegan = began
  const emit = (fraction: number) => {
    const now = performance.now()
    if (onEvent === undefined || now - began < quietMilliseconds || now - last < everyMilliseconds) return
    last = now
    const elapsed = (now - phaseBegan) / 1000
    onEvent({ kind: 'phase', step, phase, fraction, etaSeconds: secondsLeft(elapsed, fraction) })
  }
  return {
    onPhase(next) {
      phase = next
      phaseBegan = performance.now()
      emit(0)
    },
    onProgress: emit
  }
}
