// The pixels of a map in pieces, coarse to fine: every eighth pixel of every eighth row first, then what lies between, so that a picture is there early.

/** First sides of the cells between pixels that are known; each pass halves them. */
export const firstStride = 8

export interface Tile {
  /** Of its pass. */
  readonly stride: number
  /** Numbers row · columns + column, in the order in which they are computed. */
  readonly pixels: Uint32Array
}

/** Side of a tile, in pixels of its pass: such that one takes some seconds at most, and a large map has no more than some thousands. */
export function tileSide(columns: number, rows: number, pixelSeconds: number): number {
  const quick = [16, 8, 4, 2].find((side) => side * side * pixelSeconds <= 4) ?? 1
  return quick < 16 ? quick : columns * rows <= 512 ** 2 ? 16 : columns * rows <= 1024 ** 2 ? 32 : 64
}

/** Every pixel once. What is in a tile depends on these numbers alone, so that tiles put aside fit. */
export function tilesOf(columns: number, rows: number, side: number): Tile[] {
  const tiles: Tile[] = []
  for (let stride = firstStride; stride >= 1; stride /= 2) {
    const reach = side * stride
    for (let top = 0; top < rows; top += reach)
      for (let left = 0; left < columns; left += reach) {
        const pixels: number[] = []
        for (let row = top; row < Math.min(rows, top + reach); row += stride)
          for (let column = left; column < Math.min(columns, left + reach); column += stride)
            if (stride === firstStride || row % (2 * stride) !== 0 || column % (2 * stride) !== 0) pixels.push(row * columns + column)
        if (pixels.length > 0) tiles.push({ stride, pixels: Uint32Array.from(pixels) })
      }
  }
  return tiles
}
