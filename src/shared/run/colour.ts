// A run's colour: one palette that reads on light and dark surfaces, and the choice from it that stays clear of the runs just made.

/** Ten hues at three lightnesses. Each has a contrast of 3:1 or more with the page and its cards in both themes. */
export const runPalette: readonly string[] = [
  '#1d78f1 #da4b00 #028f41 #bc4dc4 #9d7601 #0a898f #e03c67 #8463ee #738302 #0685b0',
  '#6f87f9 #df7102 #06a374 #d767b8 #a48f02 #049db6 #eb6360 #ac76e8 #629f15 #0896e6',
  '#006eac #cb252a #397803 #9541c4 #935e05 #07766e #c32675 #5458de #736b05 #067488'
].flatMap((line) => line.split(' '))

/** A colour is not given again to the next so many runs. */
export const colourRest = 24
/** From so many of the newest runs a colour keeps its distance, from the nearest in time most. */
const neighbours = 12

type Triple = readonly [number, number, number]

const linear = (channel: number) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
const channels = (colour: string): Triple =>
  [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255)) as unknown as Triple

/** Oklab (Ottosson 2020), with lightness weighed twice: equal distances look about equally different, also in thin lines. */
function perceived(colour: string): Triple {
  const [r, g, b] = channels(colour)
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
  return [
    2 * (0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s),
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ]
}

/** How different two colours look; the palette spans about 0.4. */
export function colourDistance(a: string, b: string): number {
  const [x, y] = [perceived(a), perceived(b)]
  return Math.hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2])
}

/** WCAG 2: from 1 to 21. */
export function colourContrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [r, g, blue] = channels(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue + 0.05
  }
  const [x, y] = [luminance(a), luminance(b)]
  return Math.max(x, y) / Math.min(x, y)
}

export const isColour = (text: string | null | undefined): text is string => typeof text === 'string' && /^#[0-9a-f]{6}$/i.test(text)

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

/** The run's own colour; one that was made without keeps one of the palette by its id. */
export const colourOf = ({ id, colour }: { readonly id: string; readonly colour?: string | null }): string =>
  isColour(colour) ? colour : runPalette[hash(id) % runPalette.length]

/** How many of the newest runs matter to the choice. */
export const colourMemory = Math.max(colourRest, neighbours)

/** The colour for a run that is being made, by those of the newest runs, the newest first. */
export function nextColour(newest: readonly string[]): string {
  const resting = newest.slice(0, colourRest)
  const near = newest.slice(0, neighbours)
  let best: { readonly colour: string; readonly distance: number } | null = null
  for (const colour of runPalette) {
    if (resting.includes(colour)) continue
    const distance = Math.min(1, ...near.map((other, age) => colourDistance(colour, other) * (1 + age / 8)))
    if (best === null || distance > best.distance) best = { colour, distance }
  }
  return best?.colour ?? runPalette[0]
}
