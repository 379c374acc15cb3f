// A report's page: escaped, without script or anything from outside, its figures where the data say, and the data beside it.
import { mkdtemp, readdir, readFile, rm, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageHtml, writeReport, type ReportToWrite } from '../../../../src/workbench/reports/page'
import { plotSvg, type Plot } from '../../../../src/workbench/reports/plots'
import type { Table } from '../../../../src/workbench/reports/table'

const evil = `</p><script>alert("1")</script> & 'x' \u0007`
const table: Table = {
  name: 'loss.csv',
  about: 'a row a step',
  columns: ['step', 'loss', 'optimizer'],
  rows: [
    [0, 2, 'sfn'],
    [10, 0.02, 'sfn'],
    [0, 2, evil],
    [10, 0.2, evil],
    [10, 0, 'sfn']
  ]
}
const plot: Plot = {
  type: 'lines',
  title: `Loss ${evil}`,
  description: `Falls ${evil}`,
  x: { column: 'step', label: 'step' },
  y: { column: 'loss', label: `loss ${evil}`, log: true },
  by: 'optimizer',
  marks: true
}
const report: ReportToWrite = {
  title: `A race ${evil}`,
  lead: [evil],
  sections: [
    {
      heading: evil,
      blocks: [
        { kind: 'findings', sentences: [evil] },
        { kind: 'figure', caption: evil, data: 'loss.csv', plot },
        { kind: 'table', caption: evil, data: 'loss.csv', columns: [evil], rows: [[evil]] }
      ]
    }
  ],
  data: [table, { name: 'more.json', about: evil, json: { evil } }],
  command: `saddlescope ${evil}`,
  versions: { saddlescope: '1' }
}

/** Every tag of well-formed markup: what is opened is closed. */
function tagsOf(html: string) {
  const voids = new Set(['meta', '!DOCTYPE'])
  const open: string[] = []
  const names: string[] = []
  for (const [, slash, name, rest] of html.matchAll(/<(\/?)([!A-Za-z][A-Za-z0-9]*)((?:"[^"]*"|[^>"])*)>/g)) {
    if (slash) expect(open.pop(), `closing ${name}`).toBe(name)
    else {
      names.push(name)
      if (!voids.has(name) && !rest.endsWith('/')) open.push(name)
    }
  }
  expect(open).toEqual([])
  return names
}

describe('the page', () => {
  const html = pageHtml(report, 'race-data')

  it('has no markup but its own, no script, no address but its data', () => {
    const names = tagsOf(html)
    expect(names).not.toContain('script')
    expect(names.filter((name) => name === 'svg')).toHaveLength(1)
    expect(html).not.toContain('<script')
    expect(html).not.toContain('\u0007')
    expect(html).not.toMatch(/\son[a-z]+=/)
    const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address)
    expect(new Set(addresses)).toEqual(new Set(['race-data/loss.csv', 'race-data/more.json']))
    expect(html).not.toMatch(/https?:|url\(|@import/)
    // What was said is there, as text.
    expect(html).toContain('&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; ')
  })

  it('takes its colours from properties that both themes set alike', () => {
    const style = html.slice(html.indexOf('<style>'), html.indexOf('</style>'))
    const [light, dark] = style.split('@media (prefers-color-scheme: dark)')
    const set = (text: string) => new Set([...text.slice(0, text.indexOf('}')).matchAll(/(--[a-z0-9-]+):/g)].map(([, name]) => name))
    expect(set(light)).toEqual(set(dark))
    const used = [...html.matchAll(/var\((--[a-z0-9-]+)\)/g)].map(([, name]) => name).filter((name) => name !== '--c')
    expect(used.length).toBeGreaterThan(10)
    for (const name of used) expect(set(light)).toContain(name)
    const svg = html.slice(html.indexOf('<svg'), html.indexOf('</svg>'))
    expect(svg).not.toMatch(/#[0-9a-f]{3,6}\b|rgb|style=/i)
  })

  it('has both colours of every pair of text and ground far enough apart', () => {
    const luminance = (hex: string) => {
      const [r, g, b] = [1, 3, 5]
        .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
        .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const contrast = (a: string, b: string) => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
      return (high + 0.05) / (low + 0.05)
    }
    const style = html.slice(html.indexOf('<style>'), html.indexOf('</style>'))
    for (const theme of style.split('@media (prefers-color-scheme: dark)').map((text) => text.slice(0, text.indexOf('}')))) {
      const colour = Object.fromEntries([...theme.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]))
      for (const name of ['ink', 'soft', 'link']) expect(contrast(colour[name], colour.paper), name).toBeGreaterThan(4.5)
      for (let k = 1; k <= 8; k++) expect(contrast(colour[`series-${k}`], colour.paper), `series ${k}`).toBeGreaterThan(3)
    }
  })
})

/** Data at a position, by two ticks of the axis: text and place. */
function reader(svg: string, anchor: 'middle' | 'end', coordinate: 'x' | 'y', log: boolean) {
  const value = (text: string) => {
    const power = /^10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)$/.exec(text)
    if (!power) return Number(text.replace('−', '-'))
    return 10 ** Number([...power[1]].map((c) => (c === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))).join(''))
  }
  const pattern = new RegExp(`<text class="soft" text-anchor="${anchor}" x="([^"]*)" y="([^"]*)">([^<]*)</text>`, 'g')
  const ticks = [...svg.matchAll(pattern)]
    .map(([, x, y, text]) => ({ at: Number(coordinate === 'x' ? x : y) - (coordinate === 'y' ? 4.5 : 0), value: value(text) }))
    .filter((tick) => Number.isFinite(tick.value))
  const [first, last] = [ticks[0], ticks[ticks.length - 1]]
  const f = log ? Math.log10 : (v: number) => v
  const g = log ? (v: number) => 10 ** v : (v: number) => v
  return (at: number) => g(f(first.value) + ((at - first.at) / (last.at - first.at)) * (f(last.value) - f(first.value)))
}

describe('figures', () => {
  it('are drawn at the values of the data, on a linear and on a logarithmic axis', () => {
    const svg = plotSvg(plot, table, 'f')
    const [x, y] = [reader(svg, 'middle', 'x', false), reader(svg, 'end', 'y', true)]
    const [line] = [...svg.matchAll(/<path class="line c1" d="M([^"]*)"/g)].map(([, d]) => d).filter((d) => d.includes('L'))
    const points = line.split('L').map((pair) => pair.split(' ').map(Number))
    expect(points).toHaveLength(2)
    for (const [k, [step, loss]] of [
      [0, 2],
      [10, 0.02]
    ].entries()) {
      expect(x(points[k][0])).toBeCloseTo(step, 1)
      expect(y(points[k][1]) / loss).toBeCloseTo(1, 2)
    }
    expect(svg).toContain('1 not shown: no number above 0')
    expect(svg).toContain('<title id="f-title">Loss &lt;')
    expect(svg).toContain('<desc id="f-description">Falls &lt;')
  })

  it('show bars from zero, with heights as the values are', () => {
    const bars: Table = {
      name: 'b.csv',
      about: '',
      columns: ['net', 'error'],
      rows: [
        ['a', 1],
        ['b', 4],
        ['c', null]
      ]
    }
    const svg = plotSvg(
      { type: 'bars', title: 't', description: 'd', x: { column: 'net', label: 'net' }, y: { column: 'error', label: 'error' }, by: null },
      bars,
      'f'
    )
    const heights = [...svg.matchAll(/<rect class="mark c1"[^>]* height="([^"]*)"/g)].map(([, height]) => Number(height))
    expect(heights).toHaveLength(2)
    expect(heights[1] / heights[0]).toBeCloseTo(4, 1)
    expect(svg).toContain('1 not shown: no number')
  })

  it('shade a heat map from its smallest to its largest value', () => {
    const cells: Table = {
      name: 'h.csv',
      about: '',
      columns: ['a', 'b', 'v'],
      rows: [
        [1, 1, 1],
        [2, 1, 10],
        [1, 2, 100],
        [2, 2, null]
      ]
    }
    const svg = plotSvg(
      {
        type: 'heat',
        title: 't',
        description: 'd',
        x: { column: 'a', label: 'a' },
        y: { column: 'b', label: 'b' },
        value: { column: 'v', label: 'v', log: true }
      },
      cells,
      'f'
    )
    const shades = [...svg.matchAll(/<rect class="high" fill-opacity="([^"]*)" x[^>]*><title>/g)].map(([, shade]) => Number(shade))
    expect(shades).toEqual([0, 0.5, 1])
    expect(svg).toContain('no value')
  })

  it('fill regions where they lie, each outcome in its colour', () => {
    const cells: Table = {
      name: 'r.csv',
      about: '',
      columns: ['x', 'xTo', 'y', 'yTo', 'at'],
      rows: [
        [0, 3, 0, 1, 'point 2'],
        [3, 4, 0, 1, 'point 1'],
        [0, 4, 1, 2, 'point 1']
      ]
    }
    const axes = { x: { column: 'x', label: 'x' }, y: { column: 'y', label: 'y' }, to: { x: 'xTo', y: 'yTo' } }
    const svg = plotSvg({ type: 'regions', title: 't', description: 'd', ...axes, by: 'at' }, cells, 'f')
    const areas = [...svg.matchAll(/<path class="mark c(\d)" d="([^"]*)"/g)].map(([, colour, d]) => {
      const rectangles = [...d.matchAll(/M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H/g)].map((numbers) => numbers.slice(1).map(Number))
      return [Number(colour), rectangles.reduce((sum, [x, y, right, above]) => sum + (right - x) * (y - above), 0)]
    })
    expect(areas.map(([colour]) => colour)).toEqual([1, 2])
    // Five cells of point 1 and three of point 2.
    expect(areas[0][1] / areas[1][1]).toBeCloseTo(5 / 3, 3)
  })

  it('say that there is nothing', () => {
    expect(plotSvg(plot, { ...table, rows: [] }, 'f')).toContain('>No data<')
  })

  it('refuse a column that the table does not have', () => {
    expect(() => plotSvg({ ...plot, x: { column: 'epoch', label: '' } }, table, 'f')).toThrow('loss.csv has no column epoch')
  })
})

describe('files', () => {
  let folder = ''
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'report-'))))
  afterAll(() => rm(folder, { recursive: true }))

  it('are written whole, data beside the page, and replaced when written again', async () => {
    const path = join(folder, 'race.html')
    await writeReport(path, report)
    expect(await readFile(path, 'utf8')).toBe(pageHtml(report, 'race-data'))
    expect((await readdir(join(folder, 'race-data'))).sort()).toEqual(['loss.csv', 'more.json', 'report.json'])
    expect((await readFile(join(folder, 'race-data/loss.csv'), 'utf8')).split('\r\n').slice(0, 3)).toEqual([
      'step,loss,optimizer',
      '0,2,sfn',
      '10,0.02,sfn'
    ])
    const manifest = JSON.parse(await readFile(join(folder, 'race-data/report.json'), 'utf8')) as {
      files: { name: string; rows?: number }[]
    }
    expect(manifest.files.map(({ name, rows }) => [name, rows])).toEqual([
      ['loss.csv', 5],
      ['more.json', undefined]
    ])
    await writeReport(path, { ...report, data: [table] })
    expect((await readdir(join(folder, 'race-data'))).sort()).toEqual(['loss.csv', 'report.json'])
    expect((await readdir(folder)).sort()).toEqual(['race-data', 'race.html'])
  })

  it("leave a folder alone that is not a report's, and write nothing then", async () => {
    await mkdir(join(folder, 'mine-data'))
    await writeFile(join(folder, 'mine-data/thesis.txt'), 'x')
    await expect(writeReport(join(folder, 'mine.html'), report)).rejects.toMatchObject({ code: 'conflict' })
    expect(await readdir(folder)).not.toContain('mine.html')
    expect(await readdir(join(folder, 'mine-data'))).toEqual(['thesis.txt'])
  })
})
