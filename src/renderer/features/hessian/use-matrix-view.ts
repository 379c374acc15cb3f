// What of a matrix is in view: place and zoom, chosen entry, order, borders, colours. All of it is in the address.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { matrixOrders } from '../../../shared/run/matrix'
import { useViewText } from '../../app/view'
import type { Entry, TileView } from '../../charts/tiles'

const rounded = (value: number) => Number(value.toPrecision(6))

function readView(text: string): TileView | null {
  const [x, y, scale] = text.split(',').map(Number)
  return text !== '' && [x, y, scale].every(Number.isFinite) && scale > 0 ? { x, y, scale } : null
}
const writeView = ({ x, y, scale }: TileView) => [x, y, scale].map(rounded).join(',')

function readEntry(text: string): Entry | null {
  const found = /^(\d{1,9}),(\d{1,9})$/.exec(text)
  return found ? { row: Number(found[1]), column: Number(found[2]) } : null
}
const writeEntry = ({ row, column }: Entry) => `${row},${column}`

const readPositive = (text: string) => (Number(text) > 0 && Number.isFinite(Number(text)) ? Number(text) : null)
const writePositive = (value: number) => (value > 0 ? String(rounded(value)) : '')

/** The address follows when a value rests: it may change with every frame, and changes that follow each other build on each other. */
const rest = 300

function useResting<Value>(name: string, read: (text: string) => Value | null, write: (value: Value) => string): ShallowRef<Value | null> {
  const text = useViewText(name, '')
  const own = shallowRef<Value | null>(read(text.value))
  let written = text.value
  let timer: ReturnType<typeof setTimeout> | null = null
  watch(own, (next) => {
    if (timer) clearTimeout(timer)
    timer = setTimeout(() => {
      timer = null
      written = next === null ? '' : write(next)
      text.value = written
    }, rest)
  })
  // The address was changed by somebody else: back, or a link.
  watch(text, (now) => {
    if (timer !== null || now === written) return
    written = now
    own.value = read(now)
  })
  onScopeDispose(() => timer && clearTimeout(timer))
  return own
}

export function useMatrixView() {
  return {
    view: useResting('at', readView, writeView),
    /** By its place in the file. */
    entry: useResting('entry', readEntry, writeEntry),
    order: useViewText('order', 'stored', matrixOrders),
    borders: useViewText('borders', 'layers', ['none', 'layers', 'all']),
    /** Null: the largest magnitude. */
    limit: useResting('limit', readPositive, writePositive),
    decades: useResting('decades', readPositive, writePositive),
    threshold: useResting('hide', readPositive, writePositive)
  }
}
