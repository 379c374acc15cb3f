// One engine process from start to end: its task, a stop that becomes a kill when it is not heard, and why it ended.
import type { FromEngine, JobMade, JobResult, Task } from '../engine-process/messages'
import type { Inspected } from '../shared/api/contract'
import type { BackendSpeeds } from '../shared/linalg-choice'
import type { RunState } from '../shared/run/schema'
import type { EngineExit, EngineLauncher } from './launcher'

export type EngineEnd =
  | { readonly kind: 'run'; readonly state: RunState; readonly step: number; readonly message: string | null }
  | {
      readonly kind: 'job'
      readonly state: 'done' | 'failed' | 'cancelled'
      readonly message: string
      readonly result?: JobResult
      readonly speeds?: BackendSpeeds
      readonly made?: JobMade
      readonly inspected?: Inspected
    }
  /** It ended without a word; `cause` is one sentence. */
  | { readonly kind: 'crash'; readonly cause: string }

export interface SupervisedEngine {
  /** Asks it to end in good manners; it is killed when it has not after the grace, or after `within` milliseconds where there is less time than that. */
  stop(as: 'paused' | 'interrupted', within?: number): void
  /** Answers `trouble`. */
  retry(): void
  /** Never rejects; resolves once the process is gone. */
  readonly ended: Promise<EngineEnd>
}

/** A stopping run may finish a step (2 s), write its checkpoint and finish a snapshot. */
const stopGrace = 20_000

/** Why a process ended that said nothing, for people. */
export function causeOf({ code, signal, output }: EngineExit): string {
  const lines = output.trim().split('\n')
  const last = lines[lines.length - 1]?.trim() ?? ''
  if (/heap out of memory|Allocation failed|out of memory/i.test(output))
    return 'out of memory: the engine process ran out of it and was ended'
  if (signal === 'SIGKILL' || code === 137 || code === 9)
    return 'the engine process was killed (SIGKILL), as the system does when memory runs out; resume goes on from the newest checkpoint'
  // Electron now and then reports a process that was killed as one that ended well; one that ends well says so itself, before.
  if (code === 0 && signal === null && last === '')
    return 'the engine process ended without a word, as one that is killed does; resume goes on from the newest checkpoint'
  const how = signal ? `by ${signal}` : `with code ${code}`
  if (code === null && signal === null) return `the engine process ${last}`
  return `the engine process ended unexpectedly ${how}${last === '' ? '' : `: ${last.slice(0, 300)}`}`
}

export function superviseEngine(
  launch: EngineLauncher,
  task: Task,
  onMessage: (message: FromEngine) => void,
  grace: number = stopGrace
): SupervisedEngine {
  const engine = launch(task.kind === 'run' ? ['run', task.id] : ['job', task.job.name])
  let end: EngineEnd | null = null
  let stopping: 'paused' | 'interrupted' | null = null
  let killTimer: ReturnType<typeof setTimeout> | null = null
  const ended = new Promise<EngineEnd>((resolve) => {
    engine.onExit((exit) => {
      if (killTimer !== null) clearTimeout(killTimer)
      resolve(end ?? { kind: 'crash', cause: causeOf(exit) })
    })
  })
  engine.onMessage((message) => {
    if (message.type === 'hello') {
      engine.send({ type: 'start', task })
      if (stopping !== null) engine.send({ type: 'stop', as: stopping })
    } else if (message.type === 'run-ended') end = { kind: 'run', state: message.state, step: message.step, message: message.message }
    else if (message.type === 'job-ended')
      end = {
        kind: 'job',
        state: message.state,
        message: message.message,
        ...(message.result ? { result: message.result } : {}),
        ...(message.speeds ? { speeds: message.speeds } : {}),
        ...(message.made ? { made: message.made } : {}),
        ...(message.inspected ? { inspected: message.inspected } : {})
      }
    else onMessage(message)
  })
  return {
    ended,
    stop(as, within) {
      if (stopping === null || within !== undefined) {
        if (killTimer !== null) clearTimeout(killTimer)
        killTimer = setTimeout(() => engine.kill(), within ?? grace)
      }
      stopping = as
      engine.send({ type: 'stop', as })
    },
    retry: () => engine.send({ type: 'retry' })
  }
}
