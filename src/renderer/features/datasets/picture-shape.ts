// Samples that are a row of numbers, looked at as pictures: how that row may be folded, and its pixels then.
export type Folding = 'row' | 'grey' | 'planes' | 'interleaved'

const side = (count: number) => {
  const root = Math.round(Math.sqrt(count))
  return root * root === count ? root : null
}

/** The ways in which a row of so many numbers can be a picture. */
export function foldings(features: number): { readonly value: Folding; readonly label: string }[] {
  const grey = side(features)
  const colour = features % 3 === 0 ? side(features / 3) : null
  return [
    { value: 'row', label: 'A row of numbers' },
    ...(grey !== null && grey > 1 ? [{ value: 'grey' as const, label: `${grey} × ${grey}, row by row` }] : []),
    ...(colour !== null && colour > 1
      ? [
          { value: 'planes' as const, label: `${colour} × ${colour} colour, plane by plane` },
          { value: 'interleaved' as const, label: `${colour} × ${colour} colour, pixel by pixel` }
        ]
      : [])
  ]
}

export interface Picture {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Row by row, the channels of a pixel together. */
  readonly pixels: Uint8Array
}

/** One sample as a picture. */
export function folded(row: Uint8Array, as: Folding): Picture {
  if (as === 'row') return { width: row.length, height: 1, channels: 1, pixels: row }
  if (as === 'grey') {
    const length = Math.round(Math.sqrt(row.length))
    return { width: length, height: length, channels: 1, pixels: row }
  }
  const area = row.length / 3
  const length = Math.round(Math.sqrt(area))
  if (as === 'interleaved') return { width: length, height: length, channels: 3, pixels: row }
  return { width: length, height: length, channels: 3, pixels: Uint8Array.from(row, (_, i) => row[(i % 3) * area + Math.floor(i / 3)]) }
}
