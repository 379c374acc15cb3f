// The kind `depth`: layers as the sites of a chain (docs/depth.md).
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { isFunctionSpec, type RunSpec } from '../../../shared/spec/schema'
import { block, rowOf, type Linalg } from '../../linalg'
import { forward, slopesOf, weightsOf, type ForwardState } from '../../nn/forward'
import type { AnalysisArray, AnalysisCall, AnalysisEngine, AnalysisPoint } from '../interface'
import { samplesNote } from '../which-samples'
import { couplingRefusal, couplingsAt, type LayerCoupling } from './coupling'
import {
  commonEnsemble,
  drawnInit,
  ensemblesOfInit,
  ensemblesOfWeights,
  measuredGrowth,
  meanAndError,
  predictedGrowth,
  redrawnGrowth
} from './growth'
import { fixedPoint, phaseDiagram, type Ensemble } from './mean-field'
import { chainExponents, jacobianNorms, productOf, type Exponents, type Transfer } from './transfer'

type Options = AnalysisOptions<'depth'>
type Check = { readonly value: number | null; readonly limit: number }

/** Points on a side of the phase diagram. */
const phasePoints = 41
/** Singular values of the product itself are compared down to this part of the largest. */
const seen = 1e-4

const finite = (value: number) => (Number.isFinite(value) ? value : null)
const vector = (data: Float64Array): AnalysisArray => ({ shape: [data.length], data })
const grid = (rows: number, data: Float64Array): AnalysisArray => ({ shape: [rows, rows === 0 ? 0 : data.length / rows], data })

/** Of one sample, all layers. */
function chainOf({ network, parameters, nets }: ForwardState, sample: number): Transfer[] {
  return network.layers.map((layer, l) => {
    const row = block(nets[l], sample, 0, 1, nets[l].columns)
    const net = { ...row, data: rowOf(row, 0).slice(), offset: 0, stride: row.columns }
    return { weights: weightsOf(layer, parameters), slopes: slopesOf(layer.activation, net).data }
  })
}

interface Transfers {
  readonly arrays: Readonly<Record<string, AnalysisArray>>
  readonly mean: Float64Array
  readonly jacobian: Float64Array
  readonly sweeps: number
  readonly checks: { readonly product: Check; readonly settled: Check }
}

async function transfersOf(
  linalg: Linalg,
  state: ForwardState,
  { exponents, chain, sweeps }: Options,
  call: AnalysisCall
): Promise<Transfers> {
  const { signal, onProgress } = call
  const depth = state.network.layers.length
  const within = (sites: readonly Transfer[]) => (chain === 'hidden' ? sites.slice(1, -1) : sites)
  const found: Exponents[] = []
  const jacobian = new Float64Array(depth)
  let product = 0
  for (let n = 0; n < state.samples; n++) {
    const all = chainOf(state, n)
    const sites = within(all)
    const count = Math.min(exponents, ...sites.flatMap(({ weights }) => [weights.rows, weights.columns]))
    const own = await chainExponents(linalg, sites, { count, sweeps, signal })
    found.push(own)
    const norms = await jacobianNorms(linalg, all, signal)
    norms.forEach((value, l) => (jacobian[l] += value / state.samples))
    if (n === 0)
      product = apartFromProduct(own.values, await linalg.singularValues(await productOf(linalg, sites, signal), { signal }), sites.length)
    onProgress((n + 1) / state.samples, `transfer matrices of sample ${n + 1} of ${state.samples}`)
  }
  const count = found[0].values.length
  const layers = found[0].byLayer.length / count
  const over = (of: (one: Exponents) => number) => Float64Array.from(found, of)
  const mean = found[0].values.map((_, i) => meanAndError(over(({ values }) => values[i]))[0])
  const spread = found[0].values.map((_, i) => meanAndError(over(({ values }) => values[i]))[1] * Math.sqrt(found.length))
  const byLayer = found[0].byLayer.map((_, i) => meanAndError(over((one) => one.byLayer[i]))[0])
  const correlation = over(({ values }) => (count < 2 ? Number.NaN : 1 / (values[0] - values[1])))
  const bySample = new Float64Array(found.length * count)
  found.forEach(({ values }, n) => bySample.set(values, n * count))
  return {
    arrays: {
      exponents: vector(mean),
      spread: vector(spread),
      bySample: grid(found.length, bySample),
      byLayer: grid(layers, byLayer),
      correlation: vector(correlation),
      jacobian: vector(jacobian)
    },
    mean,
    jacobian,
    sweeps: found.reduce((most, one) => Math.max(most, one.sweeps), 0),
    checks: {
      product: { value: product, limit: 1e-6 },
      settled: { value: finite(found.reduce((most, { change }) => Math.max(most, change), 0)), limit: 1e-6 }
    }
  }
}

/** Largest difference to ln σ over the layers, of the σ that the product's rounding leaves. */
function apartFromProduct(exponents: Float64Array, singular: Float64Array, layers: number): number {
  let most = 0
  exponents.forEach((value, i) => {
    if (singular[i] > seen * singular[0]) most = Math.max(most, Math.abs(value - Math.log(singular[i]) / layers))
  })
  return most
}

function couplingArrays(name: 'coupling' | 'response', { matrix, self, byDistance }: LayerCoupling): Record<string, AnalysisArray> {
  return { [name]: grid(self.length, matrix), [`${name}Self`]: vector(self), [`${name}ByDistance`]: vector(byDistance) }
}

async function coupled(point: AnalysisPoint, { coupling, damping }: Options, call: AnalysisCall) {
  const none = {
    arrays: {} as Record<string, AnalysisArray>,
    figures: { negative: null, nearest: null },
    checks: {},
    notes: [] as string[]
  }
  if (!coupling) return none
  const refusal = couplingRefusal(point)
  if (refusal !== null) return { ...none, notes: [refusal] }
  const { hessian, response, negative, nearest, checks } = await couplingsAt(point, { ...call, damping })
  const saddle = `H + δ with δ = ${damping} has ${negative} negative eigenvalues: its inverse is the response of a saddle, no susceptibility.`
  return {
    arrays: { ...couplingArrays('coupling', hessian), ...(response === null ? {} : couplingArrays('response', response)) },
    figures: { negative, nearest },
    checks,
    notes:
      response === null
        ? [`There is no linear response: H + δ with δ = ${damping} is singular within rounding; a larger damping makes it one.`]
        : negative > 0
          ? [saddle]
          : []
  }
}

/** How far the phase diagram reaches: the net's own point well inside. */
const reach = ({ sigmaW, sigmaB }: Ensemble): Ensemble => ({ sigmaW: Math.max(3, 1.5 * sigmaW), sigmaB: Math.max(1, 1.5 * sigmaB) })

/** What the theory is told: σ_w and σ_b as drawn where they still are, else as the weights have them; φ is that of the hidden layers. */
function meanFieldOf(spec: RunSpec, point: AnalysisPoint, { network, batch }: NonNullable<AnalysisPoint['network']>, samples: number) {
  const init = drawnInit(spec)
  const known = init !== null && point.step === 0
  const ensembles = known ? ensemblesOfInit(network, init) : ensemblesOfWeights(network, point.parameters)
  const inputs = block(batch.inputs, 0, 0, samples, batch.inputs.columns)
  const ensemble = commonEnsemble(ensembles)
  const { activation } = network.layers[0]
  const source = known
    ? 'Mean-field theory is told σ_w and σ_b of the init, by which the weights were drawn.'
    : `Mean-field theory is told σ_w and σ_b of the weights as they are, layer by layer (root mean squares)${init === null ? '' : ': the init is that of the start, and these weights are trained'}.`
  return { init, ensembles, inputs, ensemble, activation, source, predicted: predictedGrowth(network, ensembles, inputs) }
}

const largestDeviation = (measured: Float64Array, predicted: Float64Array) =>
  measured.reduce((most, chi, l) => Math.max(most, Math.abs(chi / predicted[l] - 1)), 0)

const mean = (values: Float64Array) => meanAndError(values)[0]

export const depth: AnalysisEngine<Options> = {
  cost({ parameterCount: size, samples: available }, { samples, seeds, exponents, coupling }) {
    const count = Math.min(samples, available)
    const width = Math.min(exponents + 8, Math.sqrt(size))
    const whole = coupling && size <= 6000
    return {
      seconds:
        0.5 +
        count * 2e-9 * size * (40 * width + Math.sqrt(size)) +
        seeds * 6e-8 * size +
        (whole ? 3e-10 * size ** 3 + 1e-9 * size * size * available : 0),
      memoryBytes: 64e6 + 8 * size * 6 + (whole ? 24 * size * size : 0),
      diskBytes: 8 * (phasePoints ** 2 + 20_000)
    }
  },
  refusal(spec, _shape, { seeds, chain }) {
    if (isFunctionSpec(spec)) return 'it looks through the layers of a net: a function has none'
    const depth = spec.model.layers.length - 1
    if (depth < 2) return 'it looks from layer to layer: this net has one layer, and needs two at least'
    if (chain === 'hidden' && depth < 3)
      return 'chain hidden goes from the first hidden layer to the last: this net has one hidden layer; take chain net'
    if (seeds > 0 && drawnInit(spec) === null)
      return `seeds must be 0 where the start weights are given (model.init is ${spec.model.init.kind}): there is nothing to draw anew, got ${seeds}`
    return null
  },
  async work(source, options, call) {
    const { signal, onProgress } = call
    const { linalg, spec } = source
    const point = await source.point()
    const given = point.network
    if (given === null) throw new Error('depth: a function has no layers')
    const { network } = given
    const samples = Math.min(options.samples, point.samples)
    const theory = meanFieldOf(spec, point, given, samples)
    const state = await forward(linalg, network, theory.inputs, point.parameters, { signal })
    const whole = options.coupling && couplingRefusal(point) === null
    const share = whole ? 0.4 : 0.9
    const transfers = await transfersOf(linalg, state, options, {
      signal,
      onProgress: (done, what) => onProgress(share * 0.7 * done, what)
    })
    const growth = measuredGrowth(state)
    const { init, ensembles, ensemble, activation, predicted } = theory
    const redraw =
      options.seeds > 0 && init !== null
        ? await redrawnGrowth(linalg, network, init, theory.inputs, {
            seed: spec.seed,
            seeds: options.seeds,
            signal,
            onProgress: (done) => onProgress(share * (0.7 + 0.3 * done), 'nets drawn anew')
          })
        : null
    const redrawnField =
      redraw !== null && init !== null ? predictedGrowth(network, ensemblesOfInit(network, init), theory.inputs).chi : null
    onProgress(share, 'phase diagram')
    const fixed = fixedPoint(activation, ensemble)
    const phase = phaseDiagram(activation, reach(ensemble), phasePoints)
    const layers = await coupled(point, options, { signal, onProgress: (done, what) => onProgress(share + (1 - share) * done, what) })

    const [largest, second] = [transfers.mean[0], transfers.mean.length > 1 ? transfers.mean[1] : Number.NaN]
    const deviation =
      redraw !== null && redrawnField !== null ? largestDeviation(redraw.chi, redrawnField) : largestDeviation(growth.chi, predicted.chi)
    const unbounded = Number.isFinite(fixed.q)
      ? []
      : ['Variances grow without bound at these σ: there is no fixed point q*, and χ₁ is that of every q.']
    return {
      arrays: {
        ...transfers.arrays,
        chi: vector(growth.chi),
        chiError: vector(growth.chiError),
        meanField: vector(predicted.chi),
        variance: vector(growth.variance),
        meanFieldVariance: vector(predicted.variance),
        sigmas: grid(ensembles.length, Float64Array.from(ensembles.flatMap(({ sigmaW, sigmaB }) => [sigmaW, sigmaB]))),
        ...(redraw === null || redrawnField === null
          ? {}
          : { redrawn: vector(redraw.chi), redrawnError: vector(redraw.chiError), redrawnMeanField: vector(redrawnField) }),
        phase: grid(phasePoints, phase.chi),
        phaseSigmaW: vector(phase.sigmaW),
        phaseSigmaB: vector(phase.sigmaB),
        critical: { shape: [phase.critical.length / 2, 2], data: phase.critical },
        ...layers.arrays
      },
      figures: {
        largest: finite(largest),
        second: finite(second),
        xi: finite(1 / (largest - second)),
        sigmaW: ensemble.sigmaW,
        sigmaB: ensemble.sigmaB,
        qStar: finite(fixed.q),
        chiStar: finite(fixed.chi),
        cStar: fixed.c,
        xiC: fixed.xiC === null ? null : finite(fixed.xiC),
        chi: finite(mean(growth.chi)),
        meanField: finite(mean(predicted.chi)),
        deviation: finite(deviation),
        sweeps: transfers.sweeps,
        ...layers.figures
      },
      checks: {
        ...transfers.checks,
        chi: {
          value: growth.chi[0] === 0 ? Math.abs(transfers.jacobian[1]) : Math.abs(transfers.jacobian[1] / growth.chi[0] - 1),
          limit: 1e-12
        },
        ...layers.checks
      },
      notes: [
        `Transfer matrices, χ and q are of the first ${samples} of the ${point.samples} samples${options.chain === 'hidden' ? '; their product goes from the first hidden layer to the last' : ''}.`,
        theory.source,
        ...unbounded,
        ...(transfers.mean.some((value) => value === -Infinity)
          ? ['An exponent of −∞ is one that the product has no rank for: units at slope zero pass nothing on.']
          : []),
        ...(!('coupling' in layers.arrays) ? [] : samplesNote(point, options.data)),
        ...layers.notes
      ],
      said: `largest exponent ${largest.toPrecision(4)} nats a layer, χ ${mean(growth.chi).toPrecision(4)} on average where mean field says ${mean(predicted.chi).toPrecision(4)}`
    }
  }
}
