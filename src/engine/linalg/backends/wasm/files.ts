// Where the built kernels and the worker's script are: beside the built programs, below a checkout's out/, or unpacked from an app archive.
import { existsSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LinalgError } from '../../interface'

export interface BackendFiles {
  readonly kernels: string
  readonly worker: string
}

/** Worker threads and WebAssembly are read from real files, which packaging puts beside the archive. */
function unpacked(path: string): string {
  const outside = path.replace(`app.asar${sep}`, `app.asar.unpacked${sep}`)
  return existsSync(outside) ? outside : path
}

/** Looks in every folder from this file's upwards, and in its `out` folder. Throws code `backend` when nothing is built. */
export function findBackendFiles(start: string = dirname(fileURLToPath(import.meta.url))): BackendFiles {
  for (let folder = start; ; folder = dirname(folder)) {
    for (const base of [folder, join(folder, 'out')]) {
      const kernels = join(base, 'wasm', 'kernels.wasm')
      const worker = join(base, 'main', 'linalg-worker.js')
      if (existsSync(kernels) && existsSync(worker)) return { kernels: unpacked(kernels), worker: unpacked(worker) }
    }
    if (dirname(folder) === folder) break
  }
  throw new LinalgError(
    'backend',
    `no built kernels (wasm/kernels.wasm and main/linalg-worker.js) in or above ${start}: run "npm run build"`
  )
}

/** Where the built programs are, those that worker threads start with among them. */
export const programsFolder = (): string => dirname(findBackendFiles().worker)
