// A small matrix as a figure for files: rows and columns numbered from 0, squares, and a colour bar.
import { formatTick } from '../app/format'
import { planAxis } from './axis'
import { chartStyle } from './chart-style'
import { mapColours } from './diverging'
import { themeMap } from './diverging-theme'
import { svgText, type Picture, type PlotFigure } from './export'
import { pixelTicks } from './pixel-ticks'
import { matrixTable } from './table'

export interface MatrixOfFigure {
  readonly values: ArrayLike<number>
  readonly rows: number
  readonly columns: number
  readonly label: string
  readonly limit: number
  readonly file: string
  readonly canvas: HTMLCanvasElement | null
}

function picture({ rows, columns, canvas }: MatrixOfFigure): Picture {
  const style = chartStyle.value
  const cell = Math.max(1, Math.min(24, 640 / Math.max(rows, columns)))
  const [left, top, wide, high] = [56, 6, columns * cell, rows * cell]
  const [width, height] = [Math.max(400, left + wide + 20), top + high + 42]
  const ticks = (count: number, start: number) => {
    const plan = planAxis({ kind: 'linear', range: [0, count - 1], exact: true, whole: true, count: Math.max(2, (count * cell) / 60) })
    return count === 1 ? [{ at: start + cell / 2, label: '0' }] : pixelTicks(plan, start + cell / 2, start + (count - 0.5) * cell).ticks
  }
  const look = `font-family="${style.font}" font-size="11" fill="${style.soft}"`
  return {
    width,
    height,
    body: [
      `<image href="${canvas?.toDataURL() ?? ''}" x="${left}" y="${top}" width="${wide}" height="${high}" preserveAspectRatio="none" image-rendering="pixelated"/>`,
      `<rect x="${left}" y="${top}" width="${wide}" height="${high}" fill="none" stroke="${style.axis}"/>`,
      ...ticks(columns, left).map(
        ({ at, label }) =>
          `<path d="M${at} ${top + high}v5" stroke="${style.axis}"/>${svgText(at, top + high + 16, label, `${look} text-anchor="middle"`)}`
      ),
      ...ticks(rows, top).map(
        ({ at, label }) =>
          `<path d="M${left} ${at}h-5" stroke="${style.axis}"/>${svgText(left - 8, at + 4, label, `${look} text-anchor="end"`)}`
      ),
      svgText(left + wide / 2, height - 6, 'column', `${look} text-anchor="middle"`),
      `<text transform="translate(14 ${top + high / 2}) rotate(-90)" ${look} text-anchor="middle">row</text>`
    ].join('')
  }
}

export function matrixFigure(matrix: MatrixOfFigure): PlotFigure {
  const { limit } = matrix
  return {
    title: matrix.label,
    file: matrix.file,
    picture: () => picture(matrix),
    bar: {
      label: 'value',
      colours: mapColours(themeMap.value),
      ticks: [-1, -0.5, 0, 0.5, 1].map((side) => ({ place: (side + 1) / 2, text: formatTick(Number((side * limit).toPrecision(2))) }))
    },
    table: () => matrixTable(matrix)
  }
}
