// The OpenBLAS that came with Saddlescope: beside the app's archive in a package, in openblas/ of a checkout that fetched it (scripts/fetch-openblas.mjs).
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Bundled {
  /** The shared library. */
  readonly path: string
  /** Of the wheel it was taken from, e.g. "0.3.34.0.0". */
  readonly version: string
}

const ownFolder = (): string => dirname(fileURLToPath(import.meta.url))

/**
 * The nearest folder above `start` with our package.json. The search for the library ends there: a library is code, and folders further up may
 * belong to others.
 */
export function packageRoot(start: string = ownFolder()): string | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) {
      try {
        if ((JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown } | null)?.name === 'saddlescope') return folder
      } catch {
        // Another package's file, or none at all: further up.
      }
    }
    if (dirname(folder) === folder) return null
  }
}

/** Where the library may lie, nearest first. */
export function bundledFolders(root: string, platform: string, arch: string): readonly string[] {
  return [...(basename(root) === 'app.asar' ? [join(dirname(root), 'openblas')] : []), join(root, 'openblas', `${platform}-${arch}`)]
}

/** Null when there is none, or none for this system. */
export function findBundled(start?: string, platform: string = process.platform, arch: string = process.arch): Bundled | null {
  const root = packageRoot(start)
  if (root === null) return null
  for (const folder of bundledFolders(root, platform, arch)) {
    const found = readBundled(folder, `${platform}-${arch}`)
    if (found) return found
  }
  return null
}

function readBundled(folder: string, system: string): Bundled | null {
  try {
    const record = JSON.parse(readFileSync(join(folder, 'openblas.json'), 'utf8')) as Record<string, unknown> | null
    const { file, version, system: made } = record ?? {}
    if (typeof file !== 'string' || typeof version !== 'string' || basename(file) !== file || made !== system) return null
    const path = join(folder, file)
    return existsSync(path) ? { path, version } : null
  } catch {
    return null
  }
}
