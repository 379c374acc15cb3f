// Where a window opens: where it was under the same displays, when that is still there to be seen. Plain arithmetic, without Electron.
import { z } from 'zod'

export interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface DisplayPlace {
  readonly bounds: Rectangle
  /** Without task bars and docks. */
  readonly workArea: Rectangle
  readonly scaleFactor: number
}

const length = z.number().int().min(-1_000_000).max(1_000_000)
const placeSchema = z.strictObject({
  bounds: z.strictObject({ x: length, y: length, width: length.min(1), height: length.min(1) }),
  maximized: z.boolean(),
  fullScreen: z.boolean()
})
export type WindowPlace = z.output<typeof placeSchema>

/** The newest arrangement of displays last. */
export const placesSchema = z.strictObject({
  version: z.literal(1),
  places: z.array(z.strictObject({ displays: z.string().max(2000), place: placeSchema })).max(100)
})
export type Places = z.output<typeof placesSchema>
export const noPlaces: Places = { version: 1, places: [] }

const arrangementsKept = 20
const smallest = { width: 760, height: 520 }
const usual = { width: 1360, height: 880 }
/** So much of the title bar must be there to take hold of. */
const grip = { width: 120, height: 30 }
const step = 28

/** Names an arrangement of displays, in whatever order they are listed. */
export const displaysKey = (displays: readonly DisplayPlace[]) =>
  displays
    .map(({ bounds: { x, y, width, height }, scaleFactor }) => `${x},${y} ${width}x${height} @${scaleFactor}`)
    .sort()
    .join('; ')

const overlap = (from: number, length: number, otherFrom: number, otherLength: number) =>
  Math.min(from + length, otherFrom + otherLength) - Math.max(from, otherFrom)

/** Whether enough of the title bar lies on a display. */
const canBeGripped = (bounds: Rectangle, { workArea }: DisplayPlace) =>
  overlap(bounds.x, bounds.width, workArea.x, workArea.width) >= grip.width &&
  bounds.y >= workArea.y &&
  bounds.y + grip.height <= workArea.y + workArea.height

const between = (value: number, least: number, most: number) => Math.max(least, Math.min(value, most))

/** `beside`: the window that another one opens beside. null bounds of a place: the system chooses. */
export function choosePlace(
  places: Places,
  displays: readonly DisplayPlace[],
  beside: Rectangle | null = null
): { readonly bounds: Partial<Rectangle>; readonly maximized: boolean; readonly fullScreen: boolean } {
  const known = places.places.find((one) => one.displays === displaysKey(displays))?.place
  const wanted = beside ? { ...beside, x: beside.x + step, y: beside.y + step } : known?.bounds
  const display = wanted && displays.find((one) => canBeGripped(wanted, one))
  // Of a place that cannot be seen not even the size is worth keeping: it was another display's.
  if (!wanted || !display) return { bounds: usual, maximized: false, fullScreen: false }
  const width = between(wanted.width, smallest.width, Math.max(smallest.width, display.workArea.width))
  const height = between(wanted.height, smallest.height, Math.max(smallest.height, display.workArea.height))
  const bounds = { x: wanted.x, y: wanted.y, width, height }
  return beside || !known
    ? { bounds, maximized: false, fullScreen: false }
    : { bounds, maximized: known.maximized, fullScreen: known.fullScreen }
}

export function withPlace(places: Places, displays: readonly DisplayPlace[], place: WindowPlace): Places {
  const key = displaysKey(displays)
  const others = places.places.filter((one) => one.displays !== key)
  return { version: 1, places: [...others.slice(1 - arrangementsKept), { displays: key, place }] }
}
