// How a person moves over a matrix: dragging, wheel and touchpad, keys; and the entry that is pointed at or picked.
import type { ComputedRef, Ref } from 'vue'
import { entryAt, fitView, panBy, wheelMeaning, zoomAt, type Entry, type Extent, type Room, type TileView } from './tiles'

interface Options {
  readonly extent: () => Extent
  readonly room: ComputedRef<Room>
  readonly now: ComputedRef<TileView>
  readonly view: Ref<TileView | null>
  readonly canvas: Ref<HTMLElement | null>
  /** Left and top edge of the matrix' room in the canvas. */
  readonly corner: () => { readonly left: number; readonly top: number }
  readonly selected: () => Entry | null
  point(entry: Entry | null): void
  /** A click or Enter. */
  pick(entry: Entry): void
  /** Shift and an arrow key; null: Escape. */
  select(entry: Entry | null): void
}

/** Further than this a press is a drag, not a click. */
const clickReach = 4
/** Turns of the wheel closer together than this are of one gesture and mean the same. */
const gesture = 250

const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1]
}

export function useTileView(options: Options) {
  const { room, now, view, canvas } = options
  const inside = (event: MouseEvent): [number, number] => {
    const frame = canvas.value?.getBoundingClientRect()
    const { left, top } = options.corner()
    return [event.clientX - (frame?.left ?? 0) - left, event.clientY - (frame?.top ?? 0) - top]
  }
  const middle = (): [number, number] => [room.value.width / 2, room.value.height / 2]
  const within = ([px, py]: readonly [number, number]) => px >= 0 && py >= 0 && px < room.value.width && py < room.value.height
  const entryOf = (at: readonly [number, number]) => (within(at) ? entryAt(now.value, at[0], at[1], options.extent()) : null)
  const zoom = (factor: number, at: readonly [number, number] = middle()) =>
    (view.value = zoomAt(now.value, factor, at, options.extent(), room.value))
  const pan = (dx: number, dy: number) => (view.value = panBy(now.value, dx, dy, options.extent(), room.value))

  let drag: { readonly x: number; readonly y: number; readonly view: TileView; moved: boolean } | null = null
  function down(event: PointerEvent) {
    if (event.button !== 0) return
    drag = { x: event.clientX, y: event.clientY, view: now.value, moved: false }
    canvas.value?.setPointerCapture(event.pointerId)
  }
  function move(event: PointerEvent) {
    if (!drag) return options.point(entryOf(inside(event)))
    const [dx, dy] = [drag.x - event.clientX, drag.y - event.clientY]
    drag.moved ||= Math.hypot(dx, dy) > clickReach
    if (drag.moved) view.value = panBy(drag.view, dx, dy, options.extent(), room.value)
  }
  function up(event: PointerEvent) {
    const moved = drag?.moved ?? true
    drag = null
    const entry = moved ? null : entryOf(inside(event))
    if (entry) options.pick(entry)
  }

  let last = { time: -Infinity, meaning: 'zoom' as 'zoom' | 'pan' }
  function wheel(event: WheelEvent) {
    const own = wheelMeaning(event)
    const meaning = event.ctrlKey || event.metaKey || event.timeStamp - last.time > gesture ? own : last.meaning
    last = { time: event.timeStamp, meaning }
    const lines = event.deltaMode === 0 ? 1 : 16
    const [dx, dy] = [event.deltaX * lines, event.deltaY * lines]
    // Pinching reports small numbers, with Ctrl.
    const most = event.ctrlKey ? 50 : 200
    if (meaning === 'zoom') zoom(Math.exp((-Math.max(-most, Math.min(most, dy)) / most) * 0.5), inside(event))
    else if (event.shiftKey && dx === 0) pan(dy, 0)
    else pan(dx, dy)
    options.point(entryOf(inside(event)))
  }

  function step([dx, dy]: readonly [number, number]) {
    const { rows, columns } = options.extent()
    const from = options.selected() ?? entryOf(middle())
    if (!from) return
    const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value))
    options.select(options.selected() ? { row: clamp(from.row + dy, rows), column: clamp(from.column + dx, columns) } : from)
  }
  function key(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const arrow = arrows[event.key]
    const others: Record<string, () => void> = {
      '+': () => zoom(1.4),
      '=': () => zoom(1.4),
      '-': () => zoom(1 / 1.4),
      '0': () => (view.value = null),
      Enter: () => {
        const entry = options.selected() ?? entryOf(middle())
        if (entry) options.pick(entry)
      },
      Escape: () => options.select(null)
    }
    if (!arrow && !others[event.key]) return
    event.preventDefault()
    if (!arrow) others[event.key]()
    else if (event.shiftKey) step(arrow)
    else pan(arrow[0] * 60, arrow[1] * 60)
  }
  const leave = () => options.point(null)
  const fit = () => fitView(options.extent(), room.value)
  return { down, move, up, wheel, key, leave, zoom, fit, cancel: () => (drag = null) }
}
