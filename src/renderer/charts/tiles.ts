// The geometry of a zoomable matrix: which tiles of which level a view needs, and how views move, never beyond the matrix' edges.

export const tileSize = 512

export interface Extent {
  readonly rows: number
  readonly columns: number
}

/** Width and height in canvas pixels. */
export interface Room {
  readonly width: number
  readonly height: number
}

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

/** The coarsest level that is stored: there the whole matrix is one tile. */
export function coarsestLevel({ rows, columns }: Extent): number {
  let level = 0
  while (levelSize(Math.max(rows, columns), level) > tileSize) level++
  return level
}

/** Beyond the stored levels the one tile is halved for a canvas smaller than it. */
const halvings = 3

/** The finest level whose cells are a device pixel or larger, so that no cell is left out or mixed with another. `ratio`: device pixels a canvas pixel. */
export function levelOf(scale: number, ratio: number, extent: Extent): number {
  return Math.min(coarsestLevel(extent) + halvings, Math.max(0, Math.ceil(Math.log2(1 / (scale * ratio)) - 1e-9)))
}

/** A not-a-number counts as largest: it must be seen. */
const larger = (a: number, b: number) => (Math.abs(a) >= Math.abs(b) || Number.isNaN(a) ? a : b)

/** The next level of a tile: of each 2 × 2 the entry of largest magnitude. */
export function halved({ rows, columns, values }: TileValues): TileValues {
  const half = { rows: Math.ceil(rows / 2), columns: Math.ceil(columns / 2) }
  const into = new Float32Array(half.rows * half.columns)
  for (let r = 0; r < half.rows; r++) {
    const top = 2 * r * columns
    const bottom = 2 * r + 1 < rows ? top + columns : top
    for (let c = 0; c < half.columns; c++) {
      const left = 2 * c
      const right = left + 1 < columns ? left + 1 : left
      into[r * half.columns + c] = larger(
        larger(values[top + left], values[top + right]),
        larger(values[bottom + left], values[bottom + right])
      )
    }
  }
  return { ...half, values: into }
}

/** The tiles of `level` in view, those nearest the middle first. */
export function tilesInView(view: TileView, { width, height }: Room, { rows, columns }: Extent, level: number): TilePlace[] {
  const span = tileSize * 2 ** level
  if (view.x >= columns || view.y >= rows || view.x + width / view.scale <= 0 || view.y + height / view.scale <= 0) return []
  const clamp = (value: number, size: number) => Math.min(Math.ceil(levelSize(size, level) / tileSize) - 1, Math.max(0, value))
  const [left, right] = [view.x, view.x + width / view.scale].map((at) => clamp(Math.floor(at / span), columns))
  const [top, bottom] = [view.y, view.y + height / view.scale].map((at) => clamp(Math.floor(at / span), rows))
  const places: TilePlace[] = []
  for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) places.push({ level, row, column })
  const middle = { x: view.x + width / view.scale / 2, y: view.y + height / view.scale / 2 }
  const distance = (place: TilePlace) => Math.hypot((place.column + 0.5) * span - middle.x, (place.row + 0.5) * span - middle.y)
  return places.sort((a, b) => distance(a) - distance(b))
}

/** The most pixels an entry gets, where the whole matrix does not have more. */
const largestScale = 48

const fitScale = ({ rows, columns }: Extent, { width, height }: Room) => Math.min(width / columns, height / rows)

/** Within the matrix: not smaller than the whole, not closer than single entries, and no further than the edge; what is smaller than the canvas is centred. */
export function clampView(view: TileView, extent: Extent, room: Room): TileView {
  const least = fitScale(extent, room)
  const scale = Math.min(Math.max(least, largestScale), Math.max(least, view.scale))
  const within = (at: number, size: number, pixels: number) => {
    const seen = pixels / scale
    return seen >= size ? (size - seen) / 2 : Math.min(size - seen, Math.max(0, at))
  }
  return { scale, x: within(view.x, extent.columns, room.width), y: within(view.y, extent.rows, room.height) }
}

/** The whole matrix, centred. */
export const fitView = (extent: Extent, room: Room) => clampView({ x: 0, y: 0, scale: 0 }, extent, room)

/** Zooms so that the entry under a canvas pixel stays there, as far as the edges allow. */
export function zoomAt(view: TileView, factor: number, [px, py]: readonly [number, number], extent: Extent, room: Room): TileView {
  const least = fitScale(extent, room)
  const scale = Math.min(Math.max(least, largestScale), Math.max(least, view.scale * factor))
  return clampView({ scale, x: view.x + px / view.scale - px / scale, y: view.y + py / view.scale - py / scale }, extent, room)
}

/** Moves the view by canvas pixels. */
export const panBy = (view: TileView, dx: number, dy: number, extent: Extent, room: Room) =>
  clampView({ ...view, x: view.x + dx / view.scale, y: view.y + dy / view.scale }, extent, room)

export interface Entry {
  readonly row: number
  readonly column: number
}

/** Brings an entry to the middle, large enough to see. */
export function revealView(view: TileView, { row, column }: Entry, extent: Extent, room: Room): TileView {
  const scale = Math.max(view.scale, 18)
  const centred = { scale, x: column + 0.5 - room.width / scale / 2, y: row + 0.5 - room.height / scale / 2 }
  return clampView(centred, extent, room)
}

/** Row and column under a canvas pixel; null outside the matrix. */
export function entryAt(view: TileView, px: number, py: number, { rows, columns }: Extent): Entry | null {
  const row = Math.floor(view.y + py / view.scale)
  const column = Math.floor(view.x + px / view.scale)
  return row >= 0 && column >= 0 && row < rows && column < columns ? { row, column } : null
}

/** What is taken of a WheelEvent. */
interface WheelFigures {
  readonly deltaX: number
  readonly deltaY: number
  readonly deltaMode: number
  readonly wheelDeltaY?: number
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
}

/** What a turn of the wheel means: a mouse's wheel and pinching zoom, two fingers on a touchpad (which reports pixels, three "wheel" units each) and Shift move. */
export function wheelMeaning({ deltaX, deltaY, deltaMode, ctrlKey, metaKey, shiftKey, wheelDeltaY }: WheelFigures): 'zoom' | 'pan' {
  if (ctrlKey || metaKey) return 'zoom'
  if (shiftKey || deltaX !== 0) return 'pan'
  return deltaMode === 0 && wheelDeltaY !== undefined && Math.abs(wheelDeltaY + 3 * deltaY) < 1e-6 ? 'pan' : 'zoom'
}
