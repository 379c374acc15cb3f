// Runs out of the workspace and into it.
import { importArray, type ImportArrayOptions } from './import-array'
import { importMetrics } from './import-metrics'
import { importRun } from './import-run'
import type { Workspace } from '../workspace'

export { exportRun, runFiles, zippedRun } from './export'
export { exportRuns } from './export-figures'
export { importArray, inspectArray, type ImportArrayOptions } from './import-array'
export { importRun } from './import-run'
export { placeOutside } from './place'
export { recognizePath } from './recognize'
export { copyRunFile, openRunFile, type RunFile } from './run-file'
export { dropUpload, receiveUpload, sweepUploads, uploadsFolder, type Upload } from './uploads'

/** Imports what `path` is: a .npy array, a metrics table (.csv, .tsv, .txt), else a run folder or a zip of one. Returns the new run's id. Throws StorageError or NpyError. */
export function importPath(workspace: Workspace, path: string, options: ImportArrayOptions = {}): Promise<string> {
  if (/\.(csv|tsv|txt)$/i.test(path)) return importMetrics(workspace, path, options)
  return path.toLowerCase().endsWith('.npy') ? importArray(workspace, path, options) : importRun(workspace, path, options)
}
