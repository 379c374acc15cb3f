// `play FUNCTION | EXPRESSION`: several optimizers on one function from one start.
import { functionDefinition, listFunctions } from '../../engine/functions/list'
import { play as trajectories } from '../../engine/training/play'
import { misspelledFunction } from '../../engine-process/precheck'
import { openLinalg } from '../../engine/linalg'
import { figure } from '../../shared/format/figures'
import { checkSpec } from '../../shared/spec/check'
import { problemLine } from '../../shared/spec/problem'
import type { OptimizerSpec } from '../../shared/spec/schema'
import { print, printJson, stopSignal, say } from '../context'
import { UsageError, type CommonOptions } from '../ending'
import { table } from '../format'
import { messageOf } from '../../shared/format/message-of'

interface PlayOptions extends CommonOptions {
  readonly optimizers: string
  readonly from?: string
  readonly steps: number
  readonly variables?: string
}

/** Kinds ("gd,sfn") or JSON of one optimizer or a list of them. */
async function optimizersOf(text: string): Promise<OptimizerSpec[]> {
  let inputs: unknown[]
  if (/^\s*[[{]/.test(text)) {
    try {
      const parsed: unknown = JSON.parse(text)
      inputs = Array.isArray(parsed) ? parsed : [parsed]
    } catch (error) {
      throw new UsageError(`--optimizers is not JSON: ${messageOf(error)}`)
    }
  } else inputs = text.split(',').map((kind) => ({ kind: kind.trim() }))
  const found: OptimizerSpec[] = []
  for (const optimizer of inputs) {
    const { spec, problems } = await checkSpec({
      schemaVersion: 1,
      name: 'play',
      problem: { kind: 'function', function: 'x' },
      optimizer,
      budget: { steps: 1 }
    })
    if (!spec) throw new UsageError(problemLine(problems[0]))
    found.push(spec.optimizer)
  }
  return found
}

function startOf(text: string | undefined): number[] | null {
  if (text === undefined) return null
  const numbers = text.split(',').map((word) => (word.trim() === '' ? Number.NaN : Number(word)))
  if (!numbers.every(Number.isFinite))
    throw new UsageError(`--from: must be numbers with commas between them, such as -1.5,2, got "${text}"`)
  return numbers
}

export async function play(name: string, options: PlayOptions): Promise<void> {
  if (!Number.isInteger(options.steps) || options.steps < 1) throw new UsageError('--steps: must be an integer ≥ 1')
  const optimizers = await optimizersOf(options.optimizers)
  const start = startOf(options.from)
  const variables = options.variables?.split(',').map((word) => word.trim()) ?? null
  const slip = misspelledFunction(name)
  if (slip) throw new UsageError(slip)
  let definition: ReturnType<typeof functionDefinition>
  try {
    definition = functionDefinition({ function: name, variables, start })
  } catch (error) {
    const names = listFunctions().map((known) => known.name)
    throw new UsageError(`${messageOf(error)} (built in: ${names.join(', ')})`)
  }
  const stop = stopSignal(() => say('\nstopping…'))
  const linalg = await openLinalg({ backend: 'wasm', threads: 1 })
  try {
    const played = await trajectories(
      { linalg },
      { function: name, variables, optimizers, start, steps: options.steps, signal: stop.signal }
    )
    if (options.json) return printJson({ function: name, variables: definition.variables, start: definition.start, trajectories: played })
    for (const { optimizer, points, values, notes, ended } of played) {
      print(`${optimizer.kind}${ended === null ? '' : ` (${ended})`}`)
      for (const note of notes) print(`  ${note}`)
      const shown = points.map((point, step) => [String(step), ...point.map((x) => figure(x, 8)), figure(values[step], 6)])
      print(table(['step', ...definition.variables, 'value'], shown, ['step', ...definition.variables, 'value']))
    }
    return undefined
  } finally {
    stop.dispose()
    await linalg.dispose()
  }
}
