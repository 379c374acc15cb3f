// Curvature snapshots: written as streams, read by seeking, pruned by policy.
export { snapshotCourse } from './course'
export { snapshotCurvature, snapshotCurvatures } from './curvature'
export { overviewLevels, overviewCount, tileSize, type Level } from '../../shared/run/overview'
export { runSnapshots, snapshotLibrary, type LibraryEntry } from './library'
export { pinnedSnapshots, pinSnapshots } from './pins'
export { pruneSnapshots, snapshotsToPrune, type Freed, type PruneOptions, type PrunePolicy } from './prune'
export {
  matrixTile,
  matrixValues,
  requireInside,
  someAtOnce,
  tileRectangle,
  withMatrix,
  type MatrixFiles,
  type Rectangle,
  type Tile,
  type TilePlace
} from './matrix-file'
export { overviewBuilder } from './overview'
export { hessianFiles, readEigenvalues, readEigenvector, readManifest, snapshotSteps, type SnapshotPlace } from './read'
export { replaceSpectrum } from './replace-spectrum'
export { streamArray, finishFile, finishMatrix, type ArraySource, type Precision } from './stream'
export { draftSnapshot } from './draft'
export { beginSnapshot, hessianExtent, manifestBytes, writeSnapshot, type SnapshotTarget } from './write'
