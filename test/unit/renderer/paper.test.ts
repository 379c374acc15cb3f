// Plots for papers and as scripts: sizes on paper, refused choices, and that the numbers of a plot are in its script.
import { describe, expect, it } from 'vitest'
import type { ChartStyle } from '../../../src/renderer/charts/chart-colours'
import { svgDocument, type PictureSize, type PlotFigure } from '../../../src/renderer/charts/export'
import { matplotlibScript } from '../../../src/renderer/charts/matplotlib'
import { paperFault, paperPicture, usualPaper } from '../../../src/renderer/charts/paper'

const style: ChartStyle = {
  text: '#f0f0f1',
  soft: '#a0a0a2',
  axis: '#707073',
  grid: '#303034',
  surface: '#101015',
  border: '#404046',
  negative: '#ff0000',
  positive: '#0000ff',
  mark: '#707079',
  font: 'Sans'
}

function figure(over: Partial<PlotFigure> = {}): PlotFigure {
  return {
    title: 'Loss & more',
    file: 'loss',
    picture: ({ width, height }: PictureSize = { width: 800, height: 430 }) => ({
      width,
      height,
      body: `<path d="M0 0h9" stroke="#ff8800" stroke-width="1.6"/><path stroke="rgb(112, 112, 115)" stroke-width="1px" stroke-dasharray="6px, 4px"/><text style="font-size:11px" font-size="11px" fill="#a0a0a2">1</text>`
    }),
    legend: [
      { name: 'one', colour: '#ff8800' },
      { name: 'two', colour: '#0088ff', line: 'dashed' }
    ],
    table: () => ({
      header: ['x', 'y'],
      columns: [
        [1, 2],
        [3, 4]
      ]
    }),
    ...over
  }
}

describe('a picture for a paper', () => {
  it.each([
    [85, 8, 1],
    [176, 10, 0.5],
    [60, 6, 2]
  ])('%d mm wide: ticks of %d pt, curves of %d pt, measured on paper', (width, fontSize, lineWidth) => {
    const { svg, height } = paperPicture(figure(), { width, fontSize, lineWidth, title: false }, style)
    const [, mm, high, units] = /width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 (\d+) /.exec(svg) ?? []
    expect(Number(mm)).toBe(width)
    expect(Number(high)).toBeCloseTo(height, 3)
    const pointsOfUnit = ((Number(mm) / 25.4) * 72) / Number(units)
    const text = Number(/<text style="font-size:([\d.]+)px"/.exec(svg)?.[1])
    expect(text * pointsOfUnit).toBeGreaterThan(fontSize * 0.99)
    expect(text * pointsOfUnit).toBeLessThan(fontSize * 1.01)
    const stroke = Number(/stroke="#ff8800" stroke-width="([\d.]+)"/.exec(svg)?.[1])
    expect(stroke * pointsOfUnit).toBeGreaterThan(lineWidth * 0.99)
    expect(stroke * pointsOfUnit).toBeLessThan(lineWidth * 1.01)
  })

  it('keeps those sizes for a drawing that is not laid out anew, and says how crowded it is', () => {
    const fixed = figure({ picture: () => ({ ...figure().picture(), width: 1000, height: 500 }) })
    const { svg, crowding } = paperPicture(fixed, usualPaper, style)
    const room = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1])
    expect(crowding).toBeCloseTo(1000 / room, 12)
    const inner = Number(/viewBox="0 0 1000 500".*?<text style="font-size:([\d.]+)px"/.exec(svg)?.[1])
    expect((inner * room) / 1000).toBeCloseTo(11, 2)
  })

  it('is black on white whatever the theme, without a title unless asked', () => {
    const { svg } = paperPicture(figure(), usualPaper, style)
    expect(svg).toContain('fill="#ffffff"')
    expect(svg).toContain('stroke="#ff8800"')
    for (const dark of ['#a0a0a2', '#101015', '#f0f0f1', 'rgb(112, 112, 115)']) expect(svg).not.toContain(dark)
    expect(svg).not.toContain('>Loss &amp; more</text>')
    expect(paperPicture(figure(), { ...usualPaper, title: true }, style).svg).toContain('>Loss &amp; more</text>')
    expect(svgDocument(figure(), style)).toContain('fill="#101015"')
  })

  it.each([
    [{ width: 10 }, /width is a number from 20 to 500 mm/],
    [{ width: NaN }, /width is a number/],
    [{ fontSize: 60 }, /text is a number from 4 to 24 pt/],
    [{ lineWidth: 0 }, /lines is a number from 0.1 to 6 pt/],
    [{ width: 40, fontSize: 12 }, /40 mm leave no room .* at least 77 mm/]
  ])('%j is refused', (over, why) => {
    expect(paperFault({ ...usualPaper, ...over })).toMatch(why)
    expect(() => paperPicture(figure(), { ...usualPaper, ...over }, style)).toThrow(why)
  })
})

describe('a script for matplotlib', () => {
  const axis = { kind: 'linear', constant: 1, low: 0, high: 5 } as const
  it('holds the curves to the last digit, gaps where a figure was not finite, and no formulas', () => {
    const lines = figure({
      title: 'A "title" with \\ in it',
      plot: () => ({
        kind: 'lines',
        series: [
          {
            id: 'a',
            name: '_loss $x_1$',
            colour: 'rgb(1, 2, 255)',
            line: 'dashed',
            weight: 'thick',
            x: [1, 2, 3, 4],
            y: [0.1 + 0.2, NaN, 1e-300, 7],
            notFinite: [3.5]
          }
        ],
        points: false,
        levels: [{ y: 2, label: 'level' }],
        places: [],
        x: { ...axis, label: 'step' },
        y: { ...axis, kind: 'log', low: 1e-3, label: 'loss' }
      })
    })
    const script = matplotlibScript(lines, { ...usualPaper, lineWidth: 1.6 })
    expect(script).toContain('x0 = np.array([1, 3, 3.5, 4], dtype=float)')
    expect(script).toContain('y0 = np.array([0.30000000000000004, 1e-300, nan, 7], dtype=float)')
    expect(script).toContain('color="#0102ff", linestyle="--", linewidth=2.8, label=" _loss \\\\$x_1\\\\$"')
    expect(script).toContain('axes.set_yscale("log")')
    expect(script).toContain('axes.set_ylim(0.001, 5)')
    expect(script).toContain('width = 85 / 25.4')
    expect(script.startsWith(`"""A 'title' with / in it: drawn`)).toBe(true)
  })

  it('draws what only a table says: cells, bars by name, curves', () => {
    const cells = figure({
      table: () => ({
        header: ['row', 'column', 'value'],
        columns: [
          [0, 1],
          ['2–3', '4–5'],
          [-1, 2]
        ]
      })
    })
    expect(matplotlibScript(cells, usualPaper)).toContain('columns = np.array([2, 4], dtype=float)')
    const bars = figure({
      table: () => ({
        header: ['kind', 'bytes'],
        columns: [
          ['a', 'b'],
          [3, 4]
        ]
      })
    })
    expect(matplotlibScript(bars, usualPaper)).toContain('axes.barh(np.arange(len(names)), np.array([3, 4], dtype=float)')
    expect(matplotlibScript(figure(), usualPaper)).toContain('axes.plot(np.array([1, 2], dtype=float), np.array([3, 4], dtype=float)')
    const words = figure({ table: () => ({ header: ['kind', 'what'], columns: [['a'], ['b']] }) })
    expect(() => matplotlibScript(words, usualPaper)).toThrow(/a drawing, no plot of numbers/)
  })
})
