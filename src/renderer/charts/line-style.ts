// How lines are told apart within one colour: by their pattern first, then by their weight.

export type LinePattern = 'solid' | 'dashed' | 'dotted' | 'dash-dot'
export type LineWeight = 'thin' | 'normal' | 'thick'

export interface LineLook {
  readonly line?: LinePattern
  readonly weight?: LineWeight
}

const patterns: readonly LinePattern[] = ['solid', 'dashed', 'dotted', 'dash-dot']

/** Lengths of dashes and gaps at normal weight, in pixels. */
export const dashes: Readonly<Record<LinePattern, readonly number[]>> = {
  solid: [],
  dashed: [6, 4],
  dotted: [1.5, 3],
  'dash-dot': [8, 3, 1.5, 3]
}
export const widths: Readonly<Record<LineWeight, number>> = { thin: 1, normal: 1.6, thick: 2.8 }

/** The look of the k-th of several blocks (W1, W2, …) that share their metric's colour: four patterns, then the same ones thick, then thin. */
export function blockLine(index: number): Required<LineLook> {
  const weights: readonly LineWeight[] = ['normal', 'thick', 'thin']
  return { line: patterns[index % patterns.length], weight: weights[Math.floor(index / patterns.length) % weights.length] }
}
