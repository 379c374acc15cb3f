// Where the parts of a matrix' picture lie: the room of the matrix between its axes, what of it is in view, ticks and names, borders.
import { computed, type Ref } from 'vue'
import { chartStyle } from './chart-style'
import { nameScale, nameTicks, partNames, seenBorders, tileBox, tileEnds, tileTicks } from './tile-axes'
import type { BorderLines } from './tile-draw'
import type { MatrixSides } from './tile-sides'
import { clampView, fitView, type Extent, type Room, type TileView } from './tiles'

interface Shown {
  readonly extent: Extent
  readonly height: number
  readonly sides: MatrixSides
  readonly borders: 'none' | 'layers' | 'all'
}

/** Above the matrix, to its right, and below it where numbers stand there. */
const margin = { top: 22, right: 12, numbers: 38 }

export function useTileLayout(shown: Shown, view: Ref<TileView | null>, width: Ref<number>) {
  const nameWidth = computed(() => 6.4 * shown.sides.longestName)
  const corner = computed(() => ({ left: Math.max(74, 30 + nameWidth.value), top: margin.top }))
  const roomAbove = (below: number): Room => ({
    width: Math.max(1, width.value - corner.value.left - margin.right),
    height: Math.max(1, shown.height - margin.top - below)
  })
  const namedRoom = () => roomAbove(26 + nameWidth.value)
  /** A matrix whose entries all have room for their names always has them. */
  const alwaysNamed = computed(() => fitView(shown.extent, roomAbove(margin.numbers)).scale >= nameScale - 2)
  const named = computed(() => alwaysNamed.value || (view.value?.scale ?? 0) >= nameScale)
  const room = computed(() => (named.value ? namedRoom() : roomAbove(margin.numbers)))
  const now = computed<TileView>(() => (view.value ? clampView(view.value, shown.extent, room.value) : fitView(shown.extent, room.value)))
  const ends = computed(() => tileEnds(now.value, shown.extent, room.value))
  const box = computed(() => tileBox(now.value, ends.value, corner.value))

  const borderLines = computed<readonly BorderLines[]>(() => {
    const { layers, groups } = shown.sides
    const { left, right, top, bottom } = ends.value
    const seen = (parts: typeof layers) => ({
      rows: seenBorders(parts.rows, shown.extent.rows, top, bottom, now.value.scale),
      columns: seenBorders(parts.columns, shown.extent.columns, left, right, now.value.scale)
    })
    const colour = chartStyle.value.mark
    if (shown.borders === 'none') return []
    const fine = shown.borders === 'all' ? [{ ...seen(groups), colour, alpha: 0.45 }] : []
    return [...fine, { ...seen(layers), colour, alpha: 1 }]
  })

  const axes = computed(() => {
    const { left, right, top, bottom } = ends.value
    const { scale } = now.value
    const { sides, extent } = shown
    const parts = (of: 'columns' | 'rows', from: number, to: number, start: number) => {
      const groups = shown.borders === 'all' && borderLines.value[0]?.[of].length ? sides.groups[of] : []
      const fine = partNames(groups, extent[of], from, to, start, scale)
      return fine.length > 1 ? fine : partNames(sides.layers[of], extent[of], from, to, start, scale)
    }
    const { left: x, top: y } = box.value
    return {
      x: named.value ? nameTicks(left, right, x, scale, sides.columnName) : tileTicks(left, right, x, scale, 70),
      y: named.value ? nameTicks(top, bottom, y, scale, sides.rowName) : tileTicks(top, bottom, y, scale, 40),
      columns: parts('columns', left, right, x),
      rows: parts('rows', top, bottom, y)
    }
  })
  return { corner, room, namedRoom, named, now, ends, box, borderLines, axes }
}
