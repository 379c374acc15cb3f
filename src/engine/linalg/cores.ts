// How many cores this machine has for us.
import { availableParallelism, cpus } from 'node:os'

/** The threads that are used unless told otherwise. */
export function cores(): number {
  // availableParallelism came with Node 18; Electron 22 has Node 16.
  return Math.max(1, typeof availableParallelism === 'function' ? availableParallelism() : cpus().length)
}
