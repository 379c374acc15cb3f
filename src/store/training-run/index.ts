// A run that is worked on: opened under its lock, its results written to its folder.
export { openRunForTraining, type BackendRecord, type OpenOptions, type TrainingRun } from './open'
export { snapshotRefusal, snapshotTarget } from './snapshot-target'
export type { FolderSink, SinkProgress, TroubleHandler } from './sink'
