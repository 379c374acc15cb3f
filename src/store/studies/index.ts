// Studies on disk: the folder of each, and the runs that belong to it.
export {
  freeStudyId,
  listStudies,
  openStudy,
  readStudy,
  refreshStudyTables,
  removeStudy,
  requireStudyId,
  studyFolder,
  studyIdOf,
  sweepStudy,
  type StoredStudy
} from './folder'
export { claimAnalyses, dueAnalysis, failAnalysis, type DueAnalysis } from './analyses'
export { ensureStudyRun, runSpecOf, statesOnDisk, studyRuns, type RunTurn, type StateSource, type StudyRuns } from './runs'
