// Tiles that were fetched and coloured, the least recently used dropped first.
import type { DivergingMap } from './diverging'
import type { TileJob } from './tile-worker'
import { halved, tileKey, type TilePlace, type TileValues } from './tiles'
import { messageOf } from '../../shared/format/message-of'

interface Held extends TileValues {
  bitmap: ImageBitmap | null
  /** The colouring the bitmap was made with. */
  look: number
}

export interface Look {
  readonly version: number
  readonly map: DivergingMap
  readonly limit: number
  readonly constant: number
  /** Magnitudes below it are not drawn. */
  readonly threshold: number
}

/** A tile holds its float32 values and its pixels: 2 MiB. */
const mostTiles = 128
const atOnce = 4

type Fetch = (place: TilePlace, signal: AbortSignal) => Promise<TileValues>

/** `fetchTile` is called at most four times at once, for levels up to `coarsest`; coarser ones are made of that. `changed`: a tile is ready to be drawn. */
export function createTileStore(fetchTile: Fetch, coarsest: number, changed: () => void) {
  const worker = new Worker(new URL('./tile-worker.ts', import.meta.url), { type: 'module' })
  const tiles = new Map<string, Held>()
  const loading = new Map<string, AbortController>()
  const colouring = new Map<number, { key: string; look: number }>()
  let wanted: readonly TilePlace[] = []
  let look: Look | null = null
  let nextId = 1
  let failure: string | null = null

  worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; bitmap: ImageBitmap | null }>) => {
    const job = colouring.get(data.id)
    colouring.delete(data.id)
    const tile = job && tiles.get(job.key)
    if (!job || !tile || !data.bitmap) return data.bitmap?.close()
    tile.bitmap?.close()
    tile.bitmap = data.bitmap
    tile.look = job.look
    changed()
  })

  function colour(key: string, tile: Held) {
    if (!look || tile.look === look.version || [...colouring.values()].some((job) => job.key === key && job.look === look?.version)) return
    const id = nextId++
    colouring.set(id, { key, look: look.version })
    const job: TileJob = {
      id,
      values: tile.values,
      rows: tile.rows,
      columns: tile.columns,
      table: look.map.table,
      limit: look.limit,
      constant: look.constant,
      threshold: look.threshold
    }
    worker.postMessage(job)
  }

  /** Levels beyond the stored ones are one tile, halved. */
  async function load(place: TilePlace, signal: AbortSignal): Promise<TileValues> {
    if (place.level <= coarsest) return fetchTile(place, signal)
    const finer = { ...place, level: place.level - 1 }
    return halved(tiles.get(tileKey(finer)) ?? (await load(finer, signal)))
  }

  function pump() {
    for (const place of wanted) {
      if (loading.size >= atOnce) return
      const key = tileKey(place)
      if (tiles.has(key) || loading.has(key)) continue
      const abort = new AbortController()
      loading.set(key, abort)
      load(place, abort.signal).then(
        (values) => {
          loading.delete(key)
          tiles.set(key, { ...values, bitmap: null, look: -1 })
          for (const [oldest, tile] of tiles) {
            if (tiles.size <= mostTiles) break
            tile.bitmap?.close()
            tiles.delete(oldest)
          }
          colour(key, tiles.get(key) as Held)
          changed()
          pump()
        },
        (error: unknown) => {
          loading.delete(key)
          if (!abort.signal.aborted) {
            failure = messageOf(error)
            wanted = wanted.filter((one) => tileKey(one) !== key)
            changed()
          }
          pump()
        }
      )
    }
  }

  return {
    /** What the view needs, the most urgent first. Requests for anything else are cancelled. */
    want(places: readonly TilePlace[]) {
      wanted = places
      const keys = new Set(places.map(tileKey))
      for (const [key, abort] of loading)
        if (!keys.has(key)) {
          abort.abort()
          loading.delete(key)
        }
      for (const place of places) {
        const key = tileKey(place)
        const tile = tiles.get(key)
        if (!tile) continue
        tiles.delete(key)
        tiles.set(key, tile)
        colour(key, tile)
      }
      pump()
    },
    setLook(next: Look) {
      look = next
      for (const place of wanted) {
        const tile = tiles.get(tileKey(place))
        if (tile) colour(tileKey(place), tile)
      }
    },
    get: (place: TilePlace) => tiles.get(tileKey(place)) ?? null,
    failure: () => failure,
    busy: () => loading.size > 0,
    close() {
      for (const abort of loading.values()) abort.abort()
      for (const tile of tiles.values()) tile.bitmap?.close()
      worker.terminate()
    }
  }
}
