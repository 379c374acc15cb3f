// A step's diagnostics as a line of metrics.ndjson: what was not finite is marked.
import { expect, test } from 'vitest'
import type { SpectrumFigures } from '../../../../src/engine/optimizers/interface'
import { diagnosticsLine } from '../../../../src/engine/training/metrics'
import { metricsLineSchema } from '../../../../src/shared/run/schema'
import { growingColumns } from '../../../../src/store/metrics/columns'

const spectrum: SpectrumFigures = { lambdaMin: -1, lambdaMax: 3, index: 0.5, zero: 0, flipped: 1, trace: 2, effectiveRank: 1.5 }
const written = (diagnostics: Parameters<typeof diagnosticsLine>[0]) => {
  const line = { step: 1, epoch: 1, seconds: 1, loss: 1, gradNorm: 1, stepNorm: 1, ...diagnosticsLine(diagnostics) }
  return metricsLineSchema.parse(JSON.parse(JSON.stringify(line)))
}

test('a figure that was computed and is not finite is null in the file and marked in the columns', () => {
  const line = written({
    predictedDecrease: NaN,
    cosine: -Infinity,
    figures: { condition: Infinity, rank: 3 },
    spectrum: { W1: { ...spectrum, effectiveRank: NaN } }
  })
  expect(line).toMatchObject({
    predictedDecrease: null,
    cosine: null,
    figures: { condition: null, rank: 3 },
    effectiveRank: null,
    lambdaMin: -1
  })
  const columns = growingColumns()
  columns.add(line)
  for (const name of ['predictedDecrease', 'cosine', 'figures.condition', 'effectiveRank'])
    expect(columns.notFinite(name), name).toEqual([0])
  expect(columns.notFinite('figures.rank')).toEqual([])
})

test('a figure that was not computed has no place in the line', () => {
  const columns = growingColumns()
  columns.add(written({}))
  for (const name of ['predictedDecrease', 'cosine', 'damping', 'lambdaMin']) expect(columns.names).not.toContain(name)
})
