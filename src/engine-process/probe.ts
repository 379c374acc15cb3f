// A probe of a spec: a few real steps, one evaluation and one snapshot in memory, without a run folder, to learn what they take on this machine.
import { LinalgError, openLinalg, type Linalg } from '../engine/linalg'
import { initialState, train, type TrainingSink } from '../engine/training'
import type { ProbeResult } from '../shared/run/calibration'
import { isFunctionSpec, type RunSpec } from '../shared/spec/schema'
import type { Workspace } from '../store'
import { prepareRun, type Prepared } from './prepare'

interface ProbeOptions {
  readonly signal: AbortSignal
  readonly onProgress: (fraction: number, message: string) => void
}

/** Steps are made for so long, at least two and at most so many. */
const enoughSeconds = 1.5
const enoughSteps = 30
/** A first step, or a snapshot, that takes longer is given up. */
const mostSeconds = 60

const since = (began: number) => (performance.now() - began) / 1000

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length === 0 ? null : sorted[Math.floor((sorted.length - 1) / 2)]
}

/** A signal that follows another one and also aborts after so many seconds. */
function limited(signal: AbortSignal, seconds: number) {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('time is up'))
  const timer = setTimeout(abort, seconds * 1000)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return {
    controller,
    dispose() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    }
  }
}

const quiet: TrainingSink = {
  metrics: async () => undefined,
  checkpoint: async () => undefined,
  admitsSnapshot: async () => true,
  matrix: async () => undefined,
  snapshot: async () => undefined,
  dropMatrices: async () => undefined,
  log: async () => undefined
}

interface Timed {
  readonly seconds: readonly number[]
  readonly notes: readonly string[]
}

async function timeSteps(linalg: Linalg, spec: RunSpec, prepared: Prepared, signal: AbortSignal): Promise<Timed> {
  const seconds: number[] = []
  const stop = limited(signal, mostSeconds)
  const began = performance.now()
  let total = 0
  const sink: TrainingSink = {
    ...quiet,
    async metrics(line) {
      seconds.push(line.seconds - total)
      total = line.seconds
      if (seconds.length >= enoughSteps || (seconds.length >= 2 && since(began) > enoughSeconds)) stop.controller.abort()
    }
  }
  // The spec as it is, but for what is measured apart.
  const bare: RunSpec = {
    ...spec,
    budget: { epochs: null, steps: null, seconds: null, targetLoss: null },
    evaluate: { ...spec.evaluate, everySteps: null, everyEpochs: null },
    snapshots: { ...spec.snapshots, everySteps: null }
  }
  const notes: string[] = []
  try {
    const state = initialState(bare, prepared.parameters)
    const outcome = await train({ linalg }, { spec: bare, state, sink, stop: stop.controller.signal }, prepared.data)
    if (outcome.reason === 'diverged') notes.push(`it diverges: ${outcome.message}`)
  } catch (error) {
    if (!(error instanceof LinalgError) || error.code !== 'out-of-memory') throw error
    notes.push(`a step does not fit into memory: ${error.message}`)
  } finally {
    stop.dispose()
  }
  signal.throwIfAborted()
  if (seconds.length === 0 && notes.length === 0) notes.push(`a step takes longer than ${mostSeconds} s`)
  if (spec.optimizer.kind === 'fd-newton' && !isFunctionSpec(spec) && !spec.batch.shuffle)
    notes.push('steps of the first epoch; later ones reuse its factorizations and are quicker')
  return { seconds, notes }
}

/** Evaluation and snapshot of the start, each by itself. */
async function timeStart(linalg: Linalg, spec: RunSpec, prepared: Prepared, signal: AbortSignal) {
  const stop = limited(signal, mostSeconds)
  let began = performance.now()
  let [evaluationSeconds, snapshotSeconds]: (number | null)[] = [null, null]
  const notes: string[] = []
  const sink: TrainingSink = {
    ...quiet,
    checkpoint: async () => void (began = performance.now()),
    startEvaluation: async () => void (evaluationSeconds = since(began)),
    admitsSnapshot: async () => ((began = performance.now()), true),
    snapshot: async () => void (snapshotSeconds = since(began)),
    log: async (message) => void notes.push(message)
  }
  const atStart: RunSpec = { ...spec, budget: { epochs: null, steps: 0, seconds: null, targetLoss: null } }
  try {
    const state = initialState(atStart, prepared.parameters)
    await train({ linalg }, { spec: atStart, state, sink, stop: stop.controller.signal }, prepared.data)
  } catch (error) {
    if (!stop.controller.signal.aborted) throw error
  } finally {
    stop.dispose()
  }
  signal.throwIfAborted()
  if (stop.controller.signal.aborted) notes.push(`a snapshot takes longer than ${mostSeconds} s`)
  return { evaluationSeconds, snapshotSeconds, notes }
}

async function probe(workspace: Workspace, linalg: Linalg, spec: RunSpec, { signal, onProgress }: ProbeOptions): Promise<ProbeResult> {
  const began = performance.now()
  onProgress(0, 'reading data')
  const prepared = await prepareRun({ workspace, linalg, signal }, spec)
  const prepareSeconds = since(began)
  onProgress(0.3, 'a few steps')
  const { seconds, notes } = await timeSteps(linalg, spec, prepared, signal)
  const wantsStart = spec.snapshots.everySteps !== null || spec.evaluate.everySteps !== null || spec.evaluate.everyEpochs !== null
  if (wantsStart) onProgress(0.7, 'an evaluation and a snapshot')
  const start = wantsStart
    ? await timeStart(linalg, spec, prepared, signal)
    : { evaluationSeconds: null, snapshotSeconds: null, notes: [] as string[] }
  const peak = process.resourceUsage().maxRSS * 1024
  return {
    parameters: prepared.parameters.length,
    backend: linalg.info,
    prepareSeconds,
    firstStepSeconds: seconds[0] ?? null,
    stepSeconds: median(seconds.slice(1)),
    steps: seconds.length,
    snapshotSeconds: start.snapshotSeconds,
    evaluationSeconds: start.evaluationSeconds,
    peakBytes: Number.isFinite(peak) && peak > 0 ? peak : null,
    notes: [...notes, ...start.notes]
  }
}

/** One after the other; cancelling keeps none. Rejects with one sentence. */
export async function probeSpecs(
  workspace: Workspace,
  specs: readonly RunSpec[],
  { signal, onProgress }: ProbeOptions
): Promise<{ message: string; result: ProbeResult[] }> {
  const linalg = await openLinalg()
  try {
    const result: ProbeResult[] = []
    for (const [place, spec] of specs.entries())
      result.push(
        await probe(workspace, linalg, spec, {
          signal,
          onProgress: (fraction, message) => onProgress((place + fraction) / specs.length, message)
        })
      )
    const steps = result.reduce((sum, one) => sum + one.steps, 0)
    return { message: `measured ${steps} steps${specs.length > 1 ? ` of ${specs.length} specs` : ''}`, result }
  } finally {
    await linalg.dispose()
  }
}
