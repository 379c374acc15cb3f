// The files of a matrix on its way to ELPA and back: their names, and what the two JSON files say.
import { join } from 'node:path'
import { z } from 'zod'
import { onDemandSchema, snapshotChecksSchema } from '../../shared/run/schema'
import { readJson, StorageError, type FileSystem } from '../../store'

export const names = {
  matrix: 'matrix.f64',
  about: 'matrix.json',
  driver: 'driver.c',
  readme: 'README.txt',
  eigenvalues: 'eigenvalues.f64',
  eigenvectors: 'eigenvectors.f64',
  result: 'result.json'
} as const

const number = z.number()
const count = number.int().positive()

export const aboutSchema = z.looseObject({
  schemaVersion: z.literal(1),
  for: z.literal('elpa'),
  run: z.string(),
  step: number.int().nonnegative(),
  block: z.string(),
  /** First parameter of the block. */
  offset: number.int().nonnegative(),
  n: count,
  /** So many vectors of the smallest and as many of the largest eigenvalues are asked for. */
  vectors: count,
  /** For people: what the matrix is, and in which order its entries lie. */
  meaning: z.string(),
  order: z.string(),
  bytes: count,
  sha256: z.string(),
  /** Sums over the matrix. */
  trace: number,
  squares: number,
  largest: number,
  /** SHA-256 of the parameters it belongs to; null for a matrix from elsewhere, which is known by that of its stored file. */
  weights: z.string().nullable(),
  storedMatrix: z.string().nullable(),
  checks: snapshotChecksSchema,
  /** Where it was computed from a checkpoint for this export: how. Null: it is that of a snapshot. */
  computed: onDemandSchema.nullable()
})
export type About = z.output<typeof aboutSchema>

const resultSchema = z.looseObject({
  library: z.string().min(1).max(60),
  version: z.string().min(1).max(60),
  ranks: count,
  n: count,
  vectors: count,
  /** Largest gap between the eigenvalues of A and those of −A, each solved by itself. */
  gap: number,
  seconds: z.object({ read: number, solve: number })
})
export type Result = z.output<typeof resultSchema>

/** Null where the folder holds no matrix for ELPA. Throws `damaged`. */
export async function readAbout(fileSystem: FileSystem, folder: string): Promise<About | null> {
  if (!(await fileSystem.info(join(folder, names.about)))) return null
  return readJson(fileSystem, join(folder, names.about), aboutSchema)
}

/** Throws `bad-input` where the driver has not been run. */
export async function readResult(fileSystem: FileSystem, folder: string, about: About): Promise<Result> {
  const path = join(folder, names.result)
  const result = await readJson(fileSystem, path, resultSchema)
  if (!result) throw new StorageError('bad-input', `${folder}: there is no ${names.result} yet; run the driver as ${names.readme} says`)
  for (const name of ['n', 'vectors'] as const)
    if (result[name] !== about[name])
      throw new StorageError(
        'bad-input',
        `${path}: ${name} is ${result[name]}, but ${names.about} says ${about[name]}; build ${names.driver} of this folder again`
      )
  return result
}
