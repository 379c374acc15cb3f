// Which picture a study has: a heat map over two numeric axes, lines over one, else the table alone; cells that differ in anything else stand apart.
import type { StudyDetails } from '../../../shared/api/contract'
import { formatNumber } from '../../app/format'
import { distinguishing } from '../new-run/face-off'
import { axisLabel } from './axis-names'

export type StudyAxis = StudyDetails['axes'][number]
export type StudyCell = StudyDetails['table'][number]
type Shown = Pick<StudyDetails, 'axes' | 'table' | 'spec'>

/** A numeric axis as it is drawn. */
export interface DrawnAxis {
  readonly path: string
  readonly label: string
  readonly kind: 'linear' | 'log'
  /** The values there are, ascending, each once. */
  readonly values: readonly number[]
}

/** Cells of one picture or one line. */
export interface Facet {
  readonly key: string
  /** What these cells have in common and others have not; empty where there is one facet only. */
  readonly name: string
  readonly cells: readonly StudyCell[]
}

export type Shape =
  | { readonly kind: 'map'; readonly x: DrawnAxis; readonly y: DrawnAxis; readonly facets: readonly Facet[] }
  | { readonly kind: 'lines'; readonly x: DrawnAxis; readonly facets: readonly Facet[] }
  | { readonly kind: 'table'; readonly why: string }

const mostLines = 10
/** From this ratio on, values above zero that were listed one by one are drawn on a logarithmic axis. */
const wideRatio = 10

/** A value of an axis in a few words. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatNumber(value, 6)
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && 'kind' in value) {
    const { kind, ...rest } = value as Record<string, unknown>
    const more = Object.entries(rest).map(([key, one]) => `${key} ${valueText(one)}`)
    return [String(kind), ...more].join(', ')
  }
  return value === undefined ? '–' : JSON.stringify(value)
}

/** Distinct values that cells have on an axis. */
const distinct = (cells: readonly StudyCell[], path: string): unknown[] => {
  const found = new Map<string, unknown>()
  for (const { values } of cells) if (Object.hasOwn(values, path)) found.set(JSON.stringify(values[path]), values[path])
  return [...found.values()]
}

function drawnAxis(axis: StudyAxis, cells: readonly StudyCell[]): DrawnAxis | null {
  const values = distinct(cells, axis.path)
  if (!axis.numeric || values.length < 2 || !values.every((value) => typeof value === 'number')) return null
  const sorted = (values as number[]).sort((a, b) => a - b)
  const [low, high] = [sorted[0], sorted[sorted.length - 1]]
  const wide = low > 0 && sorted.length > 2 && high / low >= wideRatio
  const kind = low > 0 && (axis.scale === 'log' || (axis.scale === null && wide)) ? 'log' : 'linear'
  return { path: axis.path, label: axisLabel(axis), kind, values: sorted }
}

/** The optimizers of a face-off, each by what tells it from the others. */
export const optimizerNames = ({ spec }: Pick<StudyDetails, 'spec'>): string[] =>
  distinguishing((spec.optimizers ?? []).map(({ optimizer }) => optimizer as Record<string, unknown>))

/** The name of a cell's optimizer; null where the study has one alone. */
export const optimizerName = (study: Pick<StudyDetails, 'spec'>, { optimizer }: Pick<StudyCell, 'optimizer'>) =>
  optimizer === null ? null : (optimizerNames(study)[optimizer] ?? `optimizer ${optimizer + 1}`)

/** The cells apart by optimizer and by the values on these axes. */
function facetsOf(study: Shown, others: readonly StudyAxis[]): Facet[] {
  const apart = others.filter(({ path }) => distinct(study.table, path).length > 1)
  const found = new Map<string, { name: string; cells: StudyCell[] }>()
  for (const cell of study.table) {
    const values = apart.filter(({ path }) => Object.hasOwn(cell.values, path))
    const key = JSON.stringify([cell.optimizer, ...values.map(({ path }) => [path, cell.values[path]])])
    const facet = found.get(key)
    if (facet) facet.cells.push(cell)
    else {
      const words = values.map((axis) => `${axisLabel(axis)} = ${valueText(cell.values[axis.path])}`)
      const name = [optimizerName(study, cell), ...words].filter((word) => word !== null).join(', ')
      found.set(key, { name, cells: [cell] })
    }
  }
  return [...found].map(([key, { name, cells }]) => ({ key, name, cells }))
}

/** `across`: the path of the axis that goes across, where it is asked for and there. */
export function shapeOf(study: Shown, across = ''): Shape {
  const numeric = study.axes.flatMap((axis) => drawnAxis(axis, study.table) ?? [])
  const others = study.axes.filter(({ path }) => !numeric.some((one) => one.path === path))
  if (numeric.length === 0) return { kind: 'table', why: 'No axis of this study is numeric: its cells stand in the table.' }
  if (numeric.length > 2)
    return {
      kind: 'table',
      why: `This study has ${numeric.length} numeric axes, more than a picture can show: its cells stand in the table.`
    }
  const facets = facetsOf(study, others)
  if (numeric.length === 2) {
    // The first axis is the slowest: it goes upwards.
    const [y, x] = numeric[0].path === across ? [numeric[1], numeric[0]] : [numeric[0], numeric[1]]
    return { kind: 'map', x, y, facets }
  }
  if (facets.length > mostLines)
    return { kind: 'table', why: `${facets.length} lines would lie over each other: the cells of this study stand in the table.` }
  return { kind: 'lines', x: numeric[0], facets }
}

/** How far a cell is, and what came of it. */
export type CellState = 'complete' | 'partial' | 'waiting' | 'without'

/** `without`: every run ended and none has a value, as when all diverged. `partial`: some have. */
export function cellState({ n, of, runs }: Pick<StudyCell, 'n' | 'of' | 'runs'>): CellState {
  if (n === of && of > 0) return 'complete'
  const ended = runs.every(({ state }) => state === 'done' || state === 'diverged' || state === 'failed')
  if (n > 0) return 'partial'
  return ended ? 'without' : 'waiting'
}

/** How many of a cell's runs stand in which state, in words: "2 diverged, 1 planned". */
export function statesText({ runs }: Pick<StudyCell, 'runs'>): string {
  const counts = new Map<string, number>()
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
}
