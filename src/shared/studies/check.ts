// From anything to a complete study, or to every fault in it; all before anything runs.
import type { z } from 'zod'
import { checkSpec, schemaProblems } from '../spec/check'
import { keysAt, nearest, schemaAt, shown } from '../spec/describe'
import { presetInfo, presetNames } from '../spec/preset-list'
import { problemLine, type SpecProblem } from '../spec/problem'
import type { RunSpec } from '../spec/schema'
import { setValue } from '../spec/settings'
import { analysisProblems, completeAnalysis, missingAnalysisMetric, analysisFigure } from './analyses'
import { cellCount, cellsOf, groupBase, groupsOf, isWhole, schemaOfSpec, specOfCell, type CellGroup } from './cells'
import { defaultSelect, missingMetric, unknownMetric } from './metrics'
import { mostRuns, studyInputSchema, type Axis, type AxisInput, type Cell, type StudySpec } from './spec'
import { isSample, valuesOf } from './values'
import { messageOf } from '../format/message-of'

/** A cell with the spec of each of its runs, checked. */
export interface CheckedCell extends Cell {
  /** Of its first run; the others differ by their seeds and names. */
  readonly spec: RunSpec
}

export interface CheckedStudy {
  /** Complete; null when there is a problem. */
  readonly study: StudySpec | null
  readonly problems: readonly SpecProblem[]
  readonly cells: readonly CheckedCell[]
}

const refused = (...problems: SpecProblem[]): CheckedStudy => ({ study: null, problems, cells: [] })
/** Of the first faulty cells; others are like them. */
const mostCellProblems = 5
/** The event loop is given back this often, in milliseconds: ten thousand cells take a second or two. */
const breathEvery = 15

async function readBase(base: unknown): Promise<{ spec: RunSpec | null; problems: readonly SpecProblem[] }> {
  if (typeof base !== 'string') {
    const { spec, problems } = await checkSpec(base)
    return { spec, problems: problems.map(({ path, message }) => ({ path: path === '' ? 'base' : `base.${path}`, message })) }
  }
  const preset = await presetInfo(base)
  const fault = (message: string) => ({ spec: null, problems: [{ path: 'base', message }] })
  if (preset === null) {
    const near = nearest(base, presetNames)
    return fault(`must be a run spec or the name of a preset, got "${base}"${near === null ? '' : `; did you mean "${near}"?`}`)
  }
  if (preset.specs.length !== 1)
    return fault(
      `the preset ${base} is ${preset.specs.length} runs; a study varies one: take one of them (\`presets ${base}\` prints them)`
    )
  return { spec: preset.specs[0], problems: [] }
}

const forms = 'values, or from, to and count, or sample, from and to'

/** The axis, or the one sentence that says what is wrong with it. */
function readAxis({ path, values, from, to, count, sample, scale }: AxisInput): Axis | string {
  const given = [values, count, sample].filter((one) => one !== undefined).length
  if (given === 0) return `must have ${forms}, got ${shown({ path, from, to, scale })}`
  if (given > 1) return `must have either ${forms}, not several of these`
  if (values !== undefined) {
    if (from !== undefined || to !== undefined || scale !== undefined) return 'has values: from, to and scale belong to ranges and samples'
    return values.length === 0 ? 'has no values, which leaves no runs' : { path, values }
  }
  if (from === undefined || to === undefined) return `is missing ${from === undefined ? 'from' : 'to'}, must be a number`
  const single = count === 1 && from === to
  if (!(from < to) && !single) return `the range from ${from} to ${to} is empty: from must be below to`
  if (scale === 'log' && !(from > 0 || to < 0))
    return `the range from ${from} to ${to} goes through 0, which has no logarithm: take scale linear`
  if (count !== undefined) return { path, from, to, count, scale: scale ?? 'linear' }
  return { path, sample: sample ?? 1, from, to, scale: scale ?? 'linear' }
}

function readAxes(inputs: readonly AxisInput[], place: string): { axes: Axis[]; problems: SpecProblem[] } {
  const read = inputs.map(readAxis)
  return {
    axes: read.filter((axis): axis is Axis => typeof axis !== 'string'),
    problems: read.flatMap((axis, k) => (typeof axis === 'string' ? [{ path: `${place}.${k}`, message: axis }] : []))
  }
}

/** Paths that stand twice, samples of different sizes. */
function groupProblems({ axes, places }: CellGroup): SpecProblem[] {
  const twice = axes.flatMap(({ path }, k) => {
    const first = axes.findIndex((axis) => axis.path === path)
    return first < k ? [{ path: `${places[k]}.path`, message: `"${path}" varies already by ${places[first]}` }] : []
  })
  const first = axes.findIndex(isSample)
  const uneven = axes.flatMap((axis, k) => {
    const other = axes[first]
    if (!isSample(axis) || other === undefined || !isSample(other) || axis.sample === other.sample) return []
    return [
      {
        path: `${places[k]}.sample`,
        message: `must be ${other.sample} as in ${places[first]}, since samples are drawn together, got ${axis.sample}`
      }
    ]
  })
  return [...twice, ...uneven]
}

/** The spec of a group's first cell, as far as listed values say; or where a path leads through something that has no such place. */
function firstSpec(study: StudySpec, { optimizer, axes, places }: CellGroup): { spec: unknown; problems: SpecProblem[] } {
  let spec: unknown = groupBase(study, optimizer)
  const problems: SpecProblem[] = []
  for (const [k, axis] of axes.entries())
    try {
      spec = setValue(spec, axis.path, 'values' in axis ? axis.values[0] : axis.from)
    } catch (error) {
      problems.push({ path: `${places[k]}.path`, message: messageOf(error) })
    }
  return { spec, problems }
}

/** Paths that lead nowhere, and values that occur twice. */
function axisProblems(study: StudySpec, group: CellGroup): SpecProblem[] {
  const { spec, problems } = firstSpec(study, group)
  if (problems.length > 0) return problems
  const schema = schemaOfSpec(spec)
  return group.axes.flatMap((axis, k): SpecProblem[] => {
    const keys = axis.path.split('.')
    if (schemaAt(schema, spec, keys) === null) {
      const deepest = keys.findIndex((_, depth) => schemaAt(schema, spec, keys.slice(0, depth + 1)) === null)
      const owner = schemaAt(schema, spec, keys.slice(0, deepest))
      const held = keys.slice(0, deepest).reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], spec)
      const known = owner ? keysAt(owner, held) : []
      const near = nearest(keys[deepest], known)
      const hint =
        near === null
          ? known.length === 0
            ? ''
            : `; there are ${known.join(', ')}`
          : `; did you mean "${[...keys.slice(0, deepest), near].join('.')}"?`
      return [{ path: `${group.places[k]}.path`, message: `"${axis.path}" leads nowhere in the spec${hint}` }]
    }
    if (isSample(axis)) return []
    const texts = valuesOf(axis, study.sampleSeed, isWhole(spec, axis.path)).map((value) => JSON.stringify(value))
    const again = texts.find((text, at) => texts.indexOf(text) < at)
    return again === undefined
      ? []
      : [{ path: group.places[k], message: `gives the value ${again} twice, got ${shown(JSON.parse(`[${texts.join(',')}]`))}` }]
  })
}

function budgetProblems(groups: readonly CellGroup[], seeds: number): SpecProblem[] {
  const counts = groups.map(cellCount)
  const uneven = counts.findIndex((count) => count !== counts[0])
  if (uneven >= 0)
    return [
      {
        path: `optimizers.${uneven}`,
        message: `must have as many cells as optimizers.0, so that every optimizer has the same budget of runs, got ${counts[uneven]} against ${counts[0]}`
      }
    ]
  const runs = counts.reduce((sum, count) => sum + count, 0) * seeds
  if (runs > mostRuns) return [{ path: '', message: `the study has ${runs} runs, more than the ${mostRuns} that one may have` }]
  return []
}

function metricProblems({ select, target, analyse }: Pick<StudySpec, 'select' | 'target' | 'analyse'>): SpecProblem[] {
  const one = (place: string, metric: string) => {
    const message = analysisFigure(metric) === null ? unknownMetric(metric) : missingAnalysisMetric(metric, analyse)
    return message === null ? [] : [{ path: `${place}.metric`, message }]
  }
  const late =
    analysisFigure(select.metric) !== null && select.at !== 'last'
      ? [{ path: 'select.at', message: `must be "last" for a figure of an analysis, of which a run has one, got ${shown(select.at)}` }]
      : []
  const ofTarget = target !== null && analysisFigure(target.metric) !== null
  const reached = ofTarget
    ? [
        {
          path: 'target.metric',
          message: `must be a metric of the steps, got "${target.metric}", a figure of an analysis, which no step reaches`
        }
      ]
    : []
  return [...one('select', select.metric), ...(target === null || ofTarget ? [] : one('target', target.metric)), ...late, ...reached]
}

const valuesText = ({ values }: Cell) =>
  Object.entries(values)
    .map(([path, value]) => `${path} ${shown(value)}`)
    .join(', ')

/** Every cell's spec, and what is wrong with the first faulty ones. */
async function checkCells(study: StudySpec, cells: readonly Cell[]): Promise<{ checked: CheckedCell[]; problems: SpecProblem[] }> {
  const problems: SpecProblem[] = []
  const checked: CheckedCell[] = []
  let breath = performance.now()
  for (const cell of cells) {
    if (performance.now() - breath > breathEvery) {
      await new Promise((resolve) => setTimeout(resolve, 0))
      breath = performance.now()
    }
    const { spec, problems: found } = await checkSpec(specOfCell(study, cell))
    const where = cell.optimizer === null ? '' : `optimizer ${cell.optimizer}, `
    const missing =
      spec === null
        ? []
        : [...new Set([study.select.metric, ...(study.target === null ? [] : [study.target.metric])])].flatMap(
            (metric) => missingMetric(spec, metric) ?? []
          )
    const sentences = [...found.map(problemLine), ...missing]
    for (const sentence of sentences) problems.push({ path: `cells.${cell.index}`, message: `(${where}${valuesText(cell)}) ${sentence}` })
    const lastSeed = cell.runs[cell.runs.length - 1].seed
    if (spec !== null && lastSeed > 2 ** 32 - 1)
      problems.push({ path: 'seeds', message: `the last seed would be ${lastSeed}, more than 4294967295` })
    if (problems.length >= mostCellProblems) break
    if (spec !== null) checked.push({ ...cell, spec })
  }
  return { checked, problems }
}

type Read =
  | { readonly study: StudySpec; readonly problems: readonly [] }
  | { readonly study: null; readonly problems: readonly SpecProblem[] }

/** The study of a base that has been read, or what is wrong with the forms of its axes. */
function assemble(read: z.output<typeof studyInputSchema>, base: RunSpec): Read {
  const { axes: inputs, optimizers: entries, select, ...rest } = read
  const own = readAxes(inputs, 'axes')
  const searched = entries?.map(({ axes }, k) => readAxes(axes, `optimizers.${k}.axes`)) ?? null
  const problems = [...own.problems, ...(searched?.flatMap((one) => one.problems) ?? [])]
  if (entries === null && inputs.length === 0 && rest.seeds === 1)
    problems.push({ path: 'axes', message: 'must name what varies: without axes, optimizers or seeds there is one run only, and no study' })
  if (problems.length > 0) return { study: null, problems }
  const optimizers = entries?.map(({ optimizer }, k) => ({ optimizer, axes: searched?.[k].axes ?? [] })) ?? null
  const analyse = rest.analyse.map(completeAnalysis)
  return { study: { ...rest, base, axes: own.axes, optimizers, analyse, select: select ?? defaultSelect(base) }, problems: [] }
}

/** A study that was stored complete; null where it is none. */
export function storedStudy(input: unknown): StudySpec | null {
  const read = studyInputSchema.safeParse(input)
  if (!read.success || typeof read.data.base === 'string') return null
  const base = schemaOfSpec(read.data.base).safeParse(read.data.base)
  return base.success ? assemble(read.data, base.data).study : null
}

const unique = (problems: readonly SpecProblem[]) => [...new Map(problems.map((problem) => [problemLine(problem), problem])).values()]

/**
 * Fills in defaults and names every fault, never throws: unknown keys, wrong paths and ranges, metrics that are none or that the runs will not have,
 * no runs or too many, cells whose spec is wrong. What only data can tell is found by the workbench and the command line. `id`: of the study.
 */
export async function checkStudy(input: unknown, id = 'study'): Promise<CheckedStudy> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return refused({ path: '', message: `a study must be a JSON object, got ${shown(input)}` })
  const version = (input as { schemaVersion?: unknown }).schemaVersion
  if (typeof version === 'number' && version > 1)
    return refused({ path: 'schemaVersion', message: `this study is of version ${version}, newer than the 1 that this Saddlescope runs` })
  const read = studyInputSchema.safeParse(input)
  if (!read.success) return refused(...schemaProblems(studyInputSchema, input))
  const base = await readBase(read.data.base)
  if (base.spec === null) return refused(...base.problems)
  const { study, problems: forms } = assemble(read.data, base.spec)
  if (study === null) return refused(...forms)
  const groups = groupsOf(study)
  const shape = unique([
    ...groups.flatMap(groupProblems),
    ...budgetProblems(groups, study.seeds),
    ...analysisProblems(study.analyse),
    ...metricProblems(study)
  ])
  if (shape.length > 0) return refused(...shape)
  const paths = unique(groups.flatMap((group) => axisProblems(study, group)))
  if (paths.length > 0) return refused(...paths)
  const { checked, problems } = await checkCells(study, cellsOf(study, id))
  return problems.length > 0 ? refused(...problems) : { study, problems: [], cells: checked }
}
