// Curvature snapshots: written as streams, read by seeking, pruned by policy.
export { snapshotCourse } from './course'
export { snapshotCurvature, snapshotCurvatures } from './curvature'
export { overviewLevels, overviewCount, tileSize, type Level } from '../../shared/run/overview'
export {
  pinnedSnapshots,
  pinSnapshot,
  pruneSnapshots,
  runSnapshots,
  snapshotLibrary,
  snapshotsToPrune,
  type LibraryEntry,
  type PrunePolicy
} from './prune'
export { readEigenvalues, readEigenvector, readEntry, readManifest, readTile, snapshotSteps, type SnapshotPlace, type Tile } from './read'
export { streamArray, finishFile, type ArraySource, type Precision } from './stream'
export { beginSnapshot, hessianExtent, manifestBytes, writeSnapshot, type SnapshotTarget } from './write'
