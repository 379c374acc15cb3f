// `bench [NAME…]`: the benches of bench/, built beside this program.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { say, stopSignal } from '../context'
import { UsageError, type CommonOptions } from '../ending'

interface BenchProgram {
  /** Resolves to the exit status. */
  runBenches(
    names: readonly string[],
    options: {
      readonly long: boolean
      readonly json: boolean
      readonly stdout: NodeJS.WritableStream
      readonly stderr: NodeJS.WritableStream
      readonly signal: AbortSignal
    }
  ): Promise<number>
}

const load = createRequire(import.meta.url)

export async function bench(names: readonly string[], options: CommonOptions & { readonly long?: boolean }): Promise<number> {
  const folder = dirname(fileURLToPath(import.meta.url))
  const program = [folder, join(folder, '..')].map((place) => join(place, 'bench.js')).find((path) => existsSync(path))
  if (!program) throw new UsageError('the benches are not built: run `npm run build`')
  const { runBenches } = load(program) as BenchProgram
  const stop = stopSignal(() => say('\nstopping…'))
  try {
    const { long = false, json = false } = options
    return await runBenches(names, { long, json, stdout: process.stdout, stderr: process.stderr, signal: stop.signal })
  } finally {
    stop.dispose()
  }
}
