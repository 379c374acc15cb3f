// The threads of a map: each takes the next tile until none is left; what comes back is handed on in the tiles' order, whoever was first.
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { programsFolder } from '../../linalg'
import type { Tile } from './tiles'
import type { TileAnswer, TileRequest, WorkerPlan, WorkerReply } from './worker'

export type { TileAnswer } from './worker'

export interface TeamCall {
  readonly threads: number
  readonly signal: AbortSignal
  /** A tile that is known already; null where it must be computed. */
  known(tile: number): Promise<TileAnswer | null>
  /** Of one that was computed, as soon as it is. */
  keep(answer: TileAnswer): Promise<void>
  /** Every tile, in order. */
  take(answer: TileAnswer): void
}

/** All tiles. Rejects with the signal's reason within the time it takes to end a thread; the threads' memory is given back. */
export async function computeTiles(
  plan: WorkerPlan,
  tiles: readonly Tile[],
  { threads, signal, known, keep, take }: TeamCall
): Promise<void> {
  const waiting = new Map<number, TileAnswer>()
  let taken = 0
  const arrived = (answer: TileAnswer) => {
    waiting.set(answer.tile, answer)
    for (let next = waiting.get(taken); next; next = waiting.get(taken)) {
      waiting.delete(taken++)
      take(next)
    }
  }
  const missing: number[] = []
  for (const [tile] of tiles.entries()) {
    signal.throwIfAborted()
    const answer = await known(tile)
    if (answer === null) missing.push(tile)
    else arrived(answer)
  }
  if (missing.length === 0) return
  missing.reverse()
  const workers: Worker[] = []
  let abort = () => undefined as void
  try {
    await new Promise<void>((resolve, reject) => {
      abort = () => reject(signal.reason as Error)
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      let open = missing.length
      const give = (worker: Worker) => {
        const tile = missing.pop()
        if (tile !== undefined) worker.postMessage({ tile, pixels: tiles[tile].pixels } satisfies TileRequest)
      }
      const hear = (worker: Worker, reply: WorkerReply) => {
        if (reply.kind === 'failed') return reject(new Error(reply.message))
        give(worker)
        if (reply.kind === 'ready') return
        const { kind: _, ...answer } = reply
        keep(answer).then(() => {
          arrived(answer)
          if (--open === 0) resolve()
        }, reject)
      }
      for (let k = 0; k < Math.min(threads, missing.length); k++) {
        const worker = new Worker(join(programsFolder(), 'map-worker.js'), { workerData: plan })
        workers.push(worker)
        worker.on('message', (reply: WorkerReply) => hear(worker, reply))
        worker.on('error', reject)
        worker.on('exit', (code) => reject(new Error(`a thread of the map ended by itself (exit code ${code})`)))
      }
    })
  } finally {
    signal.removeEventListener('abort', abort)
    for (const worker of workers) worker.removeAllListeners().on('error', () => undefined)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}
