// Colours tiles away from the page's own thread.
import { colourValues } from './diverging'

export interface TileJob {
  readonly id: number
  readonly values: Float32Array
  readonly rows: number
  readonly columns: number
  readonly table: Uint8ClampedArray
  readonly limit: number
  readonly constant: number
  readonly threshold: number
}

const scope = self as unknown as {
  addEventListener(type: 'message', listener: (event: MessageEvent<TileJob>) => void): void
  postMessage(message: unknown, transfer: Transferable[]): void
}

scope.addEventListener('message', ({ data }) => {
  const { id, values, rows, columns, table, limit, constant, threshold } = data
  const pixels = new Uint8ClampedArray(rows * columns * 4)
  colourValues(values, pixels, { table }, limit, constant, threshold)
  createImageBitmap(new ImageData(pixels, columns, rows)).then(
    (bitmap) => scope.postMessage({ id, bitmap }, [bitmap]),
    () => scope.postMessage({ id, bitmap: null }, [])
  )
})
