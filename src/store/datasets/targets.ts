// Can the loss take the targets? Softmax cross-entropy compares distributions, so that targets of any other kind would train towards nothing.
import type { DataSpec, NetworkSpec } from '../../shared/spec/schema'
import type { Dataset, DatasetSplit } from '../../engine/data/dataset'
import type { DataProblem } from './widths'

/** Rows of a distribution that was written with seven digits still sum to 1. */
const tolerance = 1e-6

/** The first row that is no distribution (entries ≥ 0 with sum 1): its number and what is wrong with it; null when all are. */
function noDistribution(targets: Float64Array, width: number, rows: number): { row: number; why: string } | null {
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let k = row * width; k < (row + 1) * width; k++) {
      if (targets[k] < 0) return { row, why: `holds ${targets[k]}` }
      sum += targets[k]
    }
    if (Math.abs(sum - 1) > tolerance) return { row, why: `sums to ${Number(sum.toPrecision(6))}` }
  }
  return null
}

/** The fault that softmax cross-entropy is asked for targets that are no distributions; labels, as one-hot rows, always are. */
export function checkTargetsAgainstLoss(
  spec: { readonly data: DataSpec } & Pick<NetworkSpec, 'loss'>,
  { manifest, train, test }: Dataset
): DataProblem[] {
  const width = manifest.targets
  if (spec.loss !== 'softmax-cross-entropy' || spec.data.targets === 'input' || width === null) return []
  const parts: readonly [string, DatasetSplit | null, number | null][] = [
    ['training', train, spec.data.trainLimit],
    ['test', test, spec.data.testLimit]
  ]
  for (const [part, split, limit] of parts) {
    if (!split?.targets) continue
    const wrong = noDistribution(split.targets, width, Math.min(split.count, limit ?? split.count))
    if (wrong)
      return [
        {
          path: 'loss',
          message: `softmax-cross-entropy needs classes, or targets ≥ 0 that sum to 1, but the target of ${part} sample ${wrong.row + 1} of dataset ${manifest.id} ${wrong.why}; take half-sse or mse, or import the target as classes (--classes yes)`
        }
      ]
  }
  return []
}
