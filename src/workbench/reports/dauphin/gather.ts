// From finished runs to the rows of the report on Dauphin et al. (2014): everything measured over all of the training data.
import { openLinalg, type Linalg } from '../../../engine/linalg'
import { checkpointSteps, readCheckpoint } from '../../../store'
import { finishedAnalysis } from '../analyses'
import type { ReportContext } from '../context'
import type { FinishedRun } from '../runs'
import { measureCourse, openTrainingSet, type Measured, type TrainingSet } from './measure'
import { sizesOf, type Planned, type Sizes } from './plan'
import {
  byNet,
  chosenRuns,
  spectrumRows,
  threePoints,
  type CourseRow,
  type CriticalRow,
  type CurvatureRow,
  type NetKey,
  type Outcome,
  type RunRow,
  type SpectrumRow
} from './rows'

export interface Gathered {
  readonly runs: readonly RunRow[]
  readonly course: readonly CourseRow[]
  readonly curvature: readonly CurvatureRow[]
  readonly critical: readonly CriticalRow[]
  readonly spectra: readonly SpectrumRow[]
}

interface Found {
  readonly planned: Planned
  readonly run: FinishedRun
  readonly measured: readonly Measured[]
}

const netOf = ({ net: { data, activation, hidden } }: Planned): NetKey => ({ data, activation, hidden })

function runRow({ planned, run, measured }: Found): Omit<RunRow, 'chosen'> {
  const { net, method, draw } = planned
  const last = measured.at(-1)
  const whole = run.state === 'done'
  return {
    ...netOf(planned),
    run: run.id,
    method,
    seed: net.seed,
    samples: net.samples,
    parameters: run.status.parameterCount ?? 0,
    learningRate: draw?.learningRate ?? 1,
    momentum: draw?.momentum ?? null,
    batch: draw?.batch ?? net.samples,
    state: run.state,
    steps: run.status.step,
    epochs: run.lines.at(-1)?.epoch ?? 0,
    seconds: run.status.seconds,
    loss: whole ? (last?.loss ?? null) : null,
    error: whole ? (last?.error ?? null) : null
  }
}

/** Runs over the same data and net share one set. */
function trainingSets(context: ReportContext, linalg: Linalg) {
  const open = new Map<string, Promise<TrainingSet>>()
  return (run: FinishedRun): Promise<TrainingSet> => {
    const { spec } = run
    const key = JSON.stringify('data' in spec ? [spec.data, spec.model.layers, spec.model.activation, spec.loss] : run.id)
    const set = open.get(key) ?? openTrainingSet(context, linalg, run)
    open.set(key, set)
    return set
  }
}
type Sets = ReturnType<typeof trainingSets>

async function courseOf(
  context: ReportContext,
  sets: Sets,
  planned: readonly Planned[],
  finished: readonly FinishedRun[]
): Promise<Found[]> {
  const found: Found[] = []
  for (const [k, run] of finished.entries()) {
    context.signal.throwIfAborted()
    context.progress('training error at the checkpoints', k / finished.length)
    found.push({ planned: planned[k], run, measured: await measureCourse(context, await sets(run), run) })
  }
  return found
}

/** Of second-order runs from their own steps, which are over all of the data; of SGD at some checkpoints. */
async function curvatureOf(context: ReportContext, sets: Sets, { planned, run, measured }: Found, count: number): Promise<CurvatureRow[]> {
  const row = (epoch: number, lambdaMin: number, lambdaMax: number): CurvatureRow => ({
    ...netOf(planned),
    run: run.id,
    method: planned.method,
    epoch,
    lambdaMin,
    lambdaMax,
    magnitude: Math.max(0, -lambdaMin)
  })
  if (planned.method !== 'Minibatch SGD')
    return run.lines.flatMap(({ step, lambdaMin, lambdaMax }) =>
      typeof lambdaMin === 'number' && typeof lambdaMax === 'number' ? [row(step - 1, lambdaMin, lambdaMax)] : []
    )
  const steps = await checkpointSteps(context.workspace, run.id)
  const chosen = [...new Set(Array.from({ length: count }, (_, k) => steps[Math.round((k * (steps.length - 1)) / Math.max(1, count - 1))]))]
  const rows: CurvatureRow[] = []
  for (const [k, step] of chosen.entries()) {
    context.signal.throwIfAborted()
    context.progress(`spectrum of ${run.id}`, k / chosen.length)
    const { parameters } = await readCheckpoint(context.workspace, run.id, step)
    const values = await (await sets(run)).eigenvalues(parameters)
    rows.push(row(measured.find((one) => one.step === step)?.epoch ?? 0, values[0], values[values.length - 1]))
  }
  return rows
}

const outcomes: readonly Outcome[] = ['not converged', 'critical', 'gradient-flat']
const searched = ['loss', 'gradNorm', 'flatness', 'largest', 'index', 'zero', 'iterations', 'outcome', 'eigenvalues', 'points'] as const

async function criticalOf(context: ReportContext, sets: Sets, { planned, run }: Found, { critical }: Sizes) {
  const rows: { readonly row: CriticalRow; readonly eigenvalues: Float64Array }[] = []
  const last = run.status.step
  for (const step of new Set(critical.steps.map((one) => Math.min(one, last)))) {
    context.signal.throwIfAborted()
    const { starts, noise, iterations } = critical
    const order = { kind: 'critical-points', run: run.id, step, options: { starts, noise, iterations } } as const
    const analysis = await finishedAnalysis(context, order)
    const arrays = Object.fromEntries(await Promise.all(searched.map(async (name) => [name, await analysis.array(name)] as const)))
    const size = arrays.points.length / starts
    for (let k = 0; k < starts; k++) {
      const { error } = await (await sets(run)).at(arrays.points.slice(k * size, (k + 1) * size))
      const [flatness, largest] = [arrays.flatness[k], arrays.largest[k]]
      rows.push({
        eigenvalues: arrays.eigenvalues.slice(k * size, (k + 1) * size),
        row: {
          ...netOf(planned),
          run: run.id,
          step,
          search: k + 1,
          outcome: outcomes[arrays.outcome[k]],
          loss: arrays.loss[k],
          error,
          gradNorm: arrays.gradNorm[k],
          flatness,
          largest,
          relativeFlatness: largest === 0 ? 0 : flatness / largest,
          index: arrays.index[k],
          zero: arrays.zero[k],
          iterations: arrays.iterations[k]
        }
      })
    }
  }
  return rows
}

export async function gather(context: ReportContext, planned: readonly Planned[], finished: readonly FinishedRun[]): Promise<Gathered> {
  const sizes = sizesOf[context.scale]
  const linalg = await openLinalg()
  try {
    const sets = trainingSets(context, linalg)
    const found = await courseOf(context, sets, planned, finished)
    const runs = chosenRuns(found.map(runRow))
    const shown = new Set(
      runs.filter(({ chosen, method, seed }) => chosen && (method === 'Minibatch SGD' || seed === 1)).map(({ run }) => run)
    )
    const course = found.flatMap(({ planned: one, run, measured }) =>
      measured.map(({ epoch, seconds, loss, error }): CourseRow => ({
        ...netOf(one),
        run: run.id,
        method: one.method,
        seed: one.net.seed,
        epoch,
        seconds,
        loss,
        error,
        shown: shown.has(run.id)
      }))
    )
    const drawn = found.filter(({ run }) => shown.has(run.id))
    const curvature: CurvatureRow[] = []
    for (const one of drawn) curvature.push(...(await curvatureOf(context, sets, one, sizes.spectra)))
    const fewest = sizes.nets[0].hidden
    const critical: Awaited<ReturnType<typeof criticalOf>> = []
    for (const one of drawn.filter(({ planned: { method, net } }) => method === 'Saddle-free Newton' && net.hidden === fewest))
      critical.push(...(await criticalOf(context, sets, one, sizes)))
    const rows = critical.map(({ row }) => row)
    const spectra = byNet(rows).flatMap((net) =>
      threePoints(net).flatMap((row, k) => {
        const values = critical.find((one) => one.row === row)?.eigenvalues ?? new Float64Array()
        const place = k === 0 ? 'lowest error' : k === 1 ? 'middle' : 'highest error'
        return spectrumRows(row, `${place}: ${(100 * row.error).toFixed(1)} %, ${row.outcome}`, values)
      })
    )
    return { runs, course, curvature, critical: rows, spectra }
  } finally {
    await linalg.dispose()
  }
}
