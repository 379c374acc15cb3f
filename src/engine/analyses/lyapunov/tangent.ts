// What a step's tangent map is: how small differences of weights and optimizer state go through one step of training.
import type { Linalg, Matrix } from '../../linalg'
import type { Objective } from '../../objective'
import type { StepParts, TrainingState } from '../../training'

/** One step of the run, with what its derivative depends on. Valid until the next step: batches share memory. */
export interface StepPoint {
  readonly before: TrainingState
  readonly after: TrainingState
  /** On the step's own batch. */
  readonly objective: Objective
  /** At the weights before the step. */
  readonly gradient: Float64Array
  readonly learningRate: number
  readonly damping: number
}

/**
 * The derivative J of one step, of states in the order (w), (w, v), (w, m, v): the weights, then each array of P numbers that the optimizer keeps, in its
 * own order.
 */
export interface TangentMap {
  /** False: by differences. */
  readonly exact: boolean
  /** Numbers of the state in units of P. */
  readonly arrays: number
  /** Of what is not followed exactly, or not as it might be thought: sentences. */
  readonly notes: readonly string[]
  /** Each row v ← J v, in place. */
  apply(point: StepPoint, rows: Matrix): Promise<void>
  /** ln|det J| by another way than through the rows; null where there is none. Of the point last applied. */
  logDeterminant(point: StepPoint): Promise<number | null>
  /** Gives memory back. */
  release(): void
}

export interface TangentContext {
  readonly linalg: Linalg
  readonly parts: StepParts
  readonly signal: AbortSignal
  /** Rows that will be applied to. */
  readonly count: number
}

/** Arrays by name that live as long as the map does, grown when a larger one is asked for. */
export function scratchOf(linalg: Linalg) {
  const kept = new Map<string, Float64Array>()
  return {
    matrix(name: string, rows: number, columns: number): Matrix {
      let data = kept.get(name)
      if (data === undefined || data.length < rows * columns) {
        if (data !== undefined) linalg.release(data)
        data = linalg.allocate(rows * columns)
        kept.set(name, data)
      }
      return { data: data.subarray(0, rows * columns), rows, columns, offset: 0, stride: columns }
    },
    release() {
      for (const data of kept.values()) linalg.release(data)
      kept.clear()
    }
  }
}
export type Scratch = ReturnType<typeof scratchOf>

/** The weights' part of rows. */
export const weightsPart = (rows: Matrix, size: number): Matrix => ({ ...rows, columns: size })
