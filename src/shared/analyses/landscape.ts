// The loss on a plane through the weights, with the run's path on it.
import { z } from 'zod'
import { dataOption, seedOption, type AnalysisFacts } from './facts'

export const landscape = {
  of: 'point',
  title: 'Loss landscape',
  summary:
    "The loss on a grid in a plane through the weights (two eigenvectors, two random directions, or the two principal components of the run's checkpoints), with the run's path projected onto it.",
  options: z.strictObject({
    plane: z
      .enum(['eigenvectors', 'random', 'trajectory'])
      .default('eigenvectors')
      .describe(
        'spanned by two eigenvectors of the Hessian, two random directions, or the two principal components of the checkpoints about this step'
      ),
    size: z
      .number()
      .int()
      .min(3)
      .max(1001)
      .refine((n) => n % 2 === 1, 'must be odd: the centre is on the grid')
      .default(101)
      .describe('points on a side, odd: the middle one is the weights themselves'),
    extent: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'the grid goes from − to + this along both axes; null: 1.25 times the furthest checkpoint in a plane of the trajectory, else √(2 |loss| / |curvature|) of each axis, at most the length of the weights'
      ),
    vectors: z
      .tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])
      .refine(([a, b]) => a !== b, 'must be two different ones')
      .nullable()
      .default(null)
      .describe('with eigenvectors: numbers of the two, from 0 for the smallest eigenvalue; null: the largest and the smallest'),
    seed: seedOption.describe('of the random directions'),
    data: dataOption
  }),
  arrays: {
    loss: {
      meaning: 'loss at centre + u·axis 1 + v·axis 2: a row a v, a column a u, both ascending; NaN where it is not finite',
      unit: 'loss'
    },
    u: { meaning: 'distance along axis 1', unit: 'weight' },
    v: { meaning: 'distance along axis 2', unit: 'weight' },
    path: { meaning: 'checkpoints projected onto the plane: u and v of each', unit: 'weight' },
    pathSteps: { meaning: 'their steps', unit: null },
    pathLoss: { meaning: 'loss at the checkpoints themselves, not at their shadows, on the samples of the plane', unit: 'loss' },
    pathDistance: { meaning: 'distance of each checkpoint from the plane', unit: 'weight' },
    axes: { meaning: 'two orthonormal directions, a row an axis', unit: null },
    center: { meaning: 'weights at u = v = 0', unit: null }
  },
  figures: {
    centerLoss: 'loss at the centre',
    lowest: 'smallest loss on the grid',
    highest: 'largest finite loss on the grid',
    extentU: 'the grid goes from − to + this along axis 1',
    extentV: 'the same along axis 2',
    curvatureU: 'uᵀHu along axis 1 at the centre',
    curvatureV: 'vᵀHv along axis 2 at the centre',
    shareU: "share of the checkpoints' variance about the centre along axis 1; null but in a plane of the trajectory",
    shareV: 'the same along axis 2',
    notFinite: 'points of the grid where the loss is not finite'
  },
  checks: {
    centre: "|loss on the grid's middle − the objective's own| over the latter, or over 10⁻³ where that is smaller",
    corners: "loss on the grid's corners against the objective's own, one by one, in the same way: the largest",
    recorded:
      '|loss at the centre − the one that the run recorded for the next step|, in the same way; left out where it has none, or on all data',
    axes: 'largest |axis · axis − 1|, and |axis 1 · axis 2|',
    curvature:
      'second differences of the loss along both axes against uᵀHu by Hessian-vector products, over the larger |uᵀHu|: the closest of spacings from 10⁻² to 10⁻⁵ of the grid’s extent; left out for activations with kinks'
  }
} as const satisfies AnalysisFacts
