// Which files belong to a run, by their place in its folder: everything else in an archive or folder is left where it is.

const stepFile = /^(checkpoints|snapshots)\/step-\d{6,15}\/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(npy|npz|json)$/
const analysisFile = /^analyses\/[a-z][a-z-]{0,30}-\d{1,15}(-\d{1,4})?\/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(npy|json)$/
const topFiles = new Set(['spec.json', 'meta.json', 'status.json', 'metrics.ndjson', 'histograms.ndjson', 'log.ndjson'])

/** `path` with "/" between its parts, from the run folder. */
export function belongsToRun(path: string): boolean {
  const inputFile = /^inputs\/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(npy|npz)$/
  return topFiles.has(path) || [inputFile, stepFile, analysisFile].some((pattern) => pattern.test(path))
}
