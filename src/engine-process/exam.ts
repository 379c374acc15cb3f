// One cell of the exam, an optimizer on a problem: every setting on the tuning seeds, the best one on seeds that tuning has not seen.
import { createHash } from 'node:crypto'
import { openHere, type Linalg } from '../engine/linalg'
import { initialState, train } from '../engine/training'
import type { MetricsLine } from '../shared/run/schema'
import { bestSetting, refusalOf, type Attempt, type ExamCell } from '../shared/exam/grade'
import { evaluateEvery, examProblems, type ExamProblem } from '../shared/exam/problems'
import { gradingSeeds, settingsOf, tuningSeeds } from '../shared/exam/settings'
import { checkSpec } from '../shared/spec/check'
import { problemLine } from '../shared/spec/problem'
import type { OptimizerInput, OptimizerKind, RunSpec } from '../shared/spec/schema'
import { messageOf } from '../shared/format/message-of'
import { readExamCell, writeExamCell, type Workspace } from '../store'
import { prepareRun, type Prepared } from './prepare'
import { versions } from './versions'

/** The complete run spec of a problem's seed: what a user trains is what is examined. Throws one sentence where the optimizer does not go with it. */
export async function examSpec(problem: ExamProblem, seed: number, optimizer: OptimizerInput): Promise<RunSpec> {
  const { spec: instance, target } = problem.instance(seed)
  const { spec, problems } = await checkSpec({
    schemaVersion: 1,
    name: `${problem.title}, ${optimizer.kind}, seed ${seed}`,
    ...instance,
    optimizer,
    // A step takes a gradient at least.
    budget: { steps: problem.budget, ...(problem.metric === 'loss' ? { targetLoss: target } : {}) },
    ...(problem.metric === 'testLoss' ? { evaluate: { everySteps: evaluateEvery } } : {}),
    checkpoints: { everySteps: null }
  })
  if (spec === null) throw new Error(problems.map(problemLine).join('; '))
  return spec
}

interface Sitting {
  readonly linalg: Linalg
  readonly problem: ExamProblem
  readonly prepared: (spec: RunSpec, seed: number) => Promise<Prepared>
  readonly signal: AbortSignal
}

/**
 * Trains until the target is reached, the budget of gradient evaluations is spent or the numbers are no longer finite. A loss is known with the
 * gradient of its step: what a pass took are all evaluations of the steps before and that gradient; a test loss is known after its step.
 */
async function attempt(sitting: Sitting, optimizer: OptimizerInput, seed: number): Promise<Attempt> {
  const { linalg, problem, signal } = sitting
  const { target } = problem.instance(seed)
  const enough = new AbortController()
  let before = 0
  let evaluations: number | null = null
  let last: number | null = null
  const look = (line: MetricsLine) => {
    if (enough.signal.aborted) return
    const value = line[problem.metric]
    const now = line.gradientEvaluations ?? before + 1
    const spent = problem.metric === 'loss' ? before + 1 : now
    before = now
    if (typeof value === 'number' && Number.isFinite(value) && spent <= problem.budget) {
      last = value
      if (value <= target) evaluations = spent
    }
    if (evaluations !== null || before >= problem.budget) enough.abort()
  }
  const onAbort = () => enough.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const spec = await examSpec(problem, seed, optimizer)
    const { data, parameters } = await sitting.prepared(spec, seed)
    const { reason } = await train(
      { linalg },
      {
        spec,
        state: initialState(spec, parameters),
        stop: enough.signal,
        sink: {
          metrics: (line) => void look(line),
          checkpoint: async () => undefined,
          admitsSnapshot: async () => false,
          matrix: async () => undefined,
          snapshot: async () => undefined,
          dropMatrices: async () => undefined,
          log: async () => undefined
        }
      },
      data
    )
    signal.throwIfAborted()
    return { seed, evaluations, last, diverged: reason === 'diverged', fault: null }
  } catch (error) {
    signal.throwIfAborted()
    return { seed, evaluations, last, diverged: false, fault: messageOf(error) }
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** What tells cells of one program and question from all others. */
function questionOf(problem: ExamProblem, kind: OptimizerKind): string {
  const { id, metric, budget } = problem
  const instances = [...tuningSeeds, ...gradingSeeds].map((seed) => problem.instance(seed))
  const asked = {
    versions: versions(),
    id,
    metric,
    budget,
    evaluateEvery,
    tuningSeeds,
    gradingSeeds,
    instances,
    settings: settingsOf(kind)
  }
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex')
}

/** The cell as the workspace has it, or else made and kept there: an exam that was stopped goes on. Rejects with the signal's reason when stopped. */
export async function examCell(workspace: Workspace, problemId: string, kind: OptimizerKind, options: SitOptions): Promise<ExamCell> {
  const problem = examProblems.find(({ id }) => id === problemId)
  if (problem === undefined) throw new Error(`the exam has no problem "${problemId}"`)
  const question = questionOf(problem, kind)
  const there = await readExamCell(workspace, problem.id, kind, question)
  if (there !== null) return there
  const cell = await sitExam(workspace, problem, kind, options)
  await writeExamCell(workspace, question, cell)
  return cell
}

export interface SitOptions {
  readonly signal: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

/**
 * Always on the embedded kernels and one thread, so that the same program gives the same bits whatever libraries and cores a machine has. Rejects with the
 * signal's reason when stopped.
 */
async function sitExam(
  workspace: Workspace,
  problem: ExamProblem,
  kind: OptimizerKind,
  { signal, onProgress }: SitOptions
): Promise<ExamCell> {
  const linalg = await openHere()
  const known = new Map<number, Prepared>()
  const sitting: Sitting = {
    linalg,
    problem,
    signal,
    async prepared(spec, seed) {
      const there = known.get(seed) ?? (await prepareRun({ workspace, linalg, signal }, spec))
      known.set(seed, there)
      return there
    }
  }
  const settings = settingsOf(kind)
  const cell = { problem: problem.id, optimizer: kind }
  const runs = settings.length * tuningSeeds.length + gradingSeeds.length
  let done = 0
  const onSeeds = async (setting: OptimizerInput, seeds: readonly number[]) => {
    const attempts: Attempt[] = []
    for (const seed of seeds) {
      signal.throwIfAborted()
      attempts.push(await attempt(sitting, setting, seed))
      onProgress?.(++done / runs)
    }
    return attempts
  }
  try {
    const tuning: Attempt[][] = []
    for (const setting of settings) tuning.push(await onSeeds(setting, tuningSeeds))
    const refusal = refusalOf(tuning)
    if (refusal !== null) return { ...cell, refusal, tuning: [], chosen: null, graded: [] }
    const chosen = bestSetting(tuning)
    return { ...cell, refusal: null, tuning, chosen, graded: await onSeeds(settings[chosen], gradingSeeds) }
  } finally {
    await linalg.dispose()
  }
}
