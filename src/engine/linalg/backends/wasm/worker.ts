// Entry of one thread of the pool: thread 0 leads (it hears requests), the others follow. One self-contained file when built.
import { parentPort, workerData } from 'node:worker_threads'
import { LinalgError } from '../../interface'
import type { WorkerData } from './control'
import { jobs, tasks, type Reply, type Request } from './jobs'
import { Cancelled, createTeam, createThread, follow, type Team } from './team'
import { instantiateKernels, type CompiledModule, type SharedMemory } from './webassembly'

function answer(team: Team, request: Request): Reply {
  try {
    // Another thread may have grown the memory: growing by nothing renews this thread's view of its length.
    team.memory.grow(0)
    const job = jobs[request.name] as (team: Team, input: unknown) => number | void
    return { kind: 'done', value: job(team, request.input) ?? 0 }
  } catch (error) {
    if (error instanceof Cancelled) return { kind: 'cancelled' }
    if (error instanceof LinalgError) return { kind: 'failed', code: error.code, message: error.message }
    return { kind: 'failed', code: 'backend', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function start(data: WorkerData): void {
  const port = parentPort
  if (!port) throw new Error('linalg worker: must be started as a worker thread')
  const memory = data.memory as SharedMemory
  const thread = createThread(instantiateKernels(data.module as CompiledModule, memory), memory, data.scratchAddress)
  const say = (reply: Reply) => port.postMessage(reply)
  if (data.thread > 0) {
    say({ kind: 'ready' })
    follow(thread, tasks)
  }
  const team = createTeam(thread, tasks, data.threads)
  port.on('message', (request: Request) => say(answer(team, request)))
  say({ kind: 'ready' })
}

start(workerData as WorkerData)
