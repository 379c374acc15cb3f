// The reference itself: small problems with answers known by hand.
import { describe, expect, it } from 'vitest'
import { matrix } from '../../../../src/engine/linalg/matrix'
import { build, gramSchmidt, identity, jacobi, jacobiSvd, openPlain, product, transposed } from '../../../reference/linalg/plain'

const far = (a: Float64Array, b: Float64Array): number => Math.max(0, ...a.map((value, i) => Math.abs(value - b[i])))

describe('the plain reference', () => {
  it('finds the eigenvalues 2 − 2 cos(kπ/(n+1)) of the second difference matrix', () => {
    const n = 12
    const { values, vectors } = jacobi(build(n, n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)))
    expect(
      far(
        values,
        Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)))
      )
    ).toBeLessThan(1e-14)
    expect(far(product(transposed(vectors), vectors).data, identity(n).data)).toBeLessThan(1e-14)
  })

  it('decomposes a 4 × 3 matrix of rank 2 into singular values and inverts it in the sense of Moore and Penrose', async () => {
    const a = product(
      build(4, 2, (i, j) => i + 2 * j + 1),
      build(2, 3, (i, j) => (i - j) ** 2 + 1)
    )
    const { u, values, v } = jacobiSvd(a)
    const again = product(
      build(4, 3, (i, j) => u.data[i * 3 + j] * values[j]),
      transposed(v)
    )
    expect(far(again.data, a.data)).toBeLessThan(1e-13)
    const { inverse, rank } = await openPlain().pseudoinverse(a)
    expect(rank).toBe(2)
    expect(far(product(product(a, inverse), a).data, a.data)).toBeLessThan(1e-12)
  })

  it('gives orthonormal columns even where the columns of A depend on each other', () => {
    const a = build(6, 4, (i, j) => (j === 3 ? i : i ** j))
    const { q, r } = gramSchmidt(a)
    expect(far(product(transposed(q), q).data, identity(4).data)).toBeLessThan(1e-14)
    expect(far(product(q, r).data, a.data)).toBeLessThan(1e-12)
    expect(r.data[15]).toBe(0)
  })

  it('stops a Cholesky factorization at the first pivot that is not positive', async () => {
    const result = await openPlain().choleskyInPlace(matrix(3, 3, Float64Array.of(1, 0, 0, 0, 4, 2, 0, 2, 1)))
    expect(result).toEqual({ positiveDefinite: false, rank: 2 })
  })
})
