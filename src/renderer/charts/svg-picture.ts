// A drawing of the page as a picture for a file: its SVG with the colours it has now, over what lies on canvases.
import type { Picture } from './export'

export interface Raster {
  readonly canvas: HTMLCanvasElement | null
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Squares stay squares. */
  readonly pixelated?: boolean
  /** The id of a clip path of the drawing. */
  readonly clip?: string
}

const resolved = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linejoin',
  'opacity',
  'font-size',
  'font-weight',
  'font-family',
  'text-anchor',
  'dominant-baseline'
]

export function drawingPicture(source: SVGSVGElement | null, width: number, height: number, rasters: readonly Raster[]): Picture {
  if (!source) return { width, height, body: '' }
  const copy = source.cloneNode(true) as SVGSVGElement
  const originals = [source, ...source.querySelectorAll('*')]
  ;[copy, ...copy.querySelectorAll('*')].forEach((node, i) => {
    const style = getComputedStyle(originals[i])
    for (const name of resolved) node.setAttribute(name, style.getPropertyValue(name))
    node.removeAttribute('class')
  })
  for (const name of ['role', 'aria-label', 'aria-hidden', 'style', 'tabindex']) copy.removeAttribute(name)
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  for (const raster of [...rasters].reverse()) {
    if (!raster.canvas) continue
    const image = document.createElementNS('http://www.w3.org/2000/svg', 'image')
    const attributes = {
      href: raster.canvas.toDataURL(),
      x: raster.x,
      y: raster.y,
      width: raster.width,
      height: raster.height,
      preserveAspectRatio: 'none',
      ...(raster.pixelated ? { 'image-rendering': 'pixelated' } : {})
    }
    for (const [name, value] of Object.entries(attributes)) image.setAttribute(name, String(value))
    const holder = document.createElementNS('http://www.w3.org/2000/svg', 'g')
    if (raster.clip) holder.setAttribute('clip-path', `url(#${raster.clip})`)
    holder.append(image)
    copy.prepend(holder)
  }
  return { width, height, body: new XMLSerializer().serializeToString(copy) }
}
