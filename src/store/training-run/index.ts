// A run that is worked on: opened under its lock, its results written to its folder.
export { openRunForTraining, type BackendRecord, type OpenOptions, type TrainingRun } from './open'
export type { FolderSink, SinkProgress, TroubleHandler } from './sink'
