// How far a truncated series reaches, held against the function itself.

/** Σ_{k ≤ order} a_k t^k, by Horner. */
export function truncation(coefficients: ArrayLike<number>, order: number, t: number): number {
  let sum = 0
  for (let k = Math.min(order, coefficients.length - 1); k >= 0; k--) sum = sum * t + coefficients[k]
  return sum
}

/** Steps ascending, symmetric about 0 and with it: 24 a decade from 10⁻³ of the largest on. */
export function stepsTo(largest: number): Float64Array {
  const perDecade = 24
  const positive = Array.from({ length: 3 * perDecade + 1 }, (_, i) => largest * 10 ** (i / perDecade - 3))
  return Float64Array.from([...positive.map((t) => -t).reverse(), 0, ...positive])
}

/**
 * Smallest |t| of the steps (ascending, symmetric about 0) at which the truncation is off by more than `share` of max_{|τ| ≤ |t|} |f(τ) − f(0)|; a value
 * that is not finite counts as off. Infinity where there is none; NaN where the series has fewer terms. A deviation below `rounding` counts as none.
 */
export function truncationRadius(
  coefficients: ArrayLike<number>,
  order: number,
  { steps, values }: { readonly steps: Float64Array; readonly values: Float64Array },
  { share, rounding }: { readonly share: number; readonly rounding: number }
): number {
  if (order >= coefficients.length) return Number.NaN
  const middle = (steps.length - 1) / 2
  let change = 0
  for (let i = 1; i <= middle; i++) {
    const pair = [middle - i, middle + i] as const
    for (const place of pair) change = Math.max(change, Math.abs(values[place] - values[middle]))
    for (const place of pair) {
      const off = Math.abs(truncation(coefficients, order, steps[place]) - values[place])
      if (!(off <= share * change + rounding)) return steps[middle + i]
    }
  }
  return Number.POSITIVE_INFINITY
}
