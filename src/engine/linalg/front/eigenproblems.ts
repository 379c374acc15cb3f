// Symmetric eigenproblems as the caller sees them: which eigenpairs a range or a selection means, and answers to empty problems.
import { LinalgError, type EigenOptions, type Linalg } from '../interface'
import { matrix } from '../matrix'
import { checkCount, checkSquare } from './checks'
import { owned } from './owned'
import type { Gate } from './gate'

export function eigenproblems({ backend, begin }: Gate): Pick<Linalg, 'eigenvalues' | 'eigenSymmetric'> {
  return {
    async eigenvalues(a, options) {
      begin(options)
      checkSquare('eigenvalues', 'a', a)
      if (a.rows > 0) return backend.eigenvalues(a, options)
      options?.onProgress?.(1)
      return new Float64Array(0)
    },

    async eigenSymmetric(a, options = {}) {
      begin(options)
      checkSquare('eigenSymmetric', 'a', a)
      const wanted = wantedIndices(a.rows, options)
      if (a.rows > 0) {
        const request = { wanted, allValues: !options.range, overwrite: options.overwrite === true }
        return owned(backend, await backend.eigenSymmetric(a, request, options))
      }
      options.onProgress?.(1)
      return owned(backend, { result: { values: new Float64Array(0), vectors: matrix(0, 0), inPlace: false }, arrays: [] })
    }
  }
}

/** Indices of the eigenvalues whose vectors are wanted, ascending; a selection of more than there are means all. */
function wantedIndices(order: number, { range, select }: EigenOptions): readonly number[] {
  if (range && select) throw new LinalgError('shape', 'eigenSymmetric: give either a range or a selection, not both')
  const all = Array.from({ length: order }, (_, index) => index)
  if (range) {
    const { from, to } = range
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to < from || to >= order)
      throw new LinalgError('shape', `eigenSymmetric: the range ${from}…${to} does not lie inside 0…${order - 1}`)
    return all.slice(from, to + 1)
  }
  if (!select) return all
  checkCount('eigenSymmetric', 'select.smallest', select.smallest)
  checkCount('eigenSymmetric', 'select.largest', select.largest)
  return all.filter((index) => index < select.smallest || index >= order - select.largest)
}
