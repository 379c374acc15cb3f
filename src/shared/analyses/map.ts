// Pictures of training over two of its hyperparameters, or over a plane of start weights: where it converges, and to what.
import { z } from 'zod'
import { seedOption, type AnalysisFacts } from './facts'

const axis = (help: string) =>
  z
    .strictObject({
      path: z.string().min(1).max(200).nullable().default(null),
      from: z.number().nullable().default(null),
      to: z.number().nullable().default(null),
      count: z.number().int().min(2).max(4096).default(128),
      scale: z.enum(['linear', 'log']).nullable().default(null)
    })
    .prefault({})
    .describe(help)

/** Codes of the array `outcome`; in a map of basins 1, 2, … are critical points by number. */
export const mapOutcome = { converged: 1, notBelow: 0, diverged: -1, stuck: -2, elsewhere: -3 } as const

/** A loss counts as at most so many times the start's. */
export const lossCap = 1e6
/** The mean of so many last losses decides. */
export const lastLosses = 20

export const map = {
  of: 'point',
  title: 'Trainability and basins',
  summary:
    'A picture each pixel of which is a whole training: over two hyperparameters or a plane of start weights, whether training converges (Sohl-Dickstein 2024) or which critical point it ends at, with the box-counting dimension of the boundary.',
  options: z.strictObject({
    of: z
      .enum(['trainability', 'basin'])
      .default('trainability')
      .describe(
        '`trainability`: whether the mean of the last 20 losses lies below the first; `basin`: the critical point that is reached, where ‖∇f‖ is at most the tolerance'
      ),
    x: axis(
      'the columns: path, from, to, count and scale. A path leads to a number of the spec such as optimizer.learningRate, or of the start: start.NAME (a variable of a function), start.7 (the weight of that number), start.random or start.eigenvector.0 (distances along a direction; 0 for the smallest eigenvalue). What is left out the spec chooses'
    ),
    y: axis('the rows, in the same way'),
    steps: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .nullable()
      .default(null)
      .describe('of each pixel’s training; null: those of the spec’s budget, 100 where it has none'),
    tolerance: z.number().positive().default(1e-6).describe('basin: a critical point is reached where ‖∇f‖ is at most this'),
    merge: z
      .number()
      .positive()
      .default(1e-3)
      .describe('basin: end points are the same critical point where they are at most this times 1 + its largest coordinate apart'),
    escape: z.number().positive().default(1e6).describe('basin: weights of which one is larger than this count as diverged'),
    seed: seedOption.describe('of the random directions'),
    resume: z.boolean().default(true).describe('goes on from what an interrupted map of the same options has computed')
  }),
  arrays: {
    value: {
      meaning:
        'a row a y, a column an x, both ascending; trainability: −Σ L/L₁ where training converged, Σ L₁/L elsewhere (L the losses of the steps, L₁ the first, L/L₁ at most 10⁶); basin: steps until the point was reached, elsewhere those that were done',
      unit: null
    },
    outcome: {
      meaning:
        'trainability: 1 converged, 0 the mean of the last losses is not below the first; basin: the number of the critical point from 1, 0 none yet, −3 one beyond those that are told apart; both: −1 diverged, −2 the optimizer could not go on',
      unit: null
    },
    x: { meaning: 'values of the columns', unit: null },
    y: { meaning: 'values of the rows', unit: null },
    boxSide: { meaning: 'sides s of the boxes, in pixels', unit: 'pixel' },
    boxCount: { meaning: 'boxes of (s + 1)² pixels with more than one outcome, mean over all places of the grid of boxes', unit: null },
    centres: { meaning: 'basin: critical points, a row each', unit: 'weight' },
    centreLoss: { meaning: 'basin: loss there', unit: 'loss' },
    centreGradNorm: { meaning: 'basin: ‖∇f‖ there', unit: 'loss per weight' },
    centreNegative: { meaning: 'basin: negative eigenvalues of the Hessian there', unit: null },
    centreZero: { meaning: 'basin: eigenvalues there that are zero within rounding', unit: null },
    centrePixels: { meaning: 'basin: pixels that reached it', unit: null },
    center: { meaning: 'weights that the axes along start weights add to; 0 where an axis is the weight itself', unit: 'weight' },
    axes: { meaning: 'unit directions of the axes, x before y; 0 for a hyperparameter', unit: null }
  },
  figures: {
    pixels: 'trainings computed',
    steps: 'of each training, at most',
    converged: 'pixels that converged, or reached a critical point',
    notYet: 'pixels whose last losses are not below the first, or that reached none',
    diverged: 'pixels where something was not finite, or that escaped',
    stuck: 'pixels where the optimizer could not go on',
    centres: 'critical points told apart; null for trainability',
    boxDimension: 'box-counting dimension of the boundary between outcomes; null where there is none',
    boxDimensionError: 'its standard error: that of the slope of the straight line',
    boxFrom: 'smallest side of the boxes it is from, in pixels',
    boxTo: 'largest side',
    resumed: 'tiles that an earlier, interrupted map had computed'
  },
  checks: {
    step: 'one step of the corner pixels, as the map did it and as the run’s own training does it on its own library: ‖difference of the new weights‖ over the length of the step; the largest',
    again: 'corner pixels computed once more on this thread: largest difference of their values, which are the same bits'
  }
} as const satisfies AnalysisFacts

/** By pixel of a pass: its number row · columns + column (rows from the bottom), its outcome as in the analysis `map` with the pass's own numbers, and the steps it took. */
export interface BasinPixels {
  readonly pixels: Float64Array
  readonly outcomes: Float64Array
  readonly steps: Float64Array
  /** x, y, ‖∇f‖ of each critical point of the pass. */
  readonly centres: Float64Array
}
