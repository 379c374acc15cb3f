// Small statistics of a report's tables.

/** Ranks from 1, equal values sharing the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, k) => k).sort((a, b) => values[a] - values[b])
  const result = Array.from(values, () => 0)
  for (let from = 0; from < order.length;) {
    let to = from
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++
    for (let k = from; k <= to; k++) result[order[k]] = (from + to) / 2 + 1
    from = to + 1
  }
  return result
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Spearman's rank correlation; null for fewer than 3 pairs or where one side is constant. */
export function spearman(x: readonly number[], y: readonly number[]): number | null {
  if (x.length < 3) return null
  const [p, q] = [ranks(x), ranks(y)]
  const [a, b] = [mean(p), mean(q)]
  let [both, left, right] = [0, 0, 0]
  for (let k = 0; k < p.length; k++) {
    both += (p[k] - a) * (q[k] - b)
    left += (p[k] - a) ** 2
    right += (q[k] - b) ** 2
  }
  return left > 0 && right > 0 ? both / Math.sqrt(left * right) : null
}
