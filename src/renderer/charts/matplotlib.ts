// A plot as a Python script that draws it with matplotlib: its numbers are in the script, in full precision.
import type { PlotFigure } from './export'
import type { LinePattern, LineWeight } from './line-style'
import { widths } from './line-style'
import type { PaperChoice } from './paper'
import type { ScriptAxis, ScriptPlot } from './script-plot'
import type { LineSeries } from './series'
import type { PlotTable } from './table'

/** A longer script takes editors minutes; the CSV has all. */
const mostNumbers = 2_000_000

const text = (value: string) => JSON.stringify(value)
/** For labels: what would be a formula of matplotlib is none. */
const label = (value: string) => text(value.replaceAll('$', '\\$'))
/** In a legend: what begins with an underscore would be hidden. */
const legendLabel = (value: string) => label(value.startsWith('_') ? ` ${value}` : value)

const numberText = (value: number) =>
  Number.isNaN(value) ? 'nan' : value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value)

/** A NumPy array, in lines that editors bear. */
function array(values: ArrayLike<number>): string {
  const lines: string[] = []
  let line = ''
  for (let i = 0; i < values.length; i++) {
    const next = numberText(values[i])
    if (line.length + next.length > 110) {
      lines.push(line)
      line = ''
    }
    line += line === '' ? next : `, ${next}`
  }
  if (line !== '') lines.push(line)
  return lines.length <= 1 ? `np.array([${lines.join('')}], dtype=float)` : `np.array([\n    ${lines.join(',\n    ')},\n], dtype=float)`
}

/** Colours of CSS as matplotlib has them. */
function colour(css: string): string {
  const channels = /^rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)/.exec(css)
  return text(
    channels
      ? `#${channels
          .slice(1, 4)
          .map((one) => Number(one).toString(16).padStart(2, '0'))
          .join('')}`
      : css
  )
}

const patterns: Readonly<Record<LinePattern, string>> = { solid: '-', dashed: '--', dotted: ':', 'dash-dot': '-.' }
const lineLook = (line: LinePattern | undefined, weight: LineWeight | undefined, { lineWidth }: PaperChoice) =>
  `linestyle=${text(patterns[line ?? 'solid'])}, linewidth=${Number(((lineWidth * widths[weight ?? 'normal']) / widths.normal).toFixed(3))}`

function scaleLines(name: 'x' | 'y', { kind, constant, low, high, label: words, ticks = [] }: ScriptAxis): string[] {
  const scale =
    kind === 'linear' ? [] : [`axes.set_${name}scale(${kind === 'log' ? '"log"' : `"symlog", linthresh=${numberText(constant)}`})`]
  // Its own ticks would touch each other near zero.
  const own =
    kind !== 'symlog' || ticks.length === 0
      ? []
      : [
          `axes.set_${name}ticks([${ticks.map(({ value }) => numberText(value)).join(', ')}], [${ticks.map((tick) => label(tick.label)).join(', ')}])`,
          `axes.minorticks_off()`
        ]
  return [...scale, ...own, `axes.set_${name}lim(${numberText(low)}, ${numberText(high)})`, `axes.set_${name}label(${label(words)})`]
}

/** Finite points, and a gap wherever the figure was not finite. */
function brokenPoints({ x, y, notFinite }: LineSeries): { readonly x: number[]; readonly y: number[] } {
  const bad = Array.from(notFinite ?? []).sort((a, b) => a - b)
  const points = { x: [] as number[], y: [] as number[] }
  let k = 0
  for (let i = 0; i < x.length; i++) {
    for (; k < bad.length && bad[k] <= x[i]; k++) {
      points.x.push(bad[k])
      points.y.push(NaN)
    }
    if (!Number.isFinite(y[i])) continue
    points.x.push(x[i])
    points.y.push(y[i])
  }
  return points
}

function seriesLines(one: LineSeries, k: number, points: boolean, choice: PaperChoice): string[] {
  const own = colour(one.colour)
  if (one.foot)
    return [
      `x${k} = ${array(one.x)}`,
      `axes.plot(x${k}, np.zeros(x${k}.size), "|", color=${own}, transform=axes.get_xaxis_transform(), clip_on=False, label=${legendLabel(one.name)})`
    ]
  const cleaned = brokenPoints(one)
  const faint = one.faint ? ', alpha=0.3' : `, label=${legendLabel(one.name)}`
  const look =
    points || one.scattered
      ? `linestyle="none", marker="o", markersize=2.5${one.hollow ? ', fillstyle="none"' : ''}`
      : lineLook(one.line, one.faint ? 'thin' : one.weight, choice)
  const lines = [`x${k} = ${array(cleaned.x)}`, `y${k} = ${array(cleaned.y)}`]
  lines.push(`axes.plot(x${k}, y${k}, color=${own}, ${look}${faint})`)
  if (one.band)
    lines.push(`axes.fill_between(${array(one.x)}, ${array(one.band.low)}, ${array(one.band.high)}, color=${own}, alpha=0.16, linewidth=0)`)
  if (one.notFinite && one.notFinite.length > 0)
    lines.push(
      '# Where the figure was not finite.',
      `bad${k} = ${array(one.notFinite)}`,
      `axes.plot(bad${k}, np.full(bad${k}.size, 0.97), "x", color=${own}, transform=axes.get_xaxis_transform())`
    )
  return lines
}

const drawn: { readonly [K in ScriptPlot['kind']]: (plot: Extract<ScriptPlot, { kind: K }>, choice: PaperChoice) => string[] } = {
  lines: ({ series, points, levels, places, x, y }, choice) => [
    ...series.flatMap((one, k) => seriesLines(one, k, points, choice)),
    ...levels.map(
      (level) =>
        `axes.axhline(${numberText(level.y)}, color="0.4", linestyle="--", linewidth=0.7); axes.annotate(${label(level.label)}, (1, ${numberText(level.y)}), xycoords=("axes fraction", "data"), ha="right", va="bottom")`
    ),
    ...places.map(
      (place) =>
        `axes.axvline(${numberText(place.x)}, color="0.4", linestyle="--", linewidth=0.7); axes.annotate(${label(place.label)}, (${numberText(place.x)}, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom")`
    ),
    ...scaleLines('x', x),
    ...scaleLines('y', y),
    ...(series.filter((one) => !one.faint).length > 1 ? ['axes.legend()'] : [])
  ],
  bins: ({ edges, bars, outlines, x, y }, choice) => [
    `edges = ${array(edges)}`,
    `heights = ${array(bars.heights)}`,
    `axes.stairs(heights, edges, fill=True, baseline=${numberText(y.low)}, color=${colour(bars.colour)}, label=${legendLabel(bars.name)})`,
    ...outlines.map(
      (one) =>
        `axes.stairs(${array(one.heights)}, edges, baseline=None, color=${colour(one.colour)}, ${lineLook(one.line, undefined, choice)}, label=${legendLabel(one.name)})`
    ),
    ...scaleLines('x', x),
    ...scaleLines('y', y),
    ...(outlines.length > 0 ? ['axes.legend()'] : [])
  ],
  categories: ({ xLabel, yLabel, names, series }) => [
    `names = [${names.map(label).join(', ')}]`,
    'places = np.arange(len(names))',
    `width = ${numberText(0.8 / Math.max(1, series.length))}`,
    ...series.map(
      (one, k) =>
        `axes.bar(places + ${numberText(k - (series.length - 1) / 2)} * width, ${array(one.heights)}, width, color=${colour(one.colour)}, label=${legendLabel(one.name)})`
    ),
    'axes.set_xticks(places, names, rotation=0 if len(names) <= 12 else 90)',
    `axes.set_xlabel(${label(xLabel)})`,
    `axes.set_ylabel(${label(yLabel)})`,
    ...(series.length > 1 ? ['axes.legend()'] : [])
  ],
  cells: ({ rows, columns, values, rowLabel, columnLabel, label: what }) => [
    `rows = ${array(rows)}`,
    `columns = ${array(columns)}`,
    `values = ${array(values)}`,
    '',
    '',
    'def span(places):',
    '    """What one cell covers: the least distance of two."""',
    '    gaps = np.diff(np.unique(places))',
    '    return gaps.min() if gaps.size else 1.0',
    '',
    '',
    'height, width = span(rows), span(columns)',
    'i = np.rint((rows - rows.min()) / height).astype(int)',
    'j = np.rint((columns - columns.min()) / width).astype(int)',
    'grid = np.full((i.max() + 1, j.max() + 1), nan)',
    'grid[i, j] = values',
    'limit = np.nanmax(np.abs(grid)) or 1.0',
    'extent = (columns.min() - width / 2, columns.max() + width / 2, rows.max() + height / 2, rows.min() - height / 2)',
    'image = axes.imshow(grid, cmap="RdBu_r", vmin=-limit, vmax=limit, extent=extent, interpolation="nearest")',
    `figure.colorbar(image, ax=axes, label=${label(what)})`,
    `axes.set_xlabel(${label(columnLabel)})`,
    `axes.set_ylabel(${label(rowLabel)})`
  ],
  spots: ({ x, y, xs, ys, values, label: what }) => [
    `image = axes.scatter(${array(xs)}, ${array(ys)}, c=${array(values)}, marker="s", s=90, cmap="viridis", plotnonfinite=True)`,
    `figure.colorbar(image, ax=axes, label=${label(what)})`,
    ...(x.kind === 'linear' ? [] : [`axes.set_xscale(${text(x.kind)})`]),
    ...(y.kind === 'linear' ? [] : [`axes.set_yscale(${text(y.kind)})`]),
    `axes.set_xlabel(${label(x.label)})`,
    `axes.set_ylabel(${label(y.label)})`
  ],
  surface: ({ xLabel, yLabel, grid, view, rows, columns, values, levels, paths }, choice) => [
    `values = ${array(values)}.reshape(${rows}, ${columns})`,
    `x = np.linspace(${numberText(grid[0])}, ${numberText(grid[1])}, ${columns})`,
    `y = np.linspace(${numberText(grid[3])}, ${numberText(grid[2])}, ${rows})`,
    `levels = np.unique(${array(levels)})`,
    'contours = axes.contour(x, y, values, levels=levels, cmap="viridis", linewidths=0.7)',
    'figure.colorbar(contours, ax=axes, label="value at the contours")',
    ...paths.map(
      ({ name, colour: css, points }) =>
        `axes.plot(*${array(points)}.reshape(-1, 2).T, color=${colour(css)}, ${lineLook(undefined, undefined, choice)}, label=${legendLabel(name)})`
    ),
    ...(paths.length > 1 ? ['axes.legend()'] : []),
    `axes.set_xlim(${numberText(view[0])}, ${numberText(view[1])})`,
    `axes.set_ylim(${numberText(view[2])}, ${numberText(view[3])})`,
    `axes.set_xlabel(${label(xLabel)})`,
    `axes.set_ylabel(${label(yLabel)})`
  ]
}

const isNumeric = (column: ArrayLike<number | string>): column is ArrayLike<number> =>
  Array.prototype.every.call(column, (value) => typeof value === 'number')

/** What a table says where the plot itself says nothing; null: it is no table of a plot. */
function tableLines({ header, columns }: PlotTable): string[] | null {
  const [a, b, c, d] = columns
  if (header[0] === 'from' && header[1] === 'to' && isNumeric(a) && isNumeric(b) && isNumeric(c)) {
    const wide = a.length > 0 && a[0] > 0 && b[b.length - 1] / a[0] > 1000
    return [
      `edges = np.append(${array(a)}, ${numberText(b[b.length - 1])})`,
      `axes.stairs(${array(c)}, edges, fill=True, color="0.4")`,
      ...(wide ? ['axes.set_xscale("log")'] : []),
      `axes.set_ylabel(${label(header[2])})`
    ]
  }
  if (header[0] === 'step' && header[1] === 'from' && header[2] === 'to' && [a, b, c, d].every((column) => column && isNumeric(column)))
    return [
      `step = ${array(a as ArrayLike<number>)}`,
      `low = ${array(b as ArrayLike<number>)}`,
      `high = ${array(c as ArrayLike<number>)}`,
      `value = ${array(d as ArrayLike<number>)}`,
      'steps, place = np.unique(step, return_inverse=True)',
      'strength = np.log1p(value) / (np.log1p(value).max() or 1)',
      'seen = value > 0',
      'axes.bar(place[seen], (high - low)[seen], 1, low[seen], color=plt.get_cmap("viridis")(strength[seen]), linewidth=0)',
      'size = np.abs(np.concatenate([low[seen], high[seen]]))',
      'axes.set_yscale("symlog", linthresh=(size.max() if size.size else 1) * 1e-4)',
      'shown = np.unique(np.linspace(0, steps.size - 1, min(8, steps.size)).astype(int))',
      'axes.set_xticks(shown, [f"{steps[k]:.0f}" for k in shown])',
      'axes.set_xlabel("step")',
      `axes.set_ylabel(${label(`value; colour: log(1 + ${header[3]})`)})`
    ]
  const numeric = columns.findIndex((column, k) => k > 0 && isNumeric(column))
  if (numeric === -1) return null
  if (!isNumeric(a))
    return [
      `names = [${Array.from(a, (name) => label(String(name))).join(', ')}]`,
      `axes.barh(np.arange(len(names)), ${array(columns[numeric] as ArrayLike<number>)}, color="0.4")`,
      'axes.set_yticks(np.arange(len(names)), names)',
      'axes.invert_yaxis()',
      `axes.set_xlabel(${label(header[numeric])})`
    ]
  return [
    ...columns.flatMap((column, k) =>
      k > 0 && isNumeric(column) ? [`axes.plot(${array(a)}, ${array(column)}, ".-", label=${legendLabel(header[k])})`] : []
    ),
    `axes.set_xlabel(${label(header[0])})`,
    'axes.legend()'
  ]
}

function cellsOf({ header, columns }: PlotTable): ScriptPlot | null {
  const [rows, places, values] = columns
  if (header.length < 3 || header[2] !== 'value' || !isNumeric(values)) return null
  const first = (column: ArrayLike<number | string>) => Array.from(column, (value) => Number.parseFloat(String(value)))
  return { kind: 'cells', rowLabel: header[0], columnLabel: header[1], label: 'value', rows: first(rows), columns: first(places), values }
}

function drawingLines(figure: PlotFigure, choice: PaperChoice): string[] | null {
  const plot = figure.plot?.() ?? cellsOf(figure.table())
  if (plot === null) return tableLines(figure.table())
  // The table of functions is total; a union's member and its own function are not seen to belong together.
  return (drawn[plot.kind] as (one: ScriptPlot, choice: PaperChoice) => string[])(plot, choice)
}

/** In a docstring nothing ends it or escapes. */
const remark = (words: string) => words.replaceAll('\\', '/').replaceAll('"', "'")

/** Throws an error of one sentence for what is no plot, or is too long. */
export function matplotlibScript(figure: PlotFigure, choice: PaperChoice): string {
  const { table } = figure
  const { columns, note } = table()
  const numbers = columns.reduce((sum, column) => sum + column.length, 0)
  if (numbers > mostNumbers)
    throw new Error(`${numbers} numbers are too many for a script, which holds at most ${mostNumbers}; save the CSV instead`)
  const lines = drawingLines(figure, choice)
  if (lines === null) throw new Error('this is a drawing, no plot of numbers: save it as SVG')
  const remarks = [figure.note, note].filter((one) => one !== null && one !== undefined && one !== '').map((one) => remark(String(one)))
  return `"""${remark(figure.title)}: drawn with matplotlib. Writes ${figure.file}.pdf and .svg beside this file; --show opens a window.
${remarks.map((one) => `\n${one}\n`).join('')}"""
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy import inf, nan

plt.rcParams.update({"font.size": ${choice.fontSize}, "legend.fontsize": ${choice.fontSize}, "axes.linewidth": ${Number((0.6 * choice.lineWidth).toFixed(3))}, "lines.linewidth": ${choice.lineWidth}})
width = ${choice.width} / 25.4  # millimetres
figure, axes = plt.subplots(figsize=(width, 0.62 * width), layout="constrained")
${lines.join('\n')}
${choice.title ? `axes.set_title(${label(figure.title)})\n` : ''}
place = Path(__file__).resolve().parent
for ending in ("pdf", "svg"):
    figure.savefig(place / f"${figure.file}.{ending}")
if "--show" in sys.argv[1:]:
    plt.show()
`
}
