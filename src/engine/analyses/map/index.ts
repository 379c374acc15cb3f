// The kind `map`: trainings over two hyperparameters or a plane of start weights, on all cores, tile by tile (docs/trainability.md).
import { axisFault, axisValues, mapAxes, mapTarget, type MapAxis } from '../../../shared/analyses/map-axes'
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { mapOutcome } from '../../../shared/analyses/map'
import { isFunctionSpec, type RunSpec } from '../../../shared/spec/schema'
import { factsOf } from '../../../shared/spec/optimizers'
import { functionDefinition } from '../../functions/list'
import { cores, openHere, openKernels, requireBytes } from '../../linalg'
import { norm, plusScaled } from '../../linalg/vectors'
import type { StepParts } from '../../training'
import type { AnalysisArray, AnalysisCall, AnalysisEngine, AnalysisOutcome, AnalysisSource } from '../interface'
import { boxDimension } from './box-dimension'
import { gathering, type Centre } from '../../../shared/analyses/gathering'
import { centreArrays } from './centre-arrays'
import { startAxes } from './start-axes'
import { computeTiles, type TileAnswer } from './team'
import { tileSide, tilesOf } from './tiles'
import { openWalker, type WalkPlan } from './walk'

type Options = AnalysisOptions<'map'>

/** Of a function; nothing of a network. */
function functionFacts(spec: RunSpec) {
  if (!isFunctionSpec(spec)) return { variables: [], view: null }
  const { variables, view } = functionDefinition(spec.problem)
  return { variables, view }
}

const axesOf = (options: Options, spec: RunSpec): readonly [MapAxis, MapAxis] => {
  const { variables, view } = functionFacts(spec)
  return mapAxes(options, spec, variables, view)
}

const stepsOf = ({ steps }: Options, spec: RunSpec): number => steps ?? (spec.budget.steps || 100)

/** A step of one pixel, as roughly as is known without the spec: one gradient, and what a step costs besides. */
const stepSeconds = (parameterCount: number, samples: number) => 2e-9 * parameterCount * samples + 1e-5

/** What every pixel is computed from. */
async function planOf(
  source: AnalysisSource,
  options: Options,
  call: AnalysisCall
): Promise<{ walk: WalkPlan; parts: StepParts; notes: string[] }> {
  const { spec } = source
  const { parts, state } = await source.training()
  const { variables } = functionFacts(spec)
  const axes = axesOf(options, spec)
  const targets = axes.map(({ path }) => mapTarget(path, variables))
  const found = await startAxes(source, state.parameters, targets, options.seed, call)
  const [x, y] = axes.map((axis, k) => ({
    path: axis.path,
    values: axisValues(axis, axis.range ?? [-found.extent, found.extent]),
    direction: found.directions[k]
  }))
  const all = { indices: Uint32Array.from({ length: parts.plan.samples }, (_, i) => i), from: 0 }
  const samples = parts.problem.network?.samplesOf(all, 'step') ?? null
  const data = samples === null ? null : { inputs: sharedCopy(samples.inputs), targets: sharedCopy(samples.targets) }
  const { of, tolerance, escape } = options
  const walk: WalkPlan = {
    spec,
    of,
    steps: stepsOf(options, spec),
    tolerance,
    escape,
    x,
    y,
    state: { ...state, parameters: found.center },
    data
  }
  return { walk, parts, notes: found.notes }
}

type Samples = NonNullable<WalkPlan['data']>['inputs']

/** In memory that threads share in place of copying it. */
function sharedCopy({ data, rows, columns, offset, stride }: Samples): Samples {
  const copy = new Float64Array(new SharedArrayBuffer(8 * rows * columns))
  for (let row = 0; row < rows; row++) copy.set(data.subarray(offset + row * stride, offset + row * stride + columns), row * columns)
  return { data: copy, rows, columns, offset: 0, stride: columns }
}

/** What is put aside of a tile, as one array: pixels, centres, their numbers. */
function packed({ values, outcomes, centres }: Omit<TileAnswer, 'tile'>): Float64Array {
  const into = new Float64Array(1 + 2 * values.length + centres.length)
  into[0] = values.length
  into.set(values, 1)
  into.set(outcomes, 1 + values.length)
  into.set(centres, 1 + 2 * values.length)
  return into
}

/** Null for what is of another length than this tile's. */
function unpacked(tile: number, pixels: number, data: Float64Array): TileAnswer | null {
  if (data[0] !== pixels || data.length < 1 + 2 * pixels) return null
  return {
    tile,
    values: data.slice(1, 1 + pixels),
    outcomes: data.slice(1 + pixels, 1 + 2 * pixels),
    centres: data.slice(1 + 2 * pixels)
  }
}

interface Picture {
  readonly value: Float64Array
  readonly outcome: Float64Array
  readonly centres: readonly Centre[]
  readonly resumed: number
}

async function draw(source: AnalysisSource, walk: WalkPlan, options: Options, call: AnalysisCall): Promise<Picture> {
  const [columns, rows] = [walk.x.values.length, walk.y.values.length]
  const size = walk.state.parameters.length
  const tiles = tilesOf(columns, rows, tileSide(columns, rows, walk.steps * stepSeconds(size, walk.data?.inputs.rows ?? 1)))
  const value = new Float64Array(columns * rows).fill(NaN)
  const outcome = new Float64Array(columns * rows).fill(NaN)
  const gathered = gathering(options.merge)
  let [resumed, done] = [0, 0]
  await computeTiles({ walk, columns, merge: options.merge }, tiles, {
    threads: source.linalg.info.threads,
    signal: call.signal,
    async known(tile) {
      const stored = options.resume ? ((await call.tiles?.read(tile)) ?? null) : null
      const answer = stored === null ? null : unpacked(tile, tiles[tile].pixels.length, stored)
      if (answer !== null) resumed++
      return answer
    },
    keep: async (answer) => call.tiles?.write(answer.tile, packed(answer)),
    take({ tile, values, outcomes, centres }) {
      const numbers: number[] = []
      for (let at = 0; at < centres.length; at += size + 1)
        numbers.push(gathered.add({ gradNorm: centres[at], point: centres.slice(at + 1, at + 1 + size) }))
      for (const [k, pixel] of tiles[tile].pixels.entries()) {
        value[pixel] = values[k]
        outcome[pixel] = walk.of === 'basin' && outcomes[k] > 0 ? numbers[outcomes[k] - 1] : outcomes[k]
      }
      done += values.length
      call.onProgress((0.98 * done) / value.length, `${done} of ${value.length} trainings`)
      const shape = [rows, columns]
      call.onPreview?.({
        value: { shape, data: value },
        outcome: { shape, data: outcome },
        x: { shape: [columns], data: walk.x.values },
        y: { shape: [rows], data: walk.y.values }
      })
    }
  })
  return { value, outcome, centres: gathered.centres, resumed }
}

/** What rounding may leave of a step: much is amplified where curvature is inverted. */
const stepLimit = (spec: RunSpec) => (factsOf(spec.optimizer).needs === 'gradient' ? 1e-10 : 1e-5)

/** The corner pixels once more: a step of each by the run's own trainer, and all of each on this thread. */
async function checked(
  source: AnalysisSource,
  walk: WalkPlan,
  value: Float64Array,
  { signal }: AnalysisCall
): Promise<AnalysisOutcome['checks']> {
  const [columns, rows] = [walk.x.values.length, walk.y.values.length]
  const corners = [
    [0, 0],
    [columns - 1, 0],
    [0, rows - 1],
    [columns - 1, rows - 1]
  ]
  const linalg = await openHere()
  const quick = await openWalker(linalg, await openKernels(), walk)
  const own = await openWalker(source.linalg, null, walk)
  let [step, again] = [0, 0]
  try {
    for (const [column, row] of corners) {
      signal.throwIfAborted()
      const [one, other] = [await quick.firstStep(column, row), await own.firstStep(column, row)]
      if (one.after !== null && other.after !== null) {
        const length = norm(plusScaled(other.after, -1, other.start))
        if (length > 0) step = Math.max(step, norm(plusScaled(one.after, -1, other.after)) / length)
      } else if (one.after !== other.after) step = Infinity
    }
    const { value: found } = await quick.pixel(0, 0)
    again = Object.is(found, value[0]) ? 0 : Math.abs(found - value[0])
  } finally {
    quick.dispose()
    own.dispose()
    await linalg.dispose()
  }
  return { step: { value: step, limit: stepLimit(walk.spec) }, again: { value: again, limit: 0 } }
}

const count = (outcome: Float64Array, holds: (code: number) => boolean) => outcome.reduce((sum, code) => sum + (holds(code) ? 1 : 0), 0)

async function work(source: AnalysisSource, options: Options, call: AnalysisCall): Promise<AnalysisOutcome> {
  const { walk, parts, notes } = await planOf(source, options, call)
  const [columns, rows] = [walk.x.values.length, walk.y.values.length]
  const { value, outcome, centres, resumed } = await draw(source, walk, options, call)
  call.onProgress(0.98, 'checking')
  const checks = await checked(source, walk, value, call)
  const { dimension, error, sides, counts } = boxDimension(outcome, columns, rows)
  const basin = walk.of === 'basin'
  const converged = count(outcome, (code) => code > 0 || code === mapOutcome.elsewhere)
  const size = walk.state.parameters.length
  const directions = new Float64Array(2 * size)
  for (const [k, { direction }] of [walk.x, walk.y].entries()) if (direction !== null) directions.set(direction, k * size)
  const arrays: Record<string, AnalysisArray> = {
    value: { shape: [rows, columns], data: value },
    outcome: { shape: [rows, columns], data: outcome },
    x: { shape: [columns], data: walk.x.values },
    y: { shape: [rows], data: walk.y.values },
    boxSide: { shape: [sides.length], data: sides },
    boxCount: { shape: [counts.length], data: counts },
    center: { shape: [size], data: walk.state.parameters },
    axes: { shape: [2, size], data: directions },
    ...(basin ? await centreArrays(parts, walk.state, centres, outcome, call.signal) : {})
  }
  const mini = parts.plan.batchSize < parts.plan.samples
  const boundary = dimension === null ? 'no boundary' : `box dimension ${dimension.toFixed(3)} ± ${(error ?? 0).toFixed(3)}`
  return {
    arrays,
    figures: {
      pixels: value.length,
      steps: walk.steps,
      converged,
      notYet: count(outcome, (code) => code === mapOutcome.notBelow),
      diverged: count(outcome, (code) => code === mapOutcome.diverged),
      stuck: count(outcome, (code) => code === mapOutcome.stuck),
      centres: basin ? centres.length : null,
      boxDimension: dimension,
      boxDimensionError: error,
      boxFrom: dimension === null ? null : sides[0],
      boxTo: dimension === null ? null : sides[sides.length - 1],
      resumed
    },
    checks,
    notes: [
      `x is ${walk.x.path}, y is ${walk.y.path}; every pixel is a training of at most ${walk.steps} steps from the ${walk.state.step === 0 ? 'start' : `checkpoint of step ${walk.state.step}`}.`,
      'Pixels are computed by the embedded kernels, a thread a tile, whatever library is chosen.',
      ...(mini ? [`Losses are those of each step's own batch of ${parts.plan.batchSize} samples, not of all ${parts.plan.samples}.`] : []),
      ...notes
    ],
    said: basin
      ? `${converged} of ${value.length} trainings reached one of ${centres.length} critical points; ${boundary}`
      : `${converged} of ${value.length} trainings converged; ${boundary}`
  }
}

export const map: AnalysisEngine<Options> = {
  cost({ parameterCount, samples }, { x, y, steps }) {
    const pixels = x.count * y.count
    return {
      seconds: 0.5 + (pixels * (steps ?? 100) * stepSeconds(parameterCount, samples)) / cores(),
      memoryBytes: 48 * pixels + cores() * 64e6 + 24 * samples * 1000,
      diskBytes: 40 * pixels + 8 * 260 * (parameterCount + 5)
    }
  },
  refusal(spec, { parameterCount }, options) {
    const { variables } = functionFacts(spec)
    const axes = axesOf(options, spec)
    for (const [k, axis] of axes.entries()) {
      const which = k === 0 ? 'x' : 'y'
      const fault = axisFault(which, axis, spec, variables)
      if (fault !== null) return fault
      const target = mapTarget(axis.path, variables)
      if (
        target?.kind !== 'spec' &&
        target !== null &&
        'index' in target &&
        typeof target.index === 'number' &&
        target.index >= parameterCount &&
        parameterCount > 0
      )
        return `${which}.path: ${axis.path} must be a number below ${parameterCount}, the number of weights`
      if (
        axis.path.startsWith('model.init.') &&
        !isFunctionSpec(spec) &&
        (spec.model.init.kind === 'npz' || spec.model.init.kind === 'run')
      )
        return `${which}.path: the start weights are given (model.init.kind is ${spec.model.init.kind}), so that ${axis.path} changes nothing`
    }
    if (axes[0].path === axes[1].path && axes[0].path !== 'start.random')
      return `x and y are both ${axes[0].path}: a picture needs two different ones`
    if (axes.some(({ path }) => path.startsWith('model.init.')) && axes.some(({ path }) => path.startsWith('start.')))
      return 'x and y: model.init draws the start weights anew, which start.… moves: only one of them can be varied'
    return null
  },
  async work(source, options, call) {
    const step = source.step
    const axes = axesOf(options, source.spec)
    if (step > 0 && axes.some(({ path }) => path.startsWith('model.init.')))
      throw new Error(`map: model.init draws start weights, but this starts from step ${step}: take step 0`)
    requireBytes('the picture and its tiles', 48 * options.x.count * options.y.count, source.linalg.availableBytes)
    return work(source, options, call)
  }
}
