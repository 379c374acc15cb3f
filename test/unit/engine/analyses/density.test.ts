// The spectral density against the exact spectrum, drawn the same way and counted in bins.
import { describe, expect, it } from 'vitest'
import { density } from '../../../../src/engine/analyses/density'
import { matrix } from '../../../../src/engine/linalg'
import { density as facts } from '../../../../src/shared/analyses/density'
import { openPlain } from '../../../reference/linalg/plain'
import { makeCase } from '../nn/nets'
import { dataOf, faults, quadratic, quiet, runSource } from './source'

const linalg = openPlain()
const made = makeCase(linalg, { layers: [5, 6, 4], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 30 })
const size = made.parameters.length
const analyse = (options: Record<string, unknown>) =>
  density.work(runSource(linalg, { ...made, weights: new Map([[0, made.parameters]]) }), facts.options.parse(options), quiet)
const spectrum = async () => {
  const [{ data }] = await made.objective.curvature(made.parameters, { scope: 'full' })
  return linalg.eigenvalues(matrix(size, size, data))
}
/** Share of a unit Gaussian of standard deviation `sigma` about `mean` below `x` (Abramowitz & Stegun 7.1.26, 1.5e-7). */
function below(x: number, mean: number, sigma: number): number {
  const z = (x - mean) / (sigma * Math.SQRT2)
  const t = 1 / (1 + 0.3275911 * Math.abs(z))
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-z * z)
  return z > 0 ? 1 - tail / 2 : tail / 2
}

describe('the density', () => {
  it('is the histogram of the exact eigenvalues within its error bars, with its trace and its ends', async () => {
    const found = await analyse({ probes: 60, vectors: size, bandwidth: 0.04, points: 800, seed: 5 })
    expect(faults(found)).toEqual([])
    const values = await spectrum()
    const [grid, rho, error] = ['grid', 'density', 'error'].map((name) => dataOf(found, name))
    const sigma = found.figures.sigma ?? 0
    const bins = 25
    const per = 800 / bins
    let outside = 0
    for (let bin = 0; bin < bins; bin++) {
      const [from, to] = [bin * per, Math.min(799, (bin + 1) * per)]
      const exact = values.reduce((sum, value) => sum + (below(grid[to], value, sigma) - below(grid[from], value, sigma)) / size, 0)
      let share = 0
      let spread = 0
      for (let k = from; k < to; k++) {
        share += ((rho[k] + rho[k + 1]) / 2) * (grid[k + 1] - grid[k])
        spread += ((error[k] + error[k + 1]) / 2) * (grid[k + 1] - grid[k])
      }
      if (Math.abs(share - exact) > 3 * spread + 1e-3) outside++
    }
    // Three standard errors of 60 probes.
    expect(outside).toBeLessThanOrEqual(1)
    const trace = values.reduce((sum, value) => sum + value, 0)
    expect(Math.abs((found.figures.trace ?? 0) - trace)).toBeLessThan(4 * (found.figures.traceError ?? 0))
    expect(found.figures.lowest).toBeCloseTo(values[0], 10)
    expect(found.figures.highest).toBeCloseTo(values[size - 1], 10)
  })

  it('has smaller error bars with more probes, about as their root, and the same bits for the same seed', async () => {
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
    const [few, many] = [await analyse({ probes: 10, vectors: 20 }), await analyse({ probes: 160, vectors: 20 })]
    expect(mean(dataOf(few, 'error')) / mean(dataOf(many, 'error'))).toBeGreaterThan(2)
    expect(mean(dataOf(few, 'error')) / mean(dataOf(many, 'error'))).toBeLessThan(8)
    expect(dataOf(await analyse({ probes: 10, vectors: 20 }), 'density')).toEqual(dataOf(few, 'density'))
    expect(dataOf(await analyse({ probes: 10, vectors: 20, seed: 1 }), 'density')).not.toEqual(dataOf(few, 'density'))
    const [a, b] = [few, many].map(({ figures }) => figures)
    expect(Math.abs((a.trace ?? 0) - (b.trace ?? 0))).toBeLessThan(4 * (a.traceError ?? 0))
  })

  it('of a multiple of the identity is one Gaussian, without scatter', async () => {
    const objective = quadratic(linalg, [2, 2, 2, 2, 2])
    const source = runSource(linalg, { objective, weights: new Map([[0, new Float64Array(5)]]) })
    const found = await density.work(source, facts.options.parse({ probes: 4 }), quiet)
    expect(faults(found)).toEqual([])
    expect(found.figures).toMatchObject({
      trace: expect.closeTo(10, 12),
      traceError: expect.closeTo(0, 12),
      lowest: expect.closeTo(2, 13),
      highest: expect.closeTo(2, 13)
    })
    expect(Math.max(...dataOf(found, 'error'))).toBeLessThan(1e-9)
  })
})
