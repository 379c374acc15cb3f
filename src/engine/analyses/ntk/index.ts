// The kind `ntk`: the tangent kernel's eigenvalues, and the Gauss–Newton matrix's by another way.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { zeroTolerance } from '../../../shared/run/curvature'
import { isFunctionSpec } from '../../../shared/spec/schema'
import { curvatureBytes, requireBytes } from '../../curvature/memory'
import { matrix, type Linalg } from '../../linalg'
import { batchRows } from '../../nn/forward'
import type { Objective } from '../../objective'
import { networkObjective } from '../../objectives/network'
import type { AnalysisCall, AnalysisEngine } from '../interface'
import { tangentKernel } from './kernel'

const defaultSamples = 128
const samplesOf = (asked: number | null, available: number) => Math.min(asked ?? defaultSamples, available)
/** The kernel, and what its decomposition adds. */
const kernelBytes = (rows: number) => 8 * rows * rows * 1.2 + 32e6
/** Weights up to which the Gauss–Newton matrix is assembled for comparison: a minute or two. */
const mostWeights = 8000

const eigenSeconds = (n: number) => 1e-10 * n ** 3

/** Descending. */
async function gaussNewton(linalg: Linalg, objective: Objective, parameters: Float64Array, signal: AbortSignal): Promise<Float64Array> {
  const [{ data, size }] = await objective.curvature(parameters, { scope: 'full', kind: 'ggn', signal })
  try {
    return (await linalg.eigenvalues(matrix(size, size, data), { overwrite: true, signal })).slice().reverse()
  } finally {
    linalg.release(data)
  }
}

/** Descending, of the kernel; and its trace. */
async function kernelSpectrum(linalg: Linalg, kernel: ReturnType<typeof matrix>, { signal }: AnalysisCall) {
  try {
    let trace = 0
    for (let i = 0; i < kernel.rows; i++) trace += kernel.data[i * (kernel.rows + 1)]
    return { trace, eigenvalues: (await linalg.eigenvalues(kernel, { overwrite: true, signal })).slice().reverse() }
  } finally {
    linalg.release(kernel.data)
  }
}

export const ntk: AnalysisEngine<AnalysisOptions<'ntk'>> = {
  cost({ parameterCount, samples, outputs }, options) {
    const rows = samplesOf(options.samples, samples) * outputs
    const compared = parameterCount <= mostWeights ? parameterCount : 0
    return {
      seconds: 0.1 + eigenSeconds(rows) + 2e-10 * rows * rows * Math.sqrt(parameterCount) + 2 * eigenSeconds(compared),
      memoryBytes: Math.max(kernelBytes(rows), 10 * compared * compared + 32e6),
      diskBytes: 16 * rows
    }
  },
  refusal: (spec) => (isFunctionSpec(spec) ? 'a function has no outputs and so no tangent kernel; give a run or spec of a network' : null),
  async work(source, options, call) {
    const { signal, onProgress } = call
    const { network: given, linalg, parameters, samples: available } = await source.point()
    if (given === null) throw new Error('ntk: a function has no outputs and so no tangent kernel')
    const { network, loss } = given
    const samples = samplesOf(options.samples, available)
    const batch = batchRows(given.batch, 0, samples)
    const rows = samples * batch.targets.columns
    requireBytes(`the tangent kernel of ${samples} samples and ${batch.targets.columns} outputs`, kernelBytes(rows), linalg.availableBytes)
    const assembling = (fraction: number) => onProgress(0.3 * fraction, 'assembling the kernel')
    const kernel = await tangentKernel(linalg, network, loss, batch, parameters, { signal, onProgress: assembling })
    onProgress(0.3, 'eigenvalues of the kernel')
    const { eigenvalues, trace } = await kernelSpectrum(linalg, kernel, call)

    const notes = [
      `On the first ${samples} of ${available} samples. The Gauss–Newton matrix is that of the loss of these samples alone, without weight decay.`
    ]
    if (loss === 'mse') notes.push('The kernel is multiplied with the second derivative of mse by an output, 2 / (samples · outputs).')
    if (loss === 'softmax-cross-entropy')
      notes.push(
        'The kernel is taken with a root of the second derivative of the cross-entropy by the outputs, diag(p) − p pᵀ over the samples.'
      )
    const objective = networkObjective({ linalg }, network, loss, batch)
    const { peak } = curvatureBytes(objective.blocks, 'full', { eigen: 'values' })
    const fits = network.parameterCount <= mostWeights && peak <= linalg.availableBytes
    const ggn = new Float64Array(rows)
    if (fits) {
      onProgress(0.6, 'Gauss–Newton matrix')
      ggn.set((await gaussNewton(linalg, objective, parameters, signal)).subarray(0, rows))
    } else
      notes.push(
        `The Gauss–Newton matrix of ${network.parameterCount} weights was not assembled: it is compared up to ${mostWeights}, where it fits.`
      )

    const largest = Math.max(eigenvalues[0], 0)
    const tolerance = zeroTolerance(eigenvalues, rows)
    const rank = eigenvalues.filter((value) => value > tolerance).length
    const apart = eigenvalues.reduce((most, value, k) => Math.max(most, Math.abs(value - ggn[k])), 0)
    const relative = (value: number, whole: number) => (whole > 0 ? value / whole : value)
    const sum = eigenvalues.reduce((total, value) => total + value, 0)
    return {
      arrays: { eigenvalues: { shape: [rows], data: eigenvalues }, ...(fits ? { ggn: { shape: [rows], data: ggn } } : {}) },
      figures: { trace, conditionNumber: rank > 0 ? largest / eigenvalues[rank - 1] : null, rank, rows, samples },
      checks: {
        trace: { value: relative(Math.abs(sum - trace), trace), limit: 1e-10 },
        ...(fits ? { ggn: { value: relative(apart, largest), limit: 1e-10 } } : {})
      },
      notes,
      said: `rank ${rank} of ${rows}, largest eigenvalue ${largest.toPrecision(4)}, trace ${trace.toPrecision(4)}`
    }
  }
}
