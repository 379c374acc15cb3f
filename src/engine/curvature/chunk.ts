// One chunk of samples: its tensors, layer by layer from the top, and what they add to every block that is wanted.
import type { CallOptions, Linalg } from '../linalg'
import { batchRows, linearize, type Batch, type Linearization } from '../nn/forward'
import type { LossFunction } from '../nn/losses'
import type { Network } from '../nn/network'
import type { CurvatureKind } from '../objective'
import { closeDiagonal, descend, descendDiagonal, topCurvature, transposedInputs, type Stack } from './tensors'
import { distantTerm, inputTerm, neighbourTerm, unitTerm, type Inputs, type Target } from './terms'
import type { Workspace } from './workspace'

/** A pair of layers (places l ≤ m) whose block goes to `target`: all of its rows, or those of `count` inputs of l from `from` on. */
export interface Destination {
  readonly l: number
  readonly m: number
  readonly target: Target
  readonly inputs?: { readonly from: number; readonly count: number }
}

/** The blocks that a call fills: pairs of layers, and the unit matrices of the last layer where its outputs do not mix. */
export interface Plan {
  readonly destinations: readonly Destination[]
  readonly unitMatrices: Float64Array | null
  readonly kind: CurvatureKind
  readonly full: boolean
}

/** Flops of a pair's block, up to a common factor. */
function flopsOf(network: Network, { l, m, inputs }: Destination): number {
  const [left, right] = [network.layers[l], network.layers[m]]
  return (inputs?.count ?? left.rows) * left.columns * right.rows * right.columns * (l === m ? 0.5 : 1)
}

export interface CurvatureProblem {
  readonly network: Network
  readonly lossFunction: LossFunction
  readonly batch: Batch
  /** What each sample's ℓ is multiplied with. */
  readonly weight: number
}

/** Fills everything that the plan names, `chunk` samples at a time. */
export async function fillPlan(
  linalg: Linalg,
  work: Workspace,
  { network, lossFunction, batch, weight }: CurvatureProblem,
  parameters: Float64Array,
  plan: Plan,
  chunk: number,
  { signal, onProgress }: CallOptions
): Promise<void> {
  const samples = batch.inputs.rows
  for (let from = 0; from < samples; from += chunk) {
    signal?.throwIfAborted()
    const count = Math.min(chunk, samples - from)
    // Arrays of the whole chunks' sizes would wait in vain.
    if (count < chunk) work.trim()
    const state = await linearize(linalg, network, lossFunction, batchRows(batch, from, count), weight, parameters, { signal })
    await addChunk(work, state, plan, from > 0, { signal, onProgress: (fraction) => onProgress?.((from + fraction * count) / samples) })
  }
}

/** Adds one chunk of samples to everything that the plan fills; the first one (`accumulate` false) overwrites it. */
async function addChunk(work: Workspace, state: Linearization, plan: Plan, accumulate: boolean, options: CallOptions): Promise<void> {
  const { network, samples } = state
  const { kind, full } = plan
  const last = network.layers.length - 1
  const { signal } = options
  const owned: Float64Array[] = []
  const own = (stack: Stack): Stack => {
    owned.push(stack.data)
    return stack
  }
  try {
    const inputs = network.layers.map((layer, place): Inputs => {
      const transposed = transposedInputs(work, state, place)
      owned.push(transposed)
      return { rows: layer.rows, transposed }
    })
    const total = plan.destinations.reduce((sum, destination) => sum + flopsOf(network, destination), 0)
    let done = 0
    const fill = async (l: number, m: number, s: Stack, g: Stack | undefined): Promise<void> => {
      const destination = plan.destinations.find((wanted) => wanted.l === l && wanted.m === m)
      if (!destination) return
      const { target } = destination
      const share = flopsOf(network, destination)
      const onProgress = (fraction: number) => options.onProgress?.((done + fraction * share) / total)
      const { from, count } = destination.inputs ?? { from: 0, count: inputs[l].rows }
      const left = { from, rows: count, transposed: inputs[l].transposed.subarray(from * samples, (from + count) * samples) }
      await inputTerm(work, left, inputs[m], s, samples, target, l === m, accumulate, { signal, onProgress })
      done += share
      if (kind === 'ggn' || l === m) return
      const delta = state.deltas[m].data
      const { columns } = network.layers[m]
      if (g) await distantTerm(work, left, g, delta, columns, samples, target, signal)
      else await neighbourTerm(work, left, state.slopes[l].data, delta, network.layers[l].outputs, columns, samples, target, signal)
    }

    const top = topCurvature(work, state, kind)
    // row: S^{lm} for m = l, l + 1, … of the layer done last; crossings: G^{l→k} for k = l + 1, ….
    let row = new Map<number, Stack>()
    let crossings = new Map<number, Stack>()
    if ('stack' in top) {
      row.set(last, own(top.stack))
      await fill(last, last, top.stack, undefined)
    } else if (plan.unitMatrices !== null)
      await unitTerm(work, inputs[last], top.diagonal, network.layers[last].outputs, samples, plan.unitMatrices, accumulate, { signal })

    const lowest = Math.min(last, ...plan.destinations.map(({ l }) => l))
    for (let l = last - 1; l >= lowest; l--) {
      const nextRow = new Map<number, Stack>()
      const nextCrossings = new Map<number, Stack>()
      if (full && kind === 'hessian')
        for (let k = l + 1; k < last; k++) {
          const above = crossings.get(k)
          nextCrossings.set(
            k,
            own(above ? await descend(work, state, l, above, signal) : descendDiagonal(work, state, l, state.slopes[k].data))
          )
        }
      for (let m = l + 1; m <= (full ? last : l + 1); m++) {
        const above = row.get(m)
        if (above) nextRow.set(m, own(await descend(work, state, l, above, signal)))
        else if ('diagonal' in top) nextRow.set(m, own(descendDiagonal(work, state, l, top.diagonal)))
        else throw new Error(`curvature: the tensor of layers ${l + 2} and ${m + 1} is missing`)
        const s = nextRow.get(m)
        if (s) await fill(l, m, s, nextCrossings.get(m - 1))
      }
      const nearest = nextRow.get(l + 1)
      if (nearest) {
        const diagonal = own(await closeDiagonal(work, state, l, nearest, kind, signal))
        nextRow.set(l, diagonal)
        await fill(l, l, diagonal, undefined)
      }
      row = nextRow
      crossings = nextCrossings
    }
  } finally {
    for (const data of owned) work.release(data)
  }
}
