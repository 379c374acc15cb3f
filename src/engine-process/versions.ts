// The versions a run records.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { resourcesFolder } from '../store/datasets'

let known: string | null = null

/** Saddlescope's own version, from the package that the resources belong to. */
export function ownVersion(): string {
  if (known !== null) return known
  const file = join(dirname(resourcesFolder()), 'package.json')
  const manifest: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
  known = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown'
  return known
}

export function versions(): Record<string, string> {
  return {
    saddlescope: ownVersion(),
    node: process.versions.node,
    ...(process.versions.electron ? { electron: process.versions.electron } : {})
  }
}
