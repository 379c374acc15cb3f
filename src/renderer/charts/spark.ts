// The path of a sparkline.

/** An SVG path through finite values, logarithmic when they are positive and span over two decades; empty with fewer than two. */
export function sparkPath(values: readonly number[], width: number, height: number): string {
  const finite = values.filter((value) => Number.isFinite(value))
  if (finite.length < 2) return ''
  const lowest = finite.reduce((least, value) => Math.min(least, value), Infinity)
  const highest = finite.reduce((most, value) => Math.max(most, value), -Infinity)
  const log = lowest > 0 && highest / lowest > 100
  const place = log ? Math.log : (value: number) => value
  const low = place(lowest)
  const span = place(highest) - low || 1
  return values
    .map((value, i) => {
      if (!Number.isFinite(value)) return ''
      const x = (i / (values.length - 1)) * width
      const y = 1.5 + (1 - (place(value) - low) / span) * (height - 3)
      return `${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .filter((point) => point !== '')
    .map((point, i) => `${i === 0 ? 'M' : 'L'}${point}`)
    .join('')
}
