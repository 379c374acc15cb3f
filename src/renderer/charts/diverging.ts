// Signed values as colours: one hue for negative, one for positive, the ground for zero. Linear or symlog in strength.
import { symlog } from './scale'

export interface DivergingMap {
  /** RGBA bytes of 513 steps from −1 to 1. */
  readonly table: Uint8ClampedArray
}

const half = 256

/** `#rrggbb` or `#rgb` as three bytes. */
export function rgb(hex: string): [number, number, number] {
  const digits = hex.trim().replace('#', '')
  const value = Number.parseInt(digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits, 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

const mix = (a: readonly number[], b: readonly number[], t: number) => a.map((value, i) => value + (b[i] - value) * t)

/** From `negative` over `ground` to `positive`; near the ends darker or lighter towards `end`, so that the largest stand out. */
export function divergingMap(negative: string, ground: string, positive: string, end: string): DivergingMap {
  const table = new Uint8ClampedArray((2 * half + 1) * 4)
  const [from, middle, to, last] = [rgb(negative), rgb(ground), rgb(positive), rgb(end)]
  for (let i = 0; i <= 2 * half; i++) {
    const t = (i - half) / half
    const size = Math.abs(t)
    const side = t < 0 ? from : to
    const colour = size < 0.75 ? mix(middle, side, size / 0.75) : mix(side, last, ((size - 0.75) / 0.25) * 0.45)
    table.set([...colour, 255], i * 4)
  }
  return { table }
}

/** Writes RGBA pixels of `values`: full strength at ±`limit`; `constant` given: symlog with that linear part. NaN, and magnitudes below `threshold`, are transparent. */
export function colourValues(
  values: ArrayLike<number>,
  pixels: Uint8ClampedArray,
  map: DivergingMap,
  limit: number,
  constant: number | null,
  threshold = 0
) {
  const { table } = map
  const scale = limit > 0 ? (constant === null ? half / limit : half / symlog(limit, constant)) : 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (Number.isNaN(value) || (value < threshold && -value < threshold)) {
      pixels[i * 4 + 3] = 0
      continue
    }
    const strength = (constant === null ? value : symlog(value, constant)) * scale
    const place = 4 * (half + Math.round(strength > half ? half : strength < -half ? -half : strength))
    pixels[i * 4] = table[place]
    pixels[i * 4 + 1] = table[place + 1]
    pixels[i * 4 + 2] = table[place + 2]
    pixels[i * 4 + 3] = 255
  }
}

/** The largest finite magnitude. */
export function largestMagnitude(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i])
    if (size > most && size < Infinity) most = size
  }
  return most
}

/** CSS colours of a map from strength `from` to `to`, evenly spaced. */
export function mapColours({ table }: DivergingMap, from = -1, to = 1, count = 33): string[] {
  return Array.from({ length: count }, (_, i) => {
    const place = 4 * (half + Math.round(half * (from + ((to - from) * i) / (count - 1))))
    return `rgb(${table[place]},${table[place + 1]},${table[place + 2]})`
  })
}
