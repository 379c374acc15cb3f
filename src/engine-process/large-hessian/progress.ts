// What is whole of a Hessian that is made in stages: progress.json beside its files, from which the same command goes on.
import { join } from 'node:path'
import { z } from 'zod'
import { readJson, StorageError, writeJson, type FileSystem } from '../../store'

/** In order: rows of the matrix in its file, the file finished with its overview, the band with its reflectors, the eigenvalues. */
export const stages = ['rows', 'matrix', 'band', 'values'] as const
export type Stage = (typeof stages)[number]

const number = z.number()
const writtenSchema = z.object({ bytes: number, sha256: z.string() })

const progressSchema = z.object({
  schemaVersion: z.literal(1),
  /** What was asked, with what: another question does not go on from here. */
  question: z.string(),
  /** The stage that was whole last; `rows`: so many of them. */
  stage: z.enum(stages),
  rows: number.int().nonnegative(),
  /** Over those rows. */
  figures: z.object({ trace: number, squares: number, largest: number, asymmetry: number }),
  finiteDifference: number.nullable(),
  files: z.record(z.string(), writtenSchema),
  /** By stage, of the process that finished it. */
  seconds: z.record(z.string(), number)
})
export type Progress = z.output<typeof progressSchema>

const path = (folder: string) => join(folder, 'progress.json')

const freshProgress = (question: string): Progress => ({
  schemaVersion: 1,
  question,
  stage: 'rows',
  rows: 0,
  figures: { trace: 0, squares: 0, largest: 0, asymmetry: 0 },
  finiteDifference: null,
  files: {},
  seconds: {}
})

/** Where the folder has got to with this question. Throws `conflict` when it holds stages of another. */
export async function readProgress(fileSystem: FileSystem, folder: string, question: string): Promise<Progress> {
  const found = await readJson(fileSystem, path(folder), progressSchema)
  if (!found) return freshProgress(question)
  if (found.question !== question)
    throw new StorageError(
      'conflict',
      `${folder} holds an unfinished Hessian of other weights, data or options, or of another version or linear algebra: give another --out, or remove its progress.json`
    )
  return found
}

export const writeProgress = (fileSystem: FileSystem, folder: string, progress: Progress) => writeJson(fileSystem, path(folder), progress)
export const removeProgress = (fileSystem: FileSystem, folder: string) => fileSystem.remove(path(folder))
