// The kind `fd-sweep`: the sweep that the command `fd-sweep` prints, at any point.
import type { AnalysisOptions } from '../../shared/analyses/kinds'
import { fdSweep as sweep, sweepDifferences, type SweepRow } from '../curvature/inverse-gradient'
import { isFunctionSpec } from '../../shared/spec/schema'
import type { AnalysisEngine, AnalysisOutcome } from './interface'
import { samplesNote } from './which-samples'

type Side = 'twoSided' | 'oneSided'

const best = (rows: readonly SweepRow[], side: Side) =>
  rows.reduce<{ error: number; r: number } | null>((least, row) => {
    const error = row[side]
    return error === null || (least !== null && least.error <= error) ? least : { error, r: row.r }
  }, null)

export const fdSweep: AnalysisEngine<AnalysisOptions<'fd-sweep'>> = {
  cost({ parameterCount: size, samples }, { r }) {
    const count = 2 * (r ?? sweepDifferences).length
    return { seconds: 0.1 + count * 1e-8 * size * samples, memoryBytes: 80 * size + 64e6, diskBytes: 16 * count }
  },
  refusal(spec) {
    if (spec.regularization.l2 !== 0)
      return 'regularization.l2 must be 0: the inverse of the gradient map is known for the loss without weight decay only'
    if (!isFunctionSpec(spec) && spec.loss === 'softmax-cross-entropy')
      return 'loss must be half-sse or mse: softmax-cross-entropy mixes the outputs, so errors do not follow from gradients'
    return null
  },
  async work(source, { r, data }, { signal, onProgress }) {
    const point = await source.point()
    const { objective, parameters } = point
    const rows = await sweep(objective, parameters, {
      differences: r ?? sweepDifferences,
      signal,
      onProgress: (fraction) => onProgress(fraction, 'solving for each r')
    })
    const [two, one] = [best(rows, 'twoSided'), best(rows, 'oneSided')]
    const side = (of: Side) => rows.map((row) => row[of] ?? Number.NaN)
    // Of a few chosen differences none need be close.
    const checks: AnalysisOutcome['checks'] = r === null ? { limit: { value: two?.error ?? null, limit: 1e-4 } } : {}
    const outside = rows.filter(({ twoSided, oneSided }) => twoSided === null || oneSided === null).length
    return {
      arrays: {
        r: { shape: [rows.length], data: Float64Array.from(rows, (row) => row.r) },
        error: { shape: [2, rows.length], data: Float64Array.from([...side('twoSided'), ...side('oneSided')]) }
      },
      figures: {
        bestTwoSided: two?.error ?? null,
        bestTwoSidedR: two?.r ?? null,
        bestOneSided: one?.error ?? null,
        bestOneSidedR: one?.r ?? null
      },
      checks,
      notes: [
        ...samplesNote(point, data),
        ...(outside > 0 ? [`For ${outside} of ${rows.length} differences a perturbed activation leaves its range: NaN.`] : [])
      ],
      said:
        two === null
          ? 'no difference stays within the range of the activations'
          : `two-sided best at r = ${two.r.toExponential(1)}: ${two.error.toExponential(1)} from the limit`
    }
  }
}
