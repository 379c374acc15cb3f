// Paths that name no file on any disk.

/** Devices of Windows have paths that begin so, on whatever system: `\\.\COM1`, `//?/C:/x`. */
export const isDevicePath = (path: string): boolean => /^[\\/]{2}[.?][\\/]/.test(path)
