// Plots as files: one SVG document with title, picture, names of the series and colour bar; the PNG is that document drawn at twice its size.
import type { ChartStyle } from './chart-colours'
import { dashes, type LinePattern } from './line-style'
import type { ScriptPlot } from './script-plot'
import type { PlotTable } from './table'

export interface PictureSize {
  readonly width: number
  readonly height: number
}

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
  /** Charts that can be laid out anew take the size they are asked for; drawings keep their own. */
  picture(size?: PictureSize): Picture
  /** What of it a script draws; left out: what its table says. */
  readonly plot?: () => ScriptPlot
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
/** Beside the bar its label, or where that has no room below it. */
function barMarkup(bar: ColourBar, y: number, style: ChartStyle, font: string, room: number): string {
  const { label, colours, ticks } = bar
  const beside = barRoom(bar) <= room
  const { left } = barPlace
  const width = Math.min(barPlace.width, room - 2 * left)
  const stops = colours.map((colour, i) => `<stop offset="${((100 * i) / (colours.length - 1)).toFixed(2)}%" stop-color="${colour}"/>`)
  const texts = ticks.map(({ place, text }) => {
    const x = left + place * width
    return `<path d="M${x.toFixed(1)} ${y + 12}v4" stroke="${style.axis}"/>${svgText(x, y + 28, text, `${font} font-size="11" fill="${style.soft}" text-anchor="middle"`)}`
  })
  const [labelX, labelY] = beside ? [left + width + 20, y + 11] : [left, y + 42]
  return `<defs><linearGradient id="colour-bar">${stops.join('')}</linearGradient></defs><rect x="${left}" y="${y}" width="${width}" height="12" fill="url(#colour-bar)" stroke="${style.border}"/>${texts.join('')}${svgText(labelX, labelY, label, `${font} font-size="11" fill="${style.soft}"`)}`
}

/** Lines of words that fit into the width. */
function wrapped(text: string, size: number, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines[lines.length - 1]} ${word}`
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** How a document is laid out whose width is given. */
export interface DocumentLayout {
  readonly width: number
  /** The picture is drawn this many times its own size. */
  readonly scale: number
  readonly title: boolean
  /** Of lines that say no width. */
  readonly stroke: number
}

/** Title, picture, names of the series, colour bar and note, below each other; without a layout wider than a narrow picture whose title or bar would be cut. */
export function figureDocument(
  figure: Omit<PlotFigure, 'table' | 'file'>,
  style: ChartStyle,
  layout?: DocumentLayout
): { readonly width: number; readonly height: number; readonly content: string } {
  const { width: own, height: ownHeight, body } = figure.picture()
  const width =
    layout?.width ??
    Math.ceil(
      Math.max(
        own,
        24 + textWidth(figure.title, 14),
        figure.bar ? barRoom(figure.bar) : 0,
        figure.note ? Math.min(1600, 24 + textWidth(figure.note, 11)) : 0
      )
    )
  const { scale, stroke, title } = layout ?? { scale: 1, stroke: 1, title: true }
  const height = ownHeight * scale
  const font = `font-family="${escapeXml(style.font)}"`
  const legend = (figure.legend ?? []).length > 1 ? legendRows(figure.legend ?? [], width - 24) : []
  const titles = title ? (layout ? wrapped(figure.title, 14, width - 24) : [figure.title]) : []
  const top = titles.length === 0 ? 4 : 16 + 18 * titles.length
  const legendTop = top + height + 4
  const rows = legend.length === 0 ? 0 : (legend.at(-1)?.row ?? 0) + 1
  const barTop = legendTop + rows * 20 + (figure.bar ? 4 : 0)
  const noteTop = barTop + (figure.bar ? barHeight - 4 : 0)
  const notes = figure.note ? (layout ? wrapped(figure.note, 11, width - 24) : [figure.note]) : []
  const names = legend.map(({ x, row, entry }) => {
    const y = legendTop + row * 20 + 10
    const dash = dashes[entry.line ?? 'solid'].map((length) => length * stroke).join(' ')
    return `<path d="M${12 + x} ${y}h18" stroke="${entry.colour}" stroke-width="${2.4 * stroke}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>${svgText(36 + x, y + 4, entry.name, `${font} font-size="12" fill="${style.text}"`)}`
  })
  const content = [
    ...titles.map((line, k) => svgText(12, 22 + 18 * k, line, `${font} font-size="14" font-weight="600" fill="${style.text}"`)),
    // A nested document keeps its own coordinates.
    `<svg x="0" y="${top}" width="${own * scale}" height="${height}" viewBox="0 0 ${own} ${ownHeight}"${stroke === 1 ? '' : ` stroke-width="${stroke / scale}"`}>${body}</svg>`,
    ...names,
    figure.bar ? barMarkup(figure.bar, barTop, style, font, width) : '',
    ...notes.map((line, k) => svgText(12, noteTop + 14 + 15 * k, line, `${font} font-size="11" fill="${style.soft}"`))
  ].join('')
  return { width, height: Math.ceil(noteTop + (notes.length === 0 ? 6 : 7 + 15 * notes.length)), content }
}

/** The whole document. */
export function svgDocument(figure: Omit<PlotFigure, 'table' | 'file'>, style: ChartStyle): string {
  const { width, height, content } = figureDocument(figure, style)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(figure.title)}</title>`,
    `<rect width="100%" height="100%" fill="${style.surface}"/>`,
    content,
    '</svg>'
  ].join('')
}
