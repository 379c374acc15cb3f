// How far an approximate curvature's step is from the exact one of each layer's Gauss–Newton block: what only small networks can be asked.
import { norm, cosineBetween } from '../linalg/vectors'
import { blockSolver } from './block-solver'
import { assemblyGradients, spectrumFigures } from './figures'
import type { SpectrumFigures, StepDiagnostics, StepInput } from './interface'

/**
 * By layer, beside x_l = (G_l + δI)⁻¹ g_l with the exact Gauss–Newton block (weight decay included): `cosine W1` of the two directions, `length W1`
 * (theirs / exact) and `distance W1` (‖theirs − exact‖ / ‖exact‖); and the exact blocks' spectra. `direction` is what the step goes along, before the learning rate.
 */
export async function besideExactStep(direction: Float64Array, damping: number, input: StepInput): Promise<StepDiagnostics> {
  const { linalg, curvatureObjective, parameters, gradient, signal, onPhase, onProgress } = input
  onPhase?.('exact Gauss–Newton blocks')
  const blocks = await curvatureObjective.curvature(parameters, { scope: 'layer-blocks', kind: 'ggn', signal, onProgress })
  const figures: Record<string, number> = {}
  const spectrum: Record<string, SpectrumFigures> = {}
  try {
    for (const block of blocks) {
      const { name, offset, size } = block
      const solver = blockSolver(linalg, block, gradient, {
        rule: 'shifted',
        decompose: true,
        signal,
        onPhase,
        onProgress,
        scratch: () => null
      })
      try {
        const exact = (await solver.solve(damping)).direction
        const theirs = direction.subarray(offset, offset + size)
        const length = norm(exact)
        figures[`cosine ${name}`] = cosineBetween(theirs, exact)
        figures[`length ${name}`] = norm(theirs) / length
        figures[`distance ${name}`] = norm(exact.map((value, i) => theirs[i] - value)) / length
        spectrum[name] = spectrumFigures(await solver.eigenvalues(), size, 0)
      } finally {
        solver.release()
      }
    }
    return { figures, spectrum, extraGradients: assemblyGradients(blocks, parameters.length) }
  } finally {
    for (const { data } of blocks) linalg.release(data)
  }
}
