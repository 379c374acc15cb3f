// What the bytes of a workspace are for, in the order in which they are shown.

export const storageKinds = {
  snapshots: 'Snapshots',
  checkpoints: 'Checkpoints',
  metrics: 'Metrics and logs',
  analyses: 'Analyses',
  'other-run-files': 'Other files of runs',
  datasets: 'Data sets',
  trash: 'Trash',
  uploads: 'Uploads and unfinished files',
  other: 'Index, settings and the rest'
} as const satisfies Record<string, string>

export type StorageKind = keyof typeof storageKinds
