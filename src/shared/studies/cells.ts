// The cells of a study, and the spec of each run in them.
import { definition, schemaAt, unwrap } from '../spec/describe'
import { functionSpecSchema, networkSpecSchema, type RunSpec } from '../spec/schema'
import { setValue } from '../spec/settings'
import type { Axis, Cell, Json, StudySpec } from './spec'
import { isSample, valuesOf } from './values'

/** The cells of one optimizer, or of the whole study where it has none of its own. */
export interface CellGroup {
  /** Its place among the optimizers. */
  readonly optimizer: number | null
  /** The study's axes, then its own. */
  readonly axes: readonly Axis[]
  /** Where it stands in the study's file, axis by axis. */
  readonly places: readonly string[]
}

type Plan = Pick<StudySpec, 'axes' | 'optimizers'>

export function groupsOf({ axes, optimizers }: Plan): CellGroup[] {
  const shared = axes.map((_, k) => `axes.${k}`)
  if (optimizers === null) return [{ optimizer: null, axes, places: shared }]
  return optimizers.map((entry, optimizer) => ({
    optimizer,
    axes: [...axes, ...entry.axes],
    places: [...shared, ...entry.axes.map((_, k) => `optimizers.${optimizer}.axes.${k}`)]
  }))
}

/** Values of a grid axis; all sample axes together count as one of n points. */
export function cellCount({ axes }: Pick<CellGroup, 'axes'>): number {
  const lengths = axes.map((axis) => ('values' in axis ? axis.values.length : isSample(axis) ? 1 : axis.count))
  return lengths.reduce((product, length) => product * length, axes.find(isSample)?.sample ?? 1)
}

export const schemaOfSpec = (spec: unknown) =>
  typeof spec === 'object' && spec !== null && 'problem' in spec ? functionSpecSchema : networkSpecSchema

/** The base with a group's optimizer in it. */
export function groupBase({ base, optimizers }: Pick<StudySpec, 'base' | 'optimizers'>, optimizer: number | null): RunSpec {
  return optimizer === null || optimizers === null ? base : { ...base, optimizer: optimizers[optimizer].optimizer }
}

/** True where a field takes integers only (besides null and words). */
export function isWhole(spec: unknown, path: string): boolean {
  const place = schemaAt(schemaOfSpec(spec), spec, path.split('.'))
  if (!place) return false
  const inner = unwrap(place)
  const { type, options = [] } = definition(inner)
  const numbers = (type === 'union' ? options.map(unwrap) : [inner]).filter((one) => definition(one).type === 'number')
  return numbers.length > 0 && numbers.every((one) => (definition(one).checks ?? []).some(({ _zod }) => _zod.def.check === 'number_format'))
}

/** A group's axes with their values. A later axis may change what an earlier one leads to, such as the optimizer's kind: fields are looked up with the others in place. */
function filledAxes(study: StudySpec, { optimizer, axes }: CellGroup) {
  const lists = axes.filter((axis) => 'values' in axis)
  const first = lists.reduce<unknown>((spec, { path, values }) => setValue(spec, path, values[0]), groupBase(study, optimizer))
  return axes.map((axis) => ({
    path: axis.path,
    sampled: isSample(axis),
    values: valuesOf(axis, study.sampleSeed, 'values' in axis ? false : isWhole(first, axis.path))
  }))
}

/** Values by path of every cell of a group, the first grid axis slowest, the sample's points fastest. */
function groupValues(study: StudySpec, group: CellGroup): Record<string, Json>[] {
  const axes = filledAxes(study, group)
  const points = axes.find(({ sampled }) => sampled)?.values.length ?? 1
  const grid = axes.filter(({ sampled }) => !sampled)
  const places = grid.reduce<number[][]>((rows, { values }) => rows.flatMap((row) => values.map((_, k) => [...row, k])), [[]])
  return places.flatMap((row) =>
    Array.from({ length: points }, (_, point) =>
      Object.fromEntries(axes.map((axis) => [axis.path, axis.values[axis.sampled ? point : row[grid.indexOf(axis)]]]))
    )
  )
}

export const runIdOf = (study: string, cell: number, seed: number) => `${study}-${String(cell).padStart(4, '0')}-${seed}`

/** Every cell, group by group. `id`: the study's. Throws Error (one sentence) where a path leads through something that has no such place. */
export function cellsOf(study: StudySpec, id: string): Cell[] {
  const all = groupsOf(study).flatMap((group) => groupValues(study, group).map((values) => ({ values, optimizer: group.optimizer })))
  return all.map(({ values, optimizer }, index) => {
    const { seed } = seedOf(study, values)
    return {
      index,
      values,
      optimizer,
      runs: Array.from({ length: study.seeds }, (_, k) => ({ seed: seed + k, run: runIdOf(id, index, k) }))
    }
  })
}

const seedOf = ({ base }: StudySpec, values: Cell['values']) => ({ seed: typeof values.seed === 'number' ? values.seed : base.seed })

const shown = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value))

/** Of a run among the others of its group: "SFN, optimizer.learningRate 0.1, seed 2". */
function runName({ base, optimizers }: StudySpec, { values, optimizer }: Pick<Cell, 'values' | 'optimizer'>, seed: number): string {
  const kind = optimizer === null || optimizers === null ? base.name : optimizers[optimizer].optimizer.kind
  const parts = Object.entries(values).map(([path, value]) => `${path.split('.').slice(-2).join('.')} ${shown(value)}`)
  return [kind, ...parts, `seed ${seed}`].join(', ').slice(0, 200)
}

/** The spec of a cell's k-th run as it stands in the study, not yet checked. */
export function specOfCell(study: StudySpec, cell: Pick<Cell, 'values' | 'optimizer'>, k = 0): unknown {
  const changed = Object.entries(cell.values).reduce<unknown>(
    (spec, [path, value]) => setValue(spec, path, value),
    groupBase(study, cell.optimizer)
  )
  const seed = seedOf(study, cell.values).seed + k
  return { ...(changed as object), name: 'name' in cell.values ? cell.values.name : runName(study, cell, seed), seed }
}
