// Snapshots when they are due.
import type { TrainingSink, TrainingState } from './interface'
import type { PhaseReporter } from './progress'
import type { StepParts } from './step'

export async function takeSnapshot(
  parts: StepParts,
  state: TrainingState,
  sink: TrainingSink,
  signal: AbortSignal,
  report: PhaseReporter
): Promise<boolean> {
  void [parts, state, sink, signal, report]
  throw new Error('snapshots: not wired yet')
}
