// Studies on disk: the folder of each, and the runs that belong to it.
export {
  freeStudyId,
  listStudies,
  openStudy,
  readStudy,
  refreshStudyTables,
  removeStudy,
  studyIdOf,
  sweepStudy,
  type StoredStudy
} from './folder'
export { claimAnalyses, dueAnalysis, failAnalysis, type DueAnalysis } from './analyses'
export { addSlurmArray, dropSlurmArray, readSlurmArray, readSlurmArrays, recordSlurmJob, slurmArrayFolder, slurmScript } from './slurm'
export { requireStudyId, studyFolder } from './study-path'
export { ensureStudyRun, runSpecOf, statesOnDisk, studyRuns, type RunTurn, type StateSource, type StudyRuns } from './runs'
