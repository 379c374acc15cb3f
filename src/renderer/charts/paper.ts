// Plots for papers: an SVG of a chosen width in millimetres whose text has the chosen size in points and whose curves have the chosen width, black on white.
import type { ChartStyle } from './chart-colours'
import { escapeXml, figureDocument, type PlotFigure } from './export'
import { widths } from './line-style'

export interface PaperChoice {
  /** Of the whole picture, in millimetres. */
  readonly width: number
  /** Of the ticks' labels, in points; everything else in proportion. */
  readonly fontSize: number
  /** Of a usual curve, in points; thinner and thicker lines in proportion. */
  readonly lineWidth: number
  /** The plot's title in the picture; papers have it in the caption. */
  readonly title: boolean
}

export const usualPaper: PaperChoice = { width: 85, fontSize: 8, lineWidth: 1, title: false }

const pointsOfMillimetre = 72 / 25.4
/** Size of the ticks' labels in the charts' own units: one unit on paper is the chosen size by this. */
const ownFontSize = 11
/** Below this many of its own units a chart has no room between its axes. */
const leastRoom = 200

/** Width in the charts' own units. */
const roomOf = ({ width, fontSize }: PaperChoice) => (width * pointsOfMillimetre * ownFontSize) / fontSize

export const paperLimits = { width: [20, 500], fontSize: [4, 24], lineWidth: [0.1, 6] } as const

/** Why nothing can be drawn so; null when it can. */
export function paperFault(choice: PaperChoice): string | null {
  const names = { width: 'The width is', fontSize: 'The size of the text is', lineWidth: 'The width of the lines is' } as const
  const units = { width: 'mm', fontSize: 'pt', lineWidth: 'pt' } as const
  for (const name of ['width', 'fontSize', 'lineWidth'] as const) {
    const [low, high] = paperLimits[name]
    if (!(choice[name] >= low && choice[name] <= high)) return `${names[name]} a number from ${low} to ${high} ${units[name]}.`
  }
  if (roomOf(choice) >= leastRoom) return null
  const least = Math.ceil((leastRoom * choice.fontSize) / ownFontSize / pointsOfMillimetre)
  return `${choice.width} mm leave no room for a plot beside text of ${choice.fontSize} pt: at least ${least} mm, or smaller text.`
}

const paperColours = {
  text: '#111111',
  soft: '#222222',
  axis: '#444444',
  grid: '#dddddd',
  surface: '#ffffff',
  border: '#999999',
  mark: '#444444'
} as const

const rgbOf = (hex: string) => {
  const digits = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(hex)
  return digits
    ? `rgb(${digits
        .slice(1)
        .map((two) => Number.parseInt(two, 16))
        .join(', ')})`
    : null
}

/** The page's colours of text, axes and ground become those of paper; those of the data stay. */
function onPaper(markup: string, screen: ChartStyle): string {
  const swaps = new Map<string, string>()
  for (const name of Object.keys(paperColours) as (keyof typeof paperColours)[])
    for (const form of [screen[name].toLowerCase(), rgbOf(screen[name])]) if (form && !swaps.has(form)) swaps.set(form, paperColours[name])
  return markup.replace(/#[\da-f]{6}\b|rgb\(\d+, \d+, \d+\)/gi, (colour) => swaps.get(colour.toLowerCase()) ?? colour)
}

const number = (value: number) => String(Number(value.toFixed(3)))

/** Strokes, and the dashes that go with them, times `stroke`; text times `text`. */
function rescaled(markup: string, stroke: number, text: number): string {
  const each = (list: string, by: number) => list.replace(/[\d.]+/g, (one) => number(Number(one) * by))
  return markup
    .replace(
      /stroke-(width|dasharray)="([^"]*)"/g,
      (_all, name: string, value: string) => `stroke-${name}="${each(value.replaceAll('px', ''), stroke)}"`
    )
    .replace(/font-size="([\d.]+)(?:px)?"/g, (_all, size: string) => `font-size="${number(Number(size) * text)}"`)
    .replace(/font-size:([\d.]+)px/g, (_all, size: string) => `font-size:${number(Number(size) * text)}px`)
}

export interface PaperPicture {
  readonly svg: string
  /** In millimetres. */
  readonly height: number
  /** A drawing that keeps its layout is this many times smaller than its text was laid out for; 1 for a chart, which is laid out anew. */
  readonly crowding: number
}

/** Throws an error of one sentence for a choice that cannot be drawn. */
export function paperPicture(figure: Omit<PlotFigure, 'table' | 'file'>, choice: PaperChoice, screen: ChartStyle): PaperPicture {
  const fault = paperFault(choice)
  if (fault !== null) throw new Error(fault)
  const room = Math.round(roomOf(choice))
  const picture = figure.picture({ width: room, height: Math.round(room * 0.62) })
  const shrink = room / picture.width
  const stroke = (choice.lineWidth * ownFontSize) / choice.fontSize / widths.normal
  const body = onPaper(rescaled(picture.body, stroke / shrink, 1 / shrink), screen)
  const style = { ...screen, ...paperColours }
  const { width, height, content } = figureDocument({ ...figure, picture: () => ({ ...picture, body }) }, style, {
    width: room,
    scale: shrink,
    title: choice.title,
    stroke
  })
  const millimetres = (choice.width * height) / width
  return {
    svg: [
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${choice.width}mm" height="${number(millimetres)}mm" viewBox="0 0 ${width} ${height}">`,
      `<title>${escapeXml(figure.title)}</title>`,
      `<rect width="100%" height="100%" fill="${paperColours.surface}"/>`,
      content,
      '</svg>'
    ].join(''),
    height: millimetres,
    crowding: Math.max(1, 1 / shrink)
  }
}
