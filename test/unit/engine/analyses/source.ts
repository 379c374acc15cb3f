// A source of one point for analyses in tests: a function, or a network on a batch.
import type { AnalysisCall, AnalysisPoint, AnalysisSource } from '../../../../src/engine/analyses'
import { expressionFunction } from '../../../../src/engine/functions/expression'
import type { Linalg } from '../../../../src/engine/linalg'
import { functionObjective } from '../../../../src/engine/objectives/function'
import type { RunSpec } from '../../../../src/shared/spec/schema'
import type { Case } from '../nn/nets'

export const quiet: AnalysisCall = { signal: new AbortController().signal, onProgress: () => undefined }

function sourceOf(point: Omit<AnalysisPoint, 'spec' | 'step'>): AnalysisSource {
  // No kind that works at one point reads the spec.
  const whole: AnalysisPoint = { ...point, spec: {} as RunSpec, step: 0 }
  return {
    run: null,
    step: 0,
    spec: whole.spec,
    linalg: point.linalg,
    steps: [0],
    checkpoints: [0],
    point: async () => whole,
    parametersAt: async () => point.parameters.slice()
  }
}

export const functionSource = (linalg: Linalg, text: string, variables: string[], at: number[]): AnalysisSource =>
  sourceOf({
    linalg,
    parameters: Float64Array.from(at),
    objective: functionObjective({ linalg }, expressionFunction(text, variables)),
    samples: 1,
    network: null
  })

export const networkSource = (linalg: Linalg, { network, batch, objective, parameters, loss }: Case): AnalysisSource =>
  sourceOf({ linalg, parameters, objective, samples: batch.inputs.rows, network: { network, batch, loss } })

/** The values of an array, whole. */
export async function valuesOf(
  array: { readonly data: Float64Array } | { readonly pieces: Iterable<Float64Array> | AsyncIterable<Float64Array> }
): Promise<number[]> {
  if ('data' in array) return [...array.data]
  const values: number[] = []
  for await (const piece of array.pieces) values.push(...piece)
  return values
}
