// Spearman's rank correlation: whether one figure grows with another, however curved.

/** Ranks from 1, the mean of their places for values that are equal. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const result: number[] = Array(values.length)
  for (let first = 0; first < order.length;) {
    let last = first
    while (last + 1 < order.length && values[order[last + 1]] === values[order[first]]) last++
    for (let k = first; k <= last; k++) result[order[k]] = (first + last) / 2 + 1
    first = last + 1
  }
  return result
}

/** Pearson's correlation of the ranks; null below three pairs or where one side is constant. */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  const n = x.length
  if (n < 3) return null
  const [a, b] = [ranks(x), ranks(y)]
  const middle = (n + 1) / 2
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    ab += (a[i] - middle) * (b[i] - middle)
    aa += (a[i] - middle) ** 2
    bb += (b[i] - middle) ** 2
  }
  return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb)
}
