// The circular equations of small square nets: how many iterations each method takes and in what time, beside a direct solution of the assembled Hessian.
import { circularEquations } from '../src/engine/curvature/inverse-gradient/circular'
import { invertNetwork } from '../src/engine/curvature/inverse-gradient/deep'
import { solveJoint } from '../src/engine/curvature/inverse-gradient/joint'
import { minres, relax, type Equations } from '../src/engine/curvature/inverse-gradient/relaxation'
import { matrix, openLinalg, type Linalg } from '../src/engine/linalg'
import { linearize } from '../src/engine/nn/forward'
import { lossFunction } from '../src/engine/nn/losses'
import { createNetwork } from '../src/engine/nn/network'
import { drawParameters } from '../src/engine/nn/parameters'
import { networkObjective } from '../src/engine/objectives/network'
import { fillNormal, randomStream } from '../src/engine/random'
import type { Activation } from '../src/shared/spec/schema'
import type { Bench, Row } from './bench'
import { medianSeconds } from './measure'
import { relativeDifference } from './networks'

const nets: readonly { readonly width: number; readonly layers: number; readonly activation: Activation }[] = [
  { width: 10, layers: 2, activation: { kind: 'tanh' } },
  { width: 10, layers: 2, activation: { kind: 'leaky-relu', slope: 0.5 } },
  { width: 10, layers: 3, activation: { kind: 'tanh' } },
  { width: 20, layers: 2, activation: { kind: 'tanh' } },
  { width: 28, layers: 2, activation: { kind: 'tanh' } }
]

function problem(linalg: Linalg, { width, layers, activation }: (typeof nets)[number]) {
  const network = createNetwork(
    { layers: Array<number>(layers + 1).fill(width), activation, outputActivation: null, bias: false },
    'half-sse'
  )
  const random = randomStream(0, 'bench')
  const draw = (deviation: number) => matrix(width, width, fillNormal(random, new Float64Array(width * width), deviation))
  const batch = { inputs: draw(1), targets: draw(0.3) }
  const parameters = drawParameters(network, { kind: 'fan-in-normal', gain: 0.8 }, random)
  return { network, batch, parameters, objective: networkObjective({ linalg }, network, 'half-sse', batch) }
}

async function row(linalg: Linalg, net: (typeof nets)[number], signal?: AbortSignal): Promise<Row> {
  const { network, batch, parameters, objective } = problem(linalg, net)
  const g = new Float64Array(parameters.length)
  await objective.gradient(parameters, g, { signal })
  const state = await linearize(linalg, network, lossFunction('half-sse'), batch, 1, parameters, { signal })

  const equations = async (): Promise<Equations> => {
    const inverted = await invertNetwork(linalg, state, { signal })
    const multiply = await objective.products(parameters, 'hessian', { signal })
    const found = await circularEquations(linalg, state, inverted, { system: 'joint', multiply, g }, { signal })
    inverted.release()
    return found
  }
  const direct = async () => {
    const [block] = await objective.curvature(parameters, { scope: 'full', signal })
    const found = await linalg.leastSquares(matrix(block.size, block.size, block.data), matrix(g.length, 1, g), { signal })
    const { offset, stride, data } = found.solution
    const solution = g.map((_, i) => data[offset + i * stride])
    found.release()
    linalg.release(block.data)
    return { solution, condition: found.condition }
  }
  const given = await equations()
  const { solution, condition } = await direct()
  const joint = await solveJoint(linalg, given, { signal })
  const plain = await relax(given, { signal })
  const most = { iterations: parameters.length, tolerance: 1e-9, signal }
  const [within, without] = [await minres(given, most), await minres({ ...given, preconditioner: async (v) => v.slice() }, most)]
  const jointSeconds = await medianSeconds(async () => solveJoint(linalg, await equations(), { signal }), { repeats: 3 })
  const directSeconds = await medianSeconds(direct, { repeats: 3 })
  return {
    what: `${net.layers} × ${net.width}², ${net.activation.kind} (${linalg.info.kind})`,
    weights: parameters.length,
    condition,
    plain: plain.outcome,
    method: joint.method,
    iterations: within.residuals.length - 1,
    withoutM: without.residuals.length - 1,
    joint: jointSeconds,
    direct: directSeconds,
    difference: relativeDifference(joint.solution, solution)
  }
}

export const relaxationBench: Bench = {
  describe:
    'the circular equations of square nets: iterations of MINRES with and without M⁻¹, seconds of mode joint and of a direct solution',
  async run({ report, signal, note }) {
    const rows: Row[] = []
    for (const backend of ['lapack', 'wasm'] as const) {
      let linalg: Linalg
      try {
        linalg = await openLinalg({ backend })
      } catch (error) {
        note(`${backend} is left out: ${error instanceof Error ? error.message : String(error)}`)
        continue
      }
      try {
        for (const net of nets) {
          const measured = await row(linalg, net, signal)
          rows.push(measured)
          report(measured)
        }
      } finally {
        await linalg.dispose()
      }
    }
    return rows
  }
}
