// Linear, logarithmic and symmetric-logarithmic scales: the transform, its inverse, and where ticks go.

export type ScaleKind = 'linear' | 'log' | 'symlog'

/** sign(x) · log10(1 + |x|/c): linear within ±c, logarithmic outside. */
export function symlog(value: number, constant: number): number {
  return (Math.sign(value) * Math.log1p(Math.abs(value) / constant)) / Math.LN10
}

/** The inverse of `symlog`. */
export function symlogInverse(place: number, constant: number): number {
  return Math.sign(place) * constant * Math.expm1(Math.abs(place) * Math.LN10)
}

/**
 * Where the linear part of a symlog axis should end: a small quantile of the magnitudes, so that the bulk near zero is resolved,
 * but at most eight decades below the largest. What is within `tolerance` does not count. 1 when there is nothing but zeros.
 */
export function symlogConstant(values: ArrayLike<number>, tolerance = 0): number {
  const magnitudes: number[] = []
  const stride = Math.max(1, Math.floor(values.length / 20_000))
  let largest = 0
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i])
    if (magnitude > largest && Number.isFinite(magnitude)) largest = magnitude
    if (i % stride === 0 && magnitude > tolerance && Number.isFinite(magnitude)) magnitudes.push(magnitude)
  }
  if (largest === 0) return 1
  magnitudes.sort((a, b) => a - b)
  const quantile = magnitudes[Math.floor(magnitudes.length * 0.1)] ?? largest
  const exponent = Math.round(Math.log10(Math.max(quantile, largest * 1e-8)))
  return 10 ** Math.max(-300, Math.min(exponent, Math.floor(Math.log10(largest)) - 1))
}

/** 1, 2 or 5 times a power of ten, near `raw`. */
export function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw))
  const unit = raw / power
  return (unit < 1.2 ? 1 : unit < 2.5 ? 2 : unit < 6 ? 5 : 10) * power
}

/** Multiples of `step` within [from, to]. */
export function roundNumbers(from: number, to: number, step: number): number[] {
  const numbers: number[] = []
  // A step that is lost in the size of the ends would never arrive.
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.min(Math.floor(to / step + 1e-9), first + 1000)
  for (let i = first; i <= last; i++) numbers.push(i === 0 ? 0 : Number((i * step).toPrecision(15)))
  return numbers
}

/** Powers of ten within [from, to] (both positive), thinned to about `count`. */
export function logTicks(from: number, to: number, count = 7): number[] {
  const low = Math.ceil(Math.log10(from) - 1e-9)
  const high = Math.floor(Math.log10(to) + 1e-9)
  const every = Math.max(1, Math.ceil((high - low + 1) / count))
  const ticks: number[] = []
  for (let exponent = Math.ceil(low / every) * every; exponent <= high; exponent += every) ticks.push(10 ** exponent)
  return ticks
}

/** 0 and ± powers of ten from the end of the linear part on, thinned to about `count` a side. */
export function symlogTicks(from: number, to: number, constant: number, count = 4): number[] {
  const side = (largest: number) => (largest > constant * 1.5 ? logTicks(constant, largest, count) : [])
  const up = to > 0 ? side(to) : []
  const down = from < 0 ? side(-from).map((value) => -value) : []
  // Near zero the decades crowd: those that would touch 0 or each other are left out.
  const span = symlog(to, constant) - symlog(from, constant)
  const ticks = [...down.reverse(), ...(from <= 0 && to >= 0 ? [0] : []), ...up]
  return ticks.filter((tick) => tick === 0 || Math.abs(symlog(tick, constant)) > span * 0.05)
}
