// Deep tanh nets of one width for tests of χ: what a number of fresh ones have on the average, and what mean-field theory says.
import { depth } from '../../../../src/engine/analyses/depth'
import { matrix, openLinalg } from '../../../../src/engine/linalg'
import { createNetwork } from '../../../../src/engine/nn/network'
import { drawParameters } from '../../../../src/engine/nn/parameters'
import { networkObjective } from '../../../../src/engine/objectives/network'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { depth as facts } from '../../../../src/shared/analyses/depth'
import { networkSpecSchema } from '../../../../src/shared/spec/schema'
import { dataOf, networkSource, quiet } from './source'

export async function chainNet({ width, layers, sigmaW, seeds }: { width: number; layers: number; sigmaW: number; seeds: number }) {
  const linalg = await openLinalg()
  try {
    const widths = Array.from({ length: layers + 1 }, () => width)
    const spec = networkSpecSchema.parse({
      schemaVersion: 1,
      name: 'chain',
      data: { dataset: 'mnist10' },
      model: { layers: widths, activation: { kind: 'tanh' }, init: { kind: 'mean-field-normal', sigmaW, sigmaB: 0 } },
      loss: 'mse',
      optimizer: { kind: 'gd' },
      budget: { steps: 1 }
    })
    const network = createNetwork(spec.model, spec.loss)
    const random = randomStream(5, 'inputs')
    const inputs = matrix(4, width, fillNormal(random, new Float64Array(4 * width)))
    const batch = { inputs, targets: matrix(4, width) }
    const objective = networkObjective({ linalg }, network, 'mse', batch)
    const parameters = drawParameters(network, { kind: 'mean-field-normal', sigmaW, sigmaB: 0 }, randomStream(spec.seed, 'init'))
    const source = { ...networkSource(linalg, { network, batch, objective, parameters, loss: 'mse' }), spec }
    const options = facts.options.parse({ samples: 4, seeds, exponents: 1, sweeps: 2, coupling: false })
    const found = await depth.work(source, options, quiet)
    return { chi: dataOf(found, 'redrawn'), predicted: dataOf(found, 'redrawnMeanField'), fixedChi: found.figures.chiStar ?? Number.NaN }
  } finally {
    await linalg.dispose()
  }
}
