// The straight line of box counting in its logarithmic picture. Pure.

/** Through the mean of the logarithms, where least squares go through, with this dimension. */
export function fittedLine(sides: Float64Array, counts: Float64Array, dimension: number): Float64Array {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + Math.log(value), 0) / values.length
  const [x, y] = [mean(sides), mean(counts)]
  return sides.map((side) => Math.exp(y - dimension * (Math.log(side) - x)))
}
