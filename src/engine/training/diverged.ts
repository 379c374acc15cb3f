// The error that ends a run as `diverged`: something was not finite.
import { LinalgError } from '../linalg'
import type { Objective } from '../objective'
import { firstNonFinite } from '../linalg/vectors'

export class DivergedError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DivergedError'
  }
}

/** True for errors that mean "not finite", wherever they come from. */
export function meansDiverged(error: unknown): error is Error {
  return error instanceof DivergedError || (error instanceof LinalgError && error.code === 'not-finite')
}

const spell = (value: number) => (Number.isNaN(value) ? 'not a number' : value > 0 ? 'infinite' : 'minus infinity')

export function requireFiniteNumber(value: number, what: string): void {
  if (!Number.isFinite(value)) throw new DivergedError(`${what} is ${spell(value)}`)
}

/** Throws DivergedError that names the entry by block, row and column. */
export function requireFiniteVector(vector: Float64Array, what: string, blocks: Objective['blocks']): void {
  const place = firstNonFinite(vector)
  if (place < 0) return
  const block = blocks.find(({ offset, rows, columns }) => place >= offset && place < offset + rows * columns)
  const where =
    block === undefined
      ? `entry ${place + 1}`
      : `${block.name}, row ${Math.floor((place - block.offset) / block.columns) + 1}, column ${((place - block.offset) % block.columns) + 1}`
  throw new DivergedError(`${what} is ${spell(vector[place])} (${where})`)
}
