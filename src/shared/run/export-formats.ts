// The formats that runs are exported in.
export const exportFormats = ['folder', 'zip', 'csv', 'npz', 'tensorboard', 'notebook', 'matplotlib'] as const
export type ExportFormat = (typeof exportFormats)[number]
