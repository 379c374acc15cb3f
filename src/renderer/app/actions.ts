// What can be done to a run, from any screen: each tells what happened, deletes can be undone.
import type { MethodInput, MethodName } from '../../shared/api/contract'
import type { RunSummary } from '../../shared/run/summary'
import { notify } from '../ui/toasts'
import { call, invalidate } from './data'
import { formatBytes } from './format'
import { messageOf } from '../../shared/format/message-of'

export const sayError = (error: unknown) => notify(messageOf(error), { tone: 'bad' })

/** Calls and reports a failure as a notice; whether it worked. */
export async function attempt<Name extends MethodName>(method: Name, input: MethodInput<Name>): Promise<boolean> {
  try {
    await call(method, input)
    return true
  } catch (error) {
    sayError(error)
    return false
  }
}

const refreshRun = (id: string) => invalidate((method, input) => method.startsWith('runs.') && input.id === id)

export const canPause = (run: RunSummary) => run.state === 'running'
export const canStop = (run: RunSummary) => run.state === 'running' || run.state === 'queued'
/** A budget that is spent, or was not, can be made larger. */
export const canTrainLonger = (run: RunSummary) => run.state === 'done' || run.state === 'paused' || run.state === 'interrupted'
export const canStart = (run: RunSummary) => run.state === 'paused' || run.state === 'interrupted' || run.state === 'queued'

export async function pauseRun(run: RunSummary) {
  if (await attempt('runs.pause', { id: run.id })) refreshRun(run.id)
}
export async function stopRun(run: RunSummary) {
  if (await attempt('runs.stop', { id: run.id })) refreshRun(run.id)
}
/** A queued run starts now, beside what is running; any other enters the queue. */
export async function startRun(run: RunSummary) {
  if (await attempt(run.state === 'queued' ? 'queue.start' : 'runs.start', { id: run.id })) refreshRun(run.id)
}

export async function updateRun(id: string, change: Omit<MethodInput<'runs.update'>, 'id'>) {
  if (await attempt('runs.update', { id, ...change })) refreshRun(id)
}

/** Goes on with another budget; whether it could be started. */
export async function trainLonger(run: RunSummary, budget: Record<string, number | null>): Promise<boolean> {
  if (!(await attempt('runs.start', { id: run.id, budget }))) return false
  refreshRun(run.id)
  return true
}

/** Moves runs to the trash; the notice offers them back. */
export async function removeRuns(runs: readonly RunSummary[]) {
  const ids = runs.map((run) => run.id)
  try {
    const { bytes } = await call('runs.remove', { ids })
    const what = runs.length === 1 ? `“${runs[0].name}”` : `${runs.length} runs`
    notify(`Moved ${what} to the trash (${formatBytes(bytes)}).`, {
      action: { label: 'Undo', run: () => void attempt('runs.restore', { ids }) }
    })
    return true
  } catch (error) {
    sayError(error)
    return false
  }
}
