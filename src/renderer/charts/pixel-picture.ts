// Pixels in memory onto a canvas of their own size.

export interface PixelPicture {
  /** RGBA, rows from the top. */
  readonly bytes: Uint8ClampedArray
  readonly columns: number
  readonly rows: number
}

export function drawPixels(canvas: HTMLCanvasElement | null, { bytes, columns, rows }: PixelPicture): void {
  const context = canvas?.getContext('2d')
  if (!canvas || !context) return
  canvas.width = columns
  canvas.height = rows
  const image = context.createImageData(columns, rows)
  image.data.set(bytes)
  context.putImageData(image, 0, 0)
}
