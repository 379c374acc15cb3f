// Symmetric eigenproblems as the caller sees them: which eigenpairs a range or a selection means, and answers to empty problems.
import { LinalgError, type CallOptions, type EigenOptions, type Linalg, type Owned, type Tridiagonal } from '../interface'
import { matrix } from '../matrix'
import { checkCount, checkLength, checkSquare } from './checks'
import { owned } from './owned'
import type { Gate } from './gate'

export function eigenproblems({ backend, begin }: Gate): Pick<Linalg, 'eigenvalues' | 'eigenSymmetric' | 'tridiagonalize'> {
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
    },

    async tridiagonalize(a, options = {}) {
      begin(options)
      checkSquare('tridiagonalize', 'a', a)
      if (a.rows > 0) return checked(owned(backend, await backend.tridiagonalize(a, options)), begin)
      options.onProgress?.(1)
      return checked(owned(backend, { result: emptyTridiagonal, arrays: [] }), begin)
    }
  }
}

const emptyTridiagonal: Tridiagonal = {
  diagonal: new Float64Array(0),
  offDiagonal: new Float64Array(0),
  eigenvalues: async () => new Float64Array(0),
  apply: async () => undefined,
  applyTransposed: async () => undefined
}

/** The reduction with its functions checked: an open backend, no cancellation yet, vectors of length n, memory that is still held. */
function checked(reduced: Tridiagonal & Owned, begin: Gate['begin']): Tridiagonal & Owned {
  const { diagonal, offDiagonal } = reduced
  let held = true
  const enter = (options?: CallOptions) => {
    begin(options)
    if (!held) throw new LinalgError('backend', 'tridiagonalize: this reduction has been released; reduce the matrix again')
  }
  const apply = async (name: 'apply' | 'applyTransposed', x: Float64Array, options?: CallOptions) => {
    enter(options)
    checkLength(`tridiagonalize: ${name}`, 'x', x, diagonal.length)
    await reduced[name](x, options)
    options?.onProgress?.(1)
  }
  return {
    diagonal,
    offDiagonal,
    async eigenvalues(options) {
      enter(options)
      const values = await reduced.eigenvalues(options)
      options?.onProgress?.(1)
      return values
    },
    apply: (x, options) => apply('apply', x, options),
    applyTransposed: (x, options) => apply('applyTransposed', x, options),
    release() {
      held = false
      reduced.release()
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
