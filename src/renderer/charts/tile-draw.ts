// Draws the part of a matrix that is in view: its tiles, coarser ones where the right ones have not come yet, and the borders of its parts.
import type { PlotFrameBox } from './plot-box'
import { coarsestLevel, levelOf, tileSize, tilesInView, type Extent, type Room, type TilePlace, type TileView } from './tiles'

export interface Bitmap {
  readonly bitmap: ImageBitmap | null
  readonly rows: number
  readonly columns: number
}

export interface Scene {
  readonly view: TileView
  readonly extent: Extent
  readonly room: Room
  /** Where the matrix lies in the canvas; nothing is drawn outside. */
  readonly box: PlotFrameBox
  readonly corner: { readonly left: number; readonly top: number }
  /** Device pixels a canvas pixel. */
  readonly ratio: number
  get(place: TilePlace): Bitmap | null
}

/** The tiles that a scene needs, the most urgent first; the whole matrix at the coarsest stored level is always among them. */
export function neededTiles({ view, extent, room, ratio }: Pick<Scene, 'view' | 'extent' | 'room' | 'ratio'>): TilePlace[] {
  const top: TilePlace = { level: coarsestLevel(extent), row: 0, column: 0 }
  return [...tilesInView(view, room, extent, levelOf(view.scale, ratio, extent)), top]
}

/** Nearest neighbour throughout: a pixel shows an entry of the level, never a mean. */
export function drawTiles(context: CanvasRenderingContext2D, { view, extent, room, box, corner, ratio, get }: Scene) {
  const { x, y, scale } = view
  context.save()
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.beginPath()
  context.rect(box.left, box.top, box.width, box.height)
  context.clip()
  context.translate(corner.left, corner.top)
  context.imageSmoothingEnabled = false
  const wanted = levelOf(scale, ratio, extent)
  const coarsest = Math.max(wanted, coarsestLevel(extent))
  // Coarser tiles first, so that something is there until the right ones are; those that are covered whole are left out.
  const places = (level: number) => tilesInView(view, room, extent, level)
  const whole = places(wanted).every((place) => get(place)?.bitmap)
  for (let level = whole ? wanted : coarsest; level >= wanted; level--)
    for (const place of places(level)) {
      const tile = get(place)
      if (!tile?.bitmap) continue
      // Edges on device pixels: tiles meet without a seam, and none loses a row.
      const edge = (cell: number, from: number) => Math.round((cell * 2 ** level - from) * scale * ratio) / ratio
      const [left, top] = [edge(place.column * tileSize, x), edge(place.row * tileSize, y)]
      const width = edge(place.column * tileSize + tile.columns, x) - left
      const height = edge(place.row * tileSize + tile.rows, y) - top
      context.clearRect(left, top, width, height)
      context.drawImage(tile.bitmap, left, top, width, height)
    }
  context.restore()
}

export interface BorderLines {
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  readonly colour: string
  readonly alpha: number
}

export function drawBorders(
  context: CanvasRenderingContext2D,
  { view, box, corner, ratio }: Scene,
  { rows, columns, colour, alpha }: BorderLines
) {
  context.save()
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.globalAlpha = alpha
  context.lineWidth = 1
  context.strokeStyle = colour
  context.beginPath()
  for (const column of columns) {
    const at = Math.round(corner.left + (column - view.x) * view.scale) + 0.5
    context.moveTo(at, box.top)
    context.lineTo(at, box.top + box.height)
  }
  for (const row of rows) {
    const at = Math.round(corner.top + (row - view.y) * view.scale) + 0.5
    context.moveTo(box.left, at)
    context.lineTo(box.left + box.width, at)
  }
  context.stroke()
  context.restore()
}
