// What the pictures of a study are drawn from: cells of a heat map, lines with their bands and single seeds.
import type { StudyDetails } from '../../../shared/api/contract'
import { formatNumber } from '../../app/format'
import type { HeatCell } from '../../charts/heat-map'
import type { LineSeries } from '../../charts/series'
import type { PlotTable } from '../../charts/table'
import { cellState, statesText, type DrawnAxis, type Facet, type StudyCell } from './shape'
import { cellName, meanText, metricName } from './study-text'

const at = (cell: StudyCell, axis: DrawnAxis) => Number(cell.values[axis.path])

export const heatCells = (cells: readonly StudyCell[], x: DrawnAxis, y: DrawnAxis): HeatCell[] =>
  cells.map((cell) => {
    const state = cellState(cell)
    return { id: cell.index, x: at(cell, x), y: at(cell, y), value: cell.mean, partial: state === 'partial', failed: state === 'without' }
  })

/** Every figure of the cells, a row a cell, as their picture shows them. */
export function cellsTable(study: StudyDetails, cells: readonly StudyCell[], axes: readonly DrawnAxis[]): PlotTable {
  const or = (value: number | null) => value ?? NaN
  return {
    header: ['cell', ...axes.map(({ path }) => path), `mean ${study.spec.select.metric}`, 'standard deviation', 'n', 'of'],
    columns: [
      cells.map(({ index }) => index),
      ...axes.map((axis) => cells.map((cell) => at(cell, axis))),
      Float64Array.from(cells, ({ mean }) => or(mean)),
      Float64Array.from(cells, ({ std }) => or(std)),
      cells.map(({ n }) => n),
      cells.map(({ of }) => of)
    ]
  }
}

const sorted = (facet: Facet, x: DrawnAxis) => [...facet.cells].sort((a, b) => at(a, x) - at(b, x))

/** A line of means with a band of ± one standard deviation for each facet, and every seed as a faint point. */
export function bandSeries(study: StudyDetails, facets: readonly Facet[], x: DrawnAxis, colourOf: (place: number) => string): LineSeries[] {
  const metric = study.spec.select.metric
  return facets.flatMap((facet, place): LineSeries[] => {
    const cells = sorted(facet, x)
    const known = cells.filter(({ mean }) => mean !== null)
    const colour = colourOf(place)
    const means = Float64Array.from(known, ({ mean }) => mean ?? NaN)
    const band = {
      low: Float64Array.from(known, ({ mean, std }) => (mean ?? NaN) - (std ?? 0)),
      high: Float64Array.from(known, ({ mean, std }) => (mean ?? NaN) + (std ?? 0))
    }
    const name = facet.name === '' ? `mean ${metric}` : facet.name
    const seeds = known.flatMap((cell) => cell.runs.flatMap(({ value }) => (value === null ? [] : [{ x: at(cell, x), y: value }])))
    const several = known.some(({ of }) => of > 1)
    return [
      {
        id: facet.key,
        name,
        colour,
        x: Float64Array.from(known, (cell) => at(cell, x)),
        y: means,
        ...(several ? { band } : {}),
        notFinite: cells
          .filter((cell) => cellState(cell) === 'without' && cell.runs.every(({ state }) => state === 'diverged'))
          .map((cell) => at(cell, x))
      },
      ...(several
        ? [
            {
              id: `${facet.key} seeds`,
              name: `${name}, seeds`,
              colour,
              x: Float64Array.from(seeds, (seed) => seed.x),
              y: Float64Array.from(seeds, (seed) => seed.y),
              faint: true,
              scattered: true
            }
          ]
        : [])
    ]
  })
}

/** The cell that a place of the plot is nearest to: along x first, then among the lines there. */
export function nearestCell(facets: readonly Facet[], x: DrawnAxis, [px, py]: readonly [number, number]): StudyCell | null {
  const place = (value: number) => (x.kind === 'log' ? Math.log(value) : value)
  const all = facets.flatMap(({ cells }) => cells)
  const distance = (cell: StudyCell) => Math.abs(place(at(cell, x)) - place(px))
  const least = all.reduce((low, cell) => Math.min(low, distance(cell)), Infinity)
  const here = all.filter((cell) => distance(cell) === least)
  return here.reduce<StudyCell | null>((found, cell) => {
    const off = (one: StudyCell) => (one.mean === null ? Infinity : Math.abs(one.mean - py))
    return found === null || off(cell) < off(found) ? cell : found
  }, null)
}

/** The picture in words, for those who do not see it. */
export function describePicture(study: StudyDetails, cells: readonly StudyCell[], axes: string): string {
  const known = cells.filter(({ mean }) => mean !== null)
  if (known.length === 0) return `${metricName(study)} over ${axes}: no cell has a value yet.`
  const means = known.map(({ mean }) => mean as number)
  const best = study.best === null ? null : (cells.find(({ index }) => index === study.best?.cell) ?? null)
  const without = cells.filter((cell) => cellState(cell) === 'without')
  return [
    `${metricName(study)} over ${axes}: ${known.length} of ${cells.length} cells have a mean, from ${formatNumber(Math.min(...means), 5)} to ${formatNumber(Math.max(...means), 5)}.`,
    best ? `Best: ${cellName(study, best)}, ${meanText(best.mean, best.std)}.` : '',
    without.length > 0
      ? `Without a value: ${without
          .slice(0, 6)
          .map((cell) => `${cellName(study, cell)} (${statesText(cell)})`)
          .join('; ')}${without.length > 6 ? ` and ${without.length - 6} more` : ''}.`
      : ''
  ]
    .filter(Boolean)
    .join(' ')
}

/** What a picture leaves out or marks, in a sentence; null where nothing. */
export function pictureNote(cells: readonly StudyCell[], study: Pick<StudyDetails, 'axes' | 'spec'>): string | null {
  const without = cells.filter((cell) => cellState(cell) === 'without')
  const failed = without.filter((cell) => cell.runs.some(({ state }) => state === 'failed'))
  if (failed.length === 0) return null
  return `No value, as every run failed: ${failed
    .slice(0, 4)
    .map((cell) => cellName(study, cell))
    .join('; ')}${failed.length > 4 ? ` and ${failed.length - 4} more` : ''}.`
}
