// Training: the loop, its start state, and what it is handed and hands out.
export { train } from './loop'
export { factorizationShare, networkOf, networkOfWidth, openProblem } from './open-problem'
export { planBatches, positionAfter, type BatchPlan } from './batches'
export { finishStep, stepParts, type FinishedStep, type StepParts } from './step'
export { initialState, positionOf } from './state'
export { wallClock, type WallClock } from './wall-clock'
export { snapshotOfState, withObjectiveOfState, type SnapshotPlan } from './snapshot'
export type { StopReason, TrainingData, TrainingEvent, TrainingOutcome, TrainingRequest, TrainingSink, TrainingState } from './interface'
