// Where the product's own files are: beside the sources, beside the built programs, or inside a packaged application.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StorageError } from '../files'

const marker = join('datasets', 'mnist10.json')

/** Electron's folder of resources, when this is Electron. */
function electronResources(): string[] {
  const path = 'resourcesPath' in process && typeof process.resourcesPath === 'string' ? process.resourcesPath : null
  return path === null ? [] : [join(path, 'resources'), join(path, 'app', 'resources'), join(path, 'app.asar', 'resources')]
}

/** The folders from `start` up to the root, nearest first. */
function* ancestors(start: string): Generator<string> {
  for (let folder = start; ; folder = dirname(folder)) {
    yield folder
    if (dirname(folder) === folder) return
  }
}

/** The folder `resources/`: the nearest one above this program that holds the built-in data. Throws `not-found` when the installation lacks it. */
export function resourcesFolder(start: string = dirname(fileURLToPath(import.meta.url))): string {
  const candidates = [...[...ancestors(start)].map((folder) => join(folder, 'resources')), ...electronResources()]
  const found = candidates.find((folder) => existsSync(join(folder, marker)))
  if (found === undefined) throw new StorageError('not-found', `the built-in data are missing: no resources/datasets above ${start}`)
  return found
}
