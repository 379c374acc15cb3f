// A run as an analysis that follows its trainer is given it: from the start of a spec, on data in memory.
import type { AnalysisCall, AnalysisOutcome, AnalysisSource } from '../../../../src/engine/analyses'
import { lyapunov } from '../../../../src/engine/analyses/lyapunov'
import { functionDefinition } from '../../../../src/engine/functions/list'
import type { Linalg } from '../../../../src/engine/linalg'
import { initialState, openProblem, stepParts, type TrainingData } from '../../../../src/engine/training'
import { analysisKinds } from '../../../../src/shared/analyses/kinds'
import { functionSpecSchema, isFunctionSpec, type RunSpec } from '../../../../src/shared/spec/schema'
import { quiet, rowsOf, valuesOf } from './source'

export const functionSpec = (
  formula: string,
  optimizer: Record<string, unknown>,
  start: number[] | null = null,
  more: object = {}
): RunSpec =>
  functionSpecSchema.parse({
    schemaVersion: 1,
    name: 'test',
    problem: { kind: 'function', function: formula, start },
    optimizer,
    budget: { steps: 1 },
    ...more
  })

export async function trained(
  linalg: Linalg,
  spec: RunSpec,
  data: TrainingData | null = null,
  parameters?: Float64Array,
  changes: Partial<AnalysisSource> = {}
): Promise<AnalysisSource & { readonly close: () => void }> {
  const problem = openProblem({ linalg }, spec, data)
  const parts = await stepParts(linalg, spec, problem)
  const weights = parameters ?? Float64Array.from(isFunctionSpec(spec) ? functionDefinition(spec.problem).start : [])
  return {
    run: null,
    step: 0,
    spec,
    linalg,
    steps: [0],
    checkpoints: [0],
    point: () => Promise.reject(new Error('no point is asked for')),
    parametersAt: async () => weights.slice(),
    training: async () => ({ parts, state: initialState(spec, weights) }),
    ...rowsOf(linalg, null),
    recordedLoss: async () => null,
    storedSpectrum: async () => null,
    close: () => {
      parts.optimizer.dispose?.()
      problem.dispose()
    },
    ...changes
  }
}

export interface Found {
  readonly outcome: AnalysisOutcome
  readonly exponents: number[]
  readonly running: number[]
  readonly figure: (name: string) => number
  readonly check: (name: string) => number
}

/** The exponents of a run, all checks held. */
export async function exponentsOf(
  source: AnalysisSource,
  asked: Record<string, unknown> = {},
  { tiles, signal = quiet.signal }: { readonly tiles?: AnalysisCall['tiles']; readonly signal?: AbortSignal } = {}
): Promise<Found> {
  const outcome = await lyapunov.work(source, analysisKinds.lyapunov.options.parse(asked), { ...quiet, signal, tiles })
  const wrong = Object.entries(outcome.checks).filter(([, { value, limit }]) => !(value !== null && value <= limit))
  if (wrong.length > 0) throw new Error(`checks fail: ${JSON.stringify(wrong)}`)
  return {
    outcome,
    exponents: await valuesOf(outcome.arrays.exponents),
    running: await valuesOf(outcome.arrays.running),
    figure: (name) => outcome.figures[name] ?? Number.NaN,
    check: (name) => outcome.checks[name]?.value ?? Number.NaN
  }
}
