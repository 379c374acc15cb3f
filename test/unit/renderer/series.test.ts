// Series on their way to a chart: places, gaps that are drawn over and gaps that break the line, views, ranges, tables, readouts.
import { describe, expect, it } from 'vitest'
import { notFinitePlaces } from '../../../src/renderer/app/not-finite'
import { planAxis, type AxisScale } from '../../../src/renderer/charts/axis'
import { describeNotFinite } from '../../../src/renderer/charts/describe'
import { svgDocument } from '../../../src/renderer/charts/export'
import { blockLine } from '../../../src/renderer/charts/line-style'
import { nearestX, readoutRows } from '../../../src/renderer/charts/readout'
import { constantOf, drawnSeries, inView, rangeOfX, rangeOfY, seriesTable, type LineSeries } from '../../../src/renderer/charts/series'
import { csv, matrixTable } from '../../../src/renderer/charts/table'
import { magnitudes } from '../../../src/renderer/charts/magnitudes'
import { nameTicks, partNames, seenBorders, tileBox, tileEnds, tileTicks } from '../../../src/renderer/charts/tile-axes'
import { colourTicks } from '../../../src/renderer/charts/tile-colours'
import { matrixSides } from '../../../src/renderer/charts/tile-sides'
import { cellsInView, tileTable } from '../../../src/renderer/charts/tile-table'

const linear: AxisScale = { kind: 'linear', constant: 1 }
const log: AxisScale = { kind: 'log', constant: 1 }
const series = (change: Partial<LineSeries>): LineSeries => ({ id: 'a', name: 'A', colour: '#123456', x: [], y: [], ...change })

describe('a drawn series', () => {
  it('leaves out what is absent, counts what a logarithmic axis cannot show, and carries the rest to places', () => {
    const drawn = drawnSeries(series({ x: [0, 1, 2, 3], y: [1, NaN, -1, 100] }), linear, log)
    expect([...drawn.pairs]).toEqual([0, 0, 3, 2])
    expect(drawn.hidden).toBe(1)
    expect(drawnSeries(series({ x: [0, 1], y: [1, 1] }), log, linear).hidden).toBe(1)
  })
  it('breaks where a figure is not finite, and only there', () => {
    const drawn = drawnSeries(series({ x: [1, 2, 3, 5], y: [1, NaN, 3, 5], notFinite: [4] }), linear, linear)
    expect([...drawn.pairs]).toEqual([1, 1, 3, 3, 5, NaN, 5, 5])
    expect(drawn.marks).toEqual([4])
    // Behind the last point there is nothing to break; before the first neither.
    expect([...drawnSeries(series({ x: [1, 2], y: [1, 2], notFinite: [0, 3] }), linear, linear).pairs]).toEqual([1, 1, 2, 2])
  })
  it('carries its band along; what of it lies below a logarithmic axis ends at the line', () => {
    const drawn = drawnSeries(series({ x: [1, 2], y: [10, 10], band: { low: [1, -5], high: [100, 1000] } }), linear, log)
    expect([...drawn.band]).toEqual([1, 0, 2, 2, 1, 3])
  })
  it('is cut to the view with one neighbour at each side, and y fits what is in view', () => {
    const drawn = drawnSeries(series({ x: [1, 2, 3, 4, 5, 6], y: [100, 5, 4, 3, 2, -50] }), linear, linear)
    expect([...inView(drawn.pairs, 2, 2.5, 4.5)]).toEqual([2, 5, 3, 4, 4, 3, 5, 2])
    expect(rangeOfY([drawn], linear, 2, 5)).toEqual([2, 5])
    expect(rangeOfY([drawn], linear, 2.1, 2.9)).toEqual([-50, 100])
    expect(rangeOfX([drawn, drawnSeries(series({ notFinite: [9] }), linear, linear)], linear)).toEqual([1, 9])
    expect(rangeOfX([], linear)).toBeNull()
    // Points without order, as in a scatter, are left whole.
    expect(inView(Float64Array.of(3, 0, 1, 0, 2, 0), 2, 2.5, 2.6)).toHaveLength(6)
  })
  it('finds one linear part of a symlog axis for all columns', () => {
    expect(constantOf('linear', [[5]])).toBe(1)
    expect(constantOf('symlog', [[1, 10, 100], [1000]])).toBe(1)
  })
})

describe('what is not finite', () => {
  const table = { steps: Float64Array.of(1, 2, 6, 10), notFinite: { loss: Float64Array.of(2, 4, 11) } }
  it('is placed on any axis of the rows', () => {
    expect([...notFinitePlaces(table, 'loss', table.steps)]).toEqual([2, 4, 11])
    expect([...notFinitePlaces(table, 'loss', [0.1, 0.2, 0.6, 1])]).toEqual([0.2, 0.4, 1])
    expect([...notFinitePlaces(table, 'other', table.steps)]).toEqual([])
  })
  it('is said in words', () => {
    expect(describeNotFinite([series({ notFinite: [3, 1, 2, 7] })], 'step')).toBe('✕ not finite: A at step 1, 2, 3 and 1 more.')
    expect(describeNotFinite([series({})], 'step')).toBe('')
  })
})

describe('tables', () => {
  it('of series tell those of one name apart and name raw values and what is not finite', () => {
    const one = series({ x: [1, 2, 3], y: [5, NaN, 7], notFinite: [2] })
    expect(csv(seriesTable([one], 'step', 'loss'))).toBe('series,step,loss\nA,1,5\nA,2,not finite\nA,3,7\n')
    const raw = { ...one, id: 'a\u0000raw', faint: true, notFinite: [] }
    const lines = csv(seriesTable([raw, one, { ...one, id: 'b', notFinite: [] }], 'step', 'loss')).split('\n')
    expect(lines[0]).toBe('series,id,step,loss')
    expect(lines[1]).toBe('A (raw),a,1,5')
    expect(lines.at(-2)).toBe('A,b,3,7')
  })
  it('of bands have their ends', () => {
    const one = series({ x: [1], y: [2], band: { low: [1], high: [3] } })
    expect(csv(seriesTable([one], 'step', 'loss'))).toBe('series,step,loss,low,high\nA,1,2,1,3\n')
  })
  it('of matrices count rows and columns from 0; of tiles the largest come first', () => {
    expect(csv(matrixTable({ values: [1, 2, 3, 4, 5, 6], rows: 2, columns: 3 })).split('\n')[4]).toBe('1,0,4')
    const tile = { rows: 2, columns: 2, values: Float32Array.of(1, -5, 2, 0) }
    const cells = cellsInView([{ place: { level: 0, row: 0, column: 0 }, tile }], { top: 0, bottom: 1, left: 0, right: 2 })
    const sides = matrixSides({ rows: 4, columns: 4, units: 1, model: null, block: 'full' }, 'stored')
    expect(csv(tileTable(cells, 0, sides))).toBe('row,column,value,row weight,column weight\n0,1,-5,#0,#1\n0,0,1,#0,#0\n')
    const coarse = cellsInView([{ place: { level: 1, row: 0, column: 0 }, tile }], { top: 2, bottom: 4, left: 0, right: 4 })
    expect(csv(tileTable(coarse, 1, sides))).toContain('2–3,0–1,2')
    expect(colourTicks(10, 0.1).map(({ text }) => text)).toEqual(['−10', '−0.9', '0', '0.9', '10'])
  })
})

describe('axes of a matrix', () => {
  it('number rows at their middle, within what is seen, and name the parts that have room', () => {
    const view = { x: -10, y: 20, scale: 4 }
    const ends = tileEnds(view, { rows: 100, columns: 100 }, { width: 400, height: 200 })
    expect(ends).toEqual({ left: 0, right: 90, top: 20, bottom: 70 })
    const box = tileBox(view, ends, { left: 70, top: 20 })
    expect(box).toEqual({ left: 110, top: 20, width: 360, height: 200 })
    const { ticks } = tileTicks(ends.top, ends.bottom, box.top, view.scale, 40)
    expect(ticks.map(({ label }) => label)).toEqual(['20', '30', '40', '50', '60'])
    // Row 30 begins 10 rows below the top.
    expect(ticks[1].at).toBe(20 + 10.5 * 4)
    const borders = [
      { at: 0, name: 'W1' },
      { at: 60, name: 'W2' },
      { at: 88, name: 'W3' }
    ]
    expect(partNames(borders, 100, 0, 90, 110, 4)).toEqual([
      { name: 'W1', at: 230 },
      { name: 'W2', at: 110 + 74 * 4 }
    ])
  })
})

describe('names and borders of a matrix', () => {
  it('follow the zoom: every entry has its name at its middle, parts too small to be seen apart have no lines', () => {
    expect(nameTicks(2.2, 5.4, 100, 20, (index) => `w${index}`).ticks).toEqual(
      [
        { at: 100 + 0.3 * 20, label: 'w2' },
        { at: 100 + 1.3 * 20, label: 'w3' },
        { at: 100 + 2.3 * 20, label: 'w4' }
      ].map(({ at, label }) => ({ at: expect.closeTo(at, 9), label }))
    )
    const parts = Array.from({ length: 50 }, (_, k) => ({ at: 2 * k, name: `u${k}` }))
    expect(seenBorders(parts, 100, 0, 100, 2)).toEqual([])
    expect(seenBorders(parts, 100, 9, 15, 20)).toEqual([10, 12, 14])
  })
})

describe('magnitudes', () => {
  it('count every entry once, zeros and what is not finite apart', () => {
    const found = magnitudes([Float32Array.of(0, 1, -10, 100, NaN), Float32Array.of(0.5, -Infinity)], 6)
    expect(found).toMatchObject({ zeros: 1, notFinite: 2, largest: 100 })
    expect([...found.counts].reduce((sum, count) => sum + count, 0)).toBe(4)
    // Decades from 0.1 on, two bins each.
    expect([...found.edges].map((edge) => Number(edge.toPrecision(3)))).toEqual([0.1, 0.316, 1, 3.16, 10, 31.6, 100])
    expect([...found.counts]).toEqual([0, 1, 1, 0, 1, 1])
    expect(magnitudes([new Float32Array(3)])).toMatchObject({ zeros: 3, largest: 0 })
  })
})

describe('a readout', () => {
  const axis = planAxis({ kind: 'linear', range: [0, 100], exact: true })
  const long = series({ x: [0, 10, 50, 100], y: [4, 3, 2, 1], notFinite: [70] })
  const short = series({ id: 'b', name: 'B', x: [0, 20], y: [8, 9] })
  it('gives the nearest point, says where that is, and leaves out series that do not reach so far', () => {
    expect(nearestX([long, short], 52, axis)).toBe(50)
    expect(readoutRows([long, short], 50, axis).map(({ name, value }) => [name, value])).toEqual([['A', '2']])
    expect(readoutRows([long, short], 18, axis).map(({ value }) => value)).toEqual(['3 at 10', '9 at 20'])
    expect(readoutRows([long], 70, axis)[0].value).toBe('not finite')
    expect(readoutRows([{ ...long, faint: true }], 50, axis)).toEqual([])
  })
})

describe('lines and documents', () => {
  it('blocks differ in pattern first, then in weight', () => {
    const looks = Array.from({ length: 12 }, (_, i) => JSON.stringify(blockLine(i)))
    expect(new Set(looks).size).toBe(12)
    expect(blockLine(0)).toEqual({ line: 'solid', weight: 'normal' })
    expect(blockLine(4)).toEqual({ line: 'solid', weight: 'thick' })
  })
  it('a document holds title, names and colour bar, with what is markup in names escaped', () => {
    const style = {
      text: '#000',
      soft: '#333',
      axis: '#666',
      grid: '#eee',
      surface: '#fff',
      border: '#ccc',
      negative: '#c00',
      positive: '#00c',
      mark: '#909',
      font: "'A B', sans-serif"
    }
    const svg = svgDocument(
      {
        title: 'a < b & "c"',
        picture: () => ({ width: 300, height: 100, body: '<g/>' }),
        legend: [
          { name: '<img>', colour: '#111111', line: 'dashed' },
          { name: 'second', colour: '#222222' }
        ],
        bar: { label: 'value', colours: ['rgb(0,0,0)', 'rgb(9,9,9)'], ticks: [{ place: 0, text: '−1' }] },
        note: 'so & so'
      },
      style
    )
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;')
    expect(svg).toContain('&lt;img&gt;')
    expect(svg).not.toContain('<img>')
    for (const part of ['stroke-dasharray="6 4"', 'second', '>value<', '>−1<', 'so &amp; so', '<g/>']) expect(svg).toContain(part)
  })
})
