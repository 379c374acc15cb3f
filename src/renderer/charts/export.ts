// Plots as files: one SVG document with title, picture, names of the series and colour bar; the PNG is that document drawn at twice its size.
import type { ChartStyle } from './chart-colours'
import { dashes, type LinePattern } from './line-style'
import type { PlotTable } from './table'

/** SVG markup of the given size: elements, or a whole nested document. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly body: string
}

export interface LegendEntry {
  readonly name: string
  readonly colour: string
  readonly line?: LinePattern
}

/** What colours mean: CSS colours from the lowest to the highest, and values at places from 0 to 1. */
export interface ColourBar {
  readonly label: string
  readonly colours: readonly string[]
  readonly ticks: readonly { readonly place: number; readonly text: string }[]
}

export interface PlotFigure {
  readonly title: string
  /** Base of the file's name. */
  readonly file: string
  picture(): Picture
  readonly legend?: readonly LegendEntry[]
  readonly bar?: ColourBar | null
  /** A sentence below the picture: what it leaves out. */
  readonly note?: string | null
  /** All the numbers. */
  table(): PlotTable
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
export const escapeXml = (text: string) => text.replace(/[&<>"]/g, (sign) => escapes[sign])

/** Rough, on the safe side: no fonts are measured outside the page. */
const textWidth = (text: string, size: number) => [...text].length * size * 0.64

export function svgText(x: number, y: number, text: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escapeXml(text)}</text>`
}

function legendRows(entries: readonly LegendEntry[], width: number): { x: number; row: number; entry: LegendEntry }[] {
  let [x, row] = [0, 0]
  return entries.map((entry) => {
    const wide = 34 + textWidth(entry.name, 12)
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1]
    const place = { x, row, entry }
    x += wide
    return place
  })
}

const barHeight = 52
const barPlace = { left: 24, width: 320 }
const barRoom = ({ label }: ColourBar) => barPlace.left + barPlace.width + 20 + textWidth(label, 11) + 8
function barMarkup({ label, colours, ticks }: ColourBar, y: number, style: ChartStyle, font: string): string {
  const { left, width } = barPlace
  const stops = colours.map((colour, i) => `<stop offset="${((100 * i) / (colours.length - 1)).toFixed(2)}%" stop-color="${colour}"/>`)
  const texts = ticks.map(({ place, text }) => {
    const x = left + place * width
    return `<path d="M${x.toFixed(1)} ${y + 12}v4" stroke="${style.axis}"/>${svgText(x, y + 28, text, `${font} font-size="11" fill="${style.soft}" text-anchor="middle"`)}`
  })
  return `<defs><linearGradient id="colour-bar">${stops.join('')}</linearGradient></defs><rect x="${left}" y="${y}" width="${width}" height="12" fill="url(#colour-bar)" stroke="${style.border}"/>${texts.join('')}${svgText(left + width + 20, y + 11, label, `${font} font-size="11" fill="${style.soft}"`)}`
}

/** The whole document; wider than a narrow picture whose title or colour bar would be cut. */
export function svgDocument(figure: Omit<PlotFigure, 'table' | 'file'>, style: ChartStyle): string {
  const { width: own, height, body } = figure.picture()
  const width = Math.ceil(
    Math.max(
      own,
      24 + textWidth(figure.title, 14),
      figure.bar ? barRoom(figure.bar) : 0,
      figure.note ? Math.min(1600, 24 + textWidth(figure.note, 11)) : 0
    )
  )
  const font = `font-family="${escapeXml(style.font)}"`
  const legend = (figure.legend ?? []).length > 1 ? legendRows(figure.legend ?? [], width - 24) : []
  const top = 34
  const legendTop = top + height + 4
  const rows = legend.length === 0 ? 0 : (legend.at(-1)?.row ?? 0) + 1
  const barTop = legendTop + rows * 20 + (figure.bar ? 4 : 0)
  const noteTop = barTop + (figure.bar ? barHeight - 4 : 0)
  const whole = noteTop + (figure.note ? 22 : 6)
  const names = legend.map(({ x, row, entry }) => {
    const y = legendTop + row * 20 + 10
    const dash = dashes[entry.line ?? 'solid'].join(' ')
    return `<path d="M${12 + x} ${y}h18" stroke="${entry.colour}" stroke-width="2.4"${dash ? ` stroke-dasharray="${dash}"` : ''}/>${svgText(36 + x, y + 4, entry.name, `${font} font-size="12" fill="${style.text}"`)}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${whole}" viewBox="0 0 ${width} ${whole}">`,
    `<title>${escapeXml(figure.title)}</title>`,
    `<rect width="100%" height="100%" fill="${style.surface}"/>`,
    svgText(12, 22, figure.title, `${font} font-size="14" font-weight="600" fill="${style.text}"`),
    // A nested document keeps its own coordinates.
    `<svg x="0" y="${top}" width="${own}" height="${height}" viewBox="0 0 ${own} ${height}">${body}</svg>`,
    ...names,
    figure.bar ? barMarkup(figure.bar, barTop, style, font) : '',
    figure.note ? svgText(12, noteTop + 14, figure.note, `${font} font-size="11" fill="${style.soft}"`) : '',
    '</svg>'
  ].join('')
}
