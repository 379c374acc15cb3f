// Curvature snapshots: written as streams, read by seeking, pruned by policy.
export { snapshotCurvature, snapshotCurvatures } from './curvature'
export { overviewLevels, overviewCount, tileSize, type Level } from '../../shared/run/overview'
export { runSnapshots, snapshotLibrary, type LibraryEntry, type StoredBlock } from './library'
export { pinnedSnapshots, pinSnapshots } from './pins'
export { pruneSnapshots, snapshotsToPrune, type Freed, type PruneOptions, type PrunePolicy } from './prune'
export { readEigenvalues, readEigenvector, readEntry, readManifest, readTile, snapshotSteps, type SnapshotPlace, type Tile } from './read'
export { streamArray, finishFile, type ArraySource, type Precision } from './stream'
export { beginSnapshot, hessianExtent, manifestBytes, writeSnapshot, type SnapshotTarget } from './write'
