// Which units have passed a kink of their activation between two points.
import { block } from '../../linalg'
import { forward } from '../../nn/forward'
import { defaultChunk } from '../../objectives/network'
import { hasKinks, type AnalysisPoint } from '../interface'

/** Sides of all units with a kink on all samples, in the order of the forward pass. */
async function sidesOf({ linalg, network: parts }: AnalysisPoint, parameters: Float64Array, signal: AbortSignal): Promise<Uint8Array> {
  if (parts === null) return new Uint8Array(0)
  const { network, batch } = parts
  const kinked = network.layers.flatMap(({ activation, outputs }, layer) =>
    activation.piecewiseLinear && activation.lowerSlope !== 1 ? [{ layer, outputs }] : []
  )
  const sides = new Uint8Array(batch.inputs.rows * kinked.reduce((sum, { outputs }) => sum + outputs, 0))
  const chunk = defaultChunk(network)
  let at = 0
  for (let from = 0; from < batch.inputs.rows; from += chunk) {
    const rows = Math.min(chunk, batch.inputs.rows - from)
    const { nets } = await forward(linalg, network, block(batch.inputs, from, 0, rows, batch.inputs.columns), parameters, { signal })
    for (const { layer } of kinked) for (const value of nets[layer].data) sides[at++] = value > 0 ? 1 : 0
  }
  return sides
}

/** The share of units × samples whose side of the kink at `parameters` is not the one at the point; null where no activation has a kink. */
export async function crossingCounter(
  point: AnalysisPoint,
  signal: AbortSignal
): Promise<((parameters: Float64Array) => Promise<number>) | null> {
  if (!hasKinks(point)) return null
  const here = await sidesOf(point, point.parameters, signal)
  return async (parameters) => {
    const there = await sidesOf(point, parameters, signal)
    let crossed = 0
    for (let i = 0; i < here.length; i++) if (here[i] !== there[i]) crossed++
    return crossed / here.length
  }
}
