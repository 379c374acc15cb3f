// Which files belong to a run, by their place in its folder: everything else in an archive or folder is left where it is.

const stepFile = /^(checkpoints|snapshots)\/step-\d{6,15}\/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(npy|npz|json)$/
const topFiles = new Set(['spec.json', 'meta.json', 'status.json', 'metrics.ndjson', 'histograms.ndjson', 'log.ndjson'])

/** `path` with "/" between its parts, from the run folder. */
export function belongsToRun(path: string): boolean {
  return topFiles.has(path) || /^inputs\/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(npy|npz)$/.test(path) || stepFile.test(path)
}
