// Credit, literally: how the loss of one sample changes when another is left out of the training, predicted and carried out.
import { z } from 'zod'
import { dataOption, type AnalysisFacts } from './facts'

const rows = z.array(z.number().int().min(0)).min(1).max(100_000).nullable().default(null)
const credit = 'loss of the test sample per loss of the training sample'
const rowFact = (of: string) => ({ meaning: `its row in the run's ${of} data, from 0`, unit: null })

/** Test rows taken where none are named. */
export const defaultTestRows = 100

export const influence = {
  of: 'point',
  title: 'Influence of training samples',
  summary:
    'How much the loss of a test sample changes when a training sample is left out, at a minimum: −∇ℓ_test·(H + δ)⁻¹∇ℓ_train for all pairs by one factorization, the same to second and third order in the sample’s weight, and beside them what leaving it out for real gives.',
  options: z.strictObject({
    damping: z.number().nonnegative().default(0).describe('δ added to the Hessian, as a proximal term that retraining has too'),
    order: z
      .number()
      .int()
      .min(1)
      .max(3)
      .default(1)
      .describe(
        'terms of the series in the weight of the sample that is left out; 2 and 3 take a jet of the loss more for each training sample'
      ),
    train: rows.describe('rows of the training data, counted from 0; null: all of the batch. They must belong to the batch'),
    test: rows.describe(
      `rows of the test data, counted from 0, or of the training data where there are no test data; null: the first ${defaultTestRows}`
    ),
    retrain: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .describe('so many of the training rows are left out for real: half of them the most influential, half spread evenly over the rest'),
    data: dataOption
  }),
  arrays: {
    influence: {
      meaning:
        'minus the predicted change of a test sample’s loss when a training sample is left out, over that sample’s weight in the loss, a row a training sample; negative: leaving it out raises the loss, it helps',
      unit: credit
    },
    orders: { meaning: 'the same to order 1, 2 … (order × train × test); only where the order is above 1', unit: credit },
    actual: {
      meaning: 'the same by minimizing the loss without the sample (retrained × test); NaN where no minimum was found. Only with retrain',
      unit: credit
    },
    retrained: { meaning: 'places among the training rows of this analysis of those left out for real', unit: null },
    trainRows: rowFact('training'),
    testRows: rowFact('test (or training)'),
    trainPlaces: { meaning: 'place in the training part of the dataset', unit: null },
    testPlaces: { meaning: 'place in the test (or training) part of the dataset', unit: null },
    trainLabels: { meaning: 'class of each training sample, NaN where there are no classes', unit: null },
    testLabels: { meaning: 'class of each test sample, NaN where there are no classes', unit: null },
    trainPredicted: { meaning: 'largest output of the net, NaN where there are no classes', unit: null },
    testPredicted: { meaning: 'largest output of the net, NaN where there are no classes', unit: null },
    trainLosses: { meaning: 'loss of each training sample by itself, without weight', unit: 'loss' },
    testLosses: { meaning: 'loss of each test sample by itself, without weight', unit: 'loss' }
  },
  figures: {
    order: 'of the series that the array influence holds',
    weight: 'c, of a sample in the loss: 1 for half-sse, 1/N for the means over N samples',
    onTest: '1 where the test samples are test data, 0 where they are training data',
    spearman: 'rank correlation of predicted and actual influence over all pairs',
    error1: 'mean |c · (influence − actual)| to first order: error of the predicted change of a test loss',
    error2: 'the same to second order',
    error3: 'the same to third order',
    change: 'mean |c · actual|: the change of a test loss itself',
    stationarity: '‖∇f‖ over c times the root mean square of ‖∇ℓ‖ of the training samples',
    negative: 'eigenvalues of H + δ below zero; left out where a Cholesky factorization proves that there are none',
    condition: 'condition number of H + δ, estimated'
  },
  checks: {
    stationary: 'the figure stationarity: what the gradient that is left would move the weights, against what leaving a sample out moves',
    solve: 'largest ‖(H + δ)x − ∇ℓ‖ / ‖∇ℓ‖ of some of the solutions, by Hessian-vector products',
    series:
      'largest difference of first-order influence and the loss’s own jet, over the largest influence; only where the order is above 1',
    resolves: 'largest ‖gradient‖ after leaving a sample out and minimizing again, over c‖∇ℓ‖ of it; only with retrain'
  }
} as const satisfies AnalysisFacts
