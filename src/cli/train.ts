// What `run` and `resume` share: works on one run in this process and shows it.
import { executeRun, type RunProgress, type RunResult } from '../engine-process/execute-run'
import { figure } from '../shared/format/figures'
import type { Workspace } from '../store'
import { runFolder } from '../store'
import { print, say, stopSignal } from './context'
import { timesText } from './format'
import { runDisplay, type RunDisplay } from './run-display'

export interface TrainOptions {
  readonly json?: boolean
  readonly allowOtherBackend?: boolean
}

const retrySeconds = 5

/** Shows what happens: NDJSON on stdout with `json`, else a table on stderr, which `end` completes. */
function watcher(workspace: Workspace, id: string, json: boolean): { onEvent(event: RunProgress): void; end(): void } {
  let display: RunDisplay | null = null
  const line = (value: unknown) => print(JSON.stringify(value))
  const onEvent = (event: RunProgress) => {
    if (event.kind === 'opened') {
      const backend = `${event.backend.description}, ${event.backend.threads} thread${event.backend.threads === 1 ? '' : 's'}`
      if (json) line({ event: 'start', run: id, folder: runFolder(workspace, id), step: event.step, backend: event.backend })
      else say(`run ${id} (${backend})${event.step > 0 ? `, from step ${event.step}` : ''}`)
      display = runDisplay(event.spec, process.stderr)
    } else if (event.kind === 'step') {
      if (json) line({ event: 'step', ...event.line })
      else display?.step(event.line)
    } else if (event.kind === 'phase') {
      if (!json || process.stderr.isTTY) display?.phase(event.step, event.phase, event.fraction, event.etaSeconds)
    } else if (event.kind === 'note') {
      if (display && !json) display.note(event.message)
      else say(event.message)
    } else if (event.kind === 'trouble') {
      const text = `paused: ${event.message}; trying again every ${retrySeconds} s (Ctrl-C ends, keeping the last checkpoint)`
      if (display) display.note(text)
      else say(text)
    } else if (json) line({ event: event.kind, step: event.step })
    else if (event.kind === 'snapshot') display?.note(`${'snapshot'.padStart(7)} of step ${event.step} stored`)
  }
  return { onEvent, end: () => display?.end() }
}

function lastWords(workspace: Workspace, id: string, result: RunResult, json: boolean) {
  const { state, step, message, status } = result
  if (json) {
    print(
      JSON.stringify({
        event: 'end',
        run: id,
        state,
        step,
        stepsDone: result.stepsDone,
        seconds: status?.seconds ?? null,
        wallSeconds: status?.wallSeconds ?? null,
        message
      })
    )
    if (message) say(message)
    return
  }
  const loss = status?.figures?.lastLoss
  const after = `after step ${step}${status ? ` (${timesText(status)}` : ''}${loss === null || loss === undefined ? '' : `, loss ${figure(loss, 5)}`}${status ? ')' : ''}`
  if (state === 'done' && result.stepsDone === 0) say(`the budget of run ${id} is spent: nothing to do ${after}`)
  else if (state === 'done') say(`done ${after}: ${runFolder(workspace, id)}`)
  else if (state === 'interrupted' || state === 'paused')
    say(`${message ? `${message}\n` : ''}interrupted ${after}; go on with: resume ${id}`)
  else say(`${message ?? state}\n${state} ${after}: ${runFolder(workspace, id)}`)
}

/** Trains the run and returns the exit status. */
export async function trainHere(workspace: Workspace, id: string, { json = false, allowOtherBackend }: TrainOptions): Promise<number> {
  const stop = stopSignal(() => say('\nstopping after the step in hand (Ctrl-C again ends at once)…'))
  const retry = () =>
    new Promise<'retry' | 'give-up'>((resolve) => {
      const timer = setTimeout(() => resolve('retry'), retrySeconds * 1000)
      stop.signal.addEventListener('abort', () => {
        clearTimeout(timer)
        resolve('give-up')
      })
      if (stop.signal.aborted) resolve('give-up')
    })
  const { onEvent, end } = watcher(workspace, id, json)
  try {
    const result = await executeRun(workspace, id, {
      stop: stop.signal,
      onEvent,
      onTrouble: retry,
      allowOtherBackend
    })
    end()
    lastWords(workspace, id, result, json)
    if (result.state === 'done') return 0
    if (result.state === 'interrupted' || result.state === 'paused') return stop.signal.aborted ? 130 : 1
    return result.fault === 'spec' ? 2 : 1
  } finally {
    stop.dispose()
  }
}
