// The runs a report stands on: made where they are missing, finished where they are not, each exactly once whatever was killed in between.
import { executeRun } from '../../engine-process/execute-run'
import { versions } from '../../engine-process/versions'
import type { MetricsLine, RunStatus } from '../../shared/run/schema'
import { checkSpec } from '../../shared/spec/check'
import { differences } from '../../shared/spec/leaves'
import type { RunSpecInput } from '../../shared/spec/preset-parts'
import { problemLine } from '../../shared/spec/problem'
import type { RunSpec } from '../../shared/spec/schema'
import {
  createRun,
  fileChunks,
  lineReader,
  metricsPath,
  readSpec,
  readStatus,
  runFolder,
  specPath,
  StorageError,
  type Workspace
} from '../../store'

export interface PlannedRun {
  /** Fixed: the same report finds it again. */
  readonly id: string
  readonly spec: RunSpecInput
}

/** A run that has come to its end: its budget spent, or diverged. */
export interface FinishedRun {
  readonly id: string
  readonly spec: RunSpec
  readonly state: 'done' | 'diverged'
  readonly status: RunStatus
  readonly lines: readonly MetricsLine[]
}

export interface RunsContext {
  readonly workspace: Workspace
  readonly signal: AbortSignal
  /** `fraction`: of the phase, null where it is not known. */
  readonly progress: (phase: string, fraction: number | null) => void
}

interface Checked {
  readonly id: string
  readonly spec: RunSpec
  readonly there: boolean
}

async function checked({ workspace }: RunsContext, { id, spec: input }: PlannedRun): Promise<Checked> {
  const { spec, problems } = await checkSpec(input)
  if (!spec) throw new StorageError('bad-input', `run ${id}: ${problems.map(problemLine).join('; ')}`)
  if ((await workspace.fileSystem.info(specPath(runFolder(workspace, id)))) === null) return { id, spec, there: false }
  const [first, ...more] = differences(await readSpec(workspace, id), spec)
  if (first === undefined) return { id, spec, there: true }
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  throw new StorageError(
    'conflict',
    `there is a run "${id}" with another spec: its ${first.path} is ${first.here ?? 'not there'}, the report's is ${first.there ?? 'not there'}${others}; remove it (rm ${id}) or take another --workspace`
  )
}

const isOver = (state: RunStatus['state']): state is FinishedRun['state'] => state === 'done' || state === 'diverged'

async function linesOf({ fileSystem }: Workspace, path: string): Promise<MetricsLine[]> {
  const lines: MetricsLine[] = []
  if ((await fileSystem.info(path)) === null) return lines
  const reader = lineReader({ add: (line) => void lines.push(line), takeBack: () => void lines.pop() })
  for await (const chunk of fileChunks(fileSystem, path)) reader.feed(chunk)
  return lines
}

async function finish(context: RunsContext, { id, spec, there }: Checked, place: string, group: string): Promise<FinishedRun> {
  const { workspace, signal, progress } = context
  if (!there) await createRun(workspace, spec, { id, group, versions: versions(), origin: `for ${group}` })
  if (!isOver((await readStatus(workspace, id)).state)) {
    const { steps } = spec.budget
    const result = await executeRun(workspace, id, {
      stop: signal,
      onEvent(event) {
        if (event.kind === 'step') progress(`${place}: ${id}`, steps === null ? null : event.line.step / steps)
      }
    })
    signal.throwIfAborted()
    if (!isOver(result.state))
      throw new Error(`run ${id} ${result.state === 'failed' ? 'failed' : 'did not come to its end'}: ${result.message ?? result.state}`)
  }
  const status = await readStatus(workspace, id)
  if (!isOver(status.state)) throw new Error(`run ${id} is ${status.state}`)
  return { id, spec, state: status.state, status, lines: await linesOf(workspace, metricsPath(runFolder(workspace, id))) }
}

/**
 * The runs, all at their end, in the order given. All specs are checked and compared with what is stored before anything runs. Throws StorageError:
 * `conflict` names a run that is there with another spec, `locked` one that another process works on; AbortError when stopped.
 */
export async function finishedRuns(context: RunsContext, planned: readonly PlannedRun[], group: string): Promise<FinishedRun[]> {
  const specs: Checked[] = []
  for (const one of planned) specs.push(await checked(context, one))
  const finished: FinishedRun[] = []
  for (const [k, one] of specs.entries()) {
    context.signal.throwIfAborted()
    finished.push(await finish(context, one, `run ${k + 1} of ${specs.length}`, group))
  }
  return finished
}
