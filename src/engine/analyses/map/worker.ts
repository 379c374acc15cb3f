// Entry of a thread that computes tiles of a map: it is told once what a pixel is, and then which pixels.
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '../../../shared/format/message-of'
import { openHere, openKernels } from '../../linalg'
import { gathering } from '../../../shared/analyses/gathering'
import { openWalker, type WalkPlan } from './walk'

/** What every thread of a map is started with. */
export interface WorkerPlan {
  readonly walk: WalkPlan
  readonly columns: number
  readonly merge: number
}

export interface TileRequest {
  readonly tile: number
  readonly pixels: Uint32Array
}

/** Values and outcomes by pixel; critical points of the tile, whose numbers the outcomes are: a row each, ‖∇f‖ and then the point. */
export interface TileAnswer {
  readonly tile: number
  readonly values: Float64Array
  readonly outcomes: Float64Array
  readonly centres: Float64Array
}

export type WorkerReply =
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'tile' } & TileAnswer)
  | { readonly kind: 'failed'; readonly message: string }

async function start({ walk, columns, merge }: WorkerPlan): Promise<void> {
  const port = parentPort
  if (!port) throw new Error('map worker: must be started as a worker thread')
  const walker = await openWalker(await openHere(), await openKernels(), walk)
  const compute = async ({ tile, pixels }: TileRequest): Promise<TileAnswer> => {
    const found = gathering(merge)
    const [values, outcomes] = [new Float64Array(pixels.length), new Float64Array(pixels.length)]
    for (const [k, pixel] of pixels.entries()) {
      const { value, outcome, end } = await walker.pixel(pixel % columns, Math.floor(pixel / columns))
      values[k] = value
      outcomes[k] = end === null ? outcome : found.add(end)
    }
    const size = walk.state.parameters.length + 1
    const centres = new Float64Array(found.centres.length * size)
    for (const [k, { point, gradNorm }] of found.centres.entries()) centres.set([gradNorm, ...point], k * size)
    return { tile, values, outcomes, centres }
  }
  const say = (reply: WorkerReply) => port.postMessage(reply)
  port.on('message', (request: TileRequest) => {
    compute(request).then(
      (answer) => say({ kind: 'tile', ...answer }),
      (error: unknown) => say({ kind: 'failed', message: messageOf(error) })
    )
  })
  say({ kind: 'ready' })
}

start(workerData as WorkerPlan).catch((error: unknown) => {
  parentPort?.postMessage({ kind: 'failed', message: messageOf(error) } satisfies WorkerReply)
})
