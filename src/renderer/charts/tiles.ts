// The geometry of a zoomable square matrix: which tiles of which level a view needs, and how views move.

export const tileSize = 512

/** Matrix entry at the left and top edge of the canvas, and canvas pixels an entry. */
export interface TileView {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface TilePlace {
  readonly level: number
  readonly row: number
  readonly column: number
}

export interface TileValues {
  readonly rows: number
  readonly columns: number
  readonly values: Float32Array
}

export const tileKey = ({ level, row, column }: TilePlace) => `${level}/${row}/${column}`

/** Entries along one side of a level. */
export const levelSize = (size: number, level: number) => Math.ceil(size / 2 ** level)

/** The level whose whole matrix is one tile. */
export function coarsestLevel(size: number): number {
  let level = 0
  while (levelSize(size, level) > tileSize) level++
  return level
}

/** The coarsest level that still gives each canvas pixel its own entry. */
export function levelOf(scale: number, size: number): number {
  return Math.min(coarsestLevel(size), Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-9)))
}

/** The tiles of `level` that a canvas of `width` × `height` pixels shows, those nearest its middle first. */
export function tilesInView(view: TileView, width: number, height: number, size: number, level: number): TilePlace[] {
  const span = tileSize * 2 ** level
  const count = Math.ceil(levelSize(size, level) / tileSize)
  const clamp = (value: number) => Math.min(count - 1, Math.max(0, value))
  if (view.x >= size || view.y >= size || view.x + width / view.scale <= 0 || view.y + height / view.scale <= 0) return []
  const [left, right] = [clamp(Math.floor(view.x / span)), clamp(Math.floor((view.x + width / view.scale) / span))]
  const [top, bottom] = [clamp(Math.floor(view.y / span)), clamp(Math.floor((view.y + height / view.scale) / span))]
  const places: TilePlace[] = []
  for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) places.push({ level, row, column })
  const middle = { x: view.x + width / view.scale / 2, y: view.y + height / view.scale / 2 }
  const distance = (place: TilePlace) => Math.hypot((place.column + 0.5) * span - middle.x, (place.row + 0.5) * span - middle.y)
  return places.sort((a, b) => distance(a) - distance(b))
}

/** The whole matrix, centred. */
export function fitView(size: number, width: number, height: number): TileView {
  const scale = Math.min(width, height) / size
  return { scale, x: (size - width / scale) / 2, y: (size - height / scale) / 2 }
}

/** Zooms so that the entry under a canvas pixel stays there; from the whole matrix down to 48 pixels an entry. */
export function zoomAt(view: TileView, factor: number, px: number, py: number, size: number, width: number, height: number): TileView {
  const least = fitView(size, width, height).scale * 0.8
  const scale = Math.min(48, Math.max(Math.min(least, 48), view.scale * factor))
  return { scale, x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale }
}

/** Row and column under a canvas pixel; null outside the matrix. */
export function entryAt(view: TileView, px: number, py: number, size: number): { row: number; column: number } | null {
  const row = Math.floor(view.y + py / view.scale)
  const column = Math.floor(view.x + px / view.scale)
  return row >= 0 && column >= 0 && row < size && column < size ? { row, column } : null
}
