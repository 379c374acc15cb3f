// How far apart two spectra are: Wasserstein-1 between their distributions of eigenvalues.

/**
 * ∫₀¹ |Qa(u) − Qb(u)| du of the quantile functions, exactly: both are step functions, constant between the multiples of 1/n and of 1/m.
 * Of ascending values; the numbers of values may differ. NaN when one is empty or holds something not finite.
 */
export function wasserstein(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [n, m] = [a.length, b.length]
  if (n === 0 || m === 0) return NaN
  let [i, j, sum] = [0, 0, 0]
  // Places in units of 1/(n·m), so that no rounding decides which step ends first.
  let place = 0
  while (i < n && j < m) {
    const next = Math.min((i + 1) * m, (j + 1) * n)
    sum += (next - place) * Math.abs(a[i] - b[j])
    place = next
    if (place === (i + 1) * m) i++
    if (place === (j + 1) * n) j++
  }
  return sum / (n * m)
}
