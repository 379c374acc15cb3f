// What the panels of depth and lyapunov and a study over the learning rate compute before they draw.
import { describe, expect, it } from 'vitest'
import { cumulated, phaseTable, thinnedLine } from '../../../src/renderer/features/analyses/panels/depth-lines'
import { learningRateFault, learningRateStudy } from '../../../src/renderer/features/analyses/panels/learning-rate-study'
import {
  cumulatedExponents,
  descendingRows,
  dynamicsSentences,
  edgeSentence,
  largestOfRows,
  pickedExponents
} from '../../../src/renderer/features/analyses/panels/lyapunov-lines'
import { edgeOf, edgeRate } from '../../../src/renderer/features/studies/edge'
import { metricChoices } from '../../../src/renderer/features/studies/selection'
import type { StudyRow } from '../../../src/shared/studies/answers'
import { checkStudy } from '../../../src/shared/studies/check'
import { checkSpec } from '../../../src/shared/spec/check'

const array = (shape: number[], data: number[]) => ({ shape, data: Float64Array.from(data) })

describe('layers as a chain', () => {
  it('multiplies χ, thins lines and tells grid, line and net apart', () => {
    expect([...cumulated(Float64Array.of(2, 0.5, 3))]).toEqual([1, 2, 1, 3])
    const line = Float64Array.from({ length: 20 }, (_, i) => i)
    expect([...thinnedLine(line, 4)]).toEqual([0, 1, 6, 7, 12, 13, 18, 19])
    expect(thinnedLine(line, 50)).toBe(line)
    const table = phaseTable(array([1, 2], [0.5, 2]), [1, 2], [0], Float64Array.of(1, 0), { sigmaW: 3, sigmaB: 0, chi: 4 })
    expect(table.columns[0]).toEqual(['grid', 'grid', 'critical line', 'this net'])
    expect([table.columns[1], table.columns[3]]).toEqual([
      [1, 2, 1, 3],
      [0.5, 2, 1, 4]
    ])
  })
})

describe('exponents of training', () => {
  it('are picked from both ends, summed while they are finite, and ordered a step', () => {
    expect(pickedExponents(3, 8)).toEqual([0, 1, 2])
    const picked = pickedExponents(565, 8)
    expect([picked.slice(0, 3), picked.length, picked[7]]).toEqual([[0, 1, 2], 8, 564])
    expect([...cumulatedExponents(Float64Array.of(1, -2, -Infinity))]).toEqual([1, -1])
    const oneStep = array([2, 3], [-1, 0.5, -Infinity, NaN, NaN, NaN])
    expect([...descendingRows(oneStep, 2)]).toEqual([0.5, -1, -2, NaN, NaN, NaN])
    expect([...largestOfRows(oneStep)]).toEqual([0.5, NaN])
  })

  it('say what they mean, with the condition of equality, and nothing that is not known', () => {
    const figures = {
      largest: 0.5,
      largestError: 0.01,
      sumPositive: 0.75,
      positive: 2,
      kaplanYorke: 1.5,
      sum: -3,
      sharpness: 30,
      twoOverEta: 20
    }
    const [first, ruelle, dimension, edge] = dynamicsSentences(figures, 1000)
    expect(first).toMatch(/^Largest exponent 0\.5 ± 0\.01 nats a step over 1.000 steps: small differences grow/)
    expect(ruelle).toMatch(/sum of the 2 positive exponents, 0\.75 nats a step.*only for measures that are smooth.*SRB/)
    expect(dimension).toContain('Kaplan–Yorke dimension 1.5')
    expect(edge).toBe(edgeSentence(figures))
    expect(edge).toContain('is 1.5 times 2/η = 20: above the edge of stability')
    expect(dynamicsSentences({ ...figures, largest: 0.001 }, 10)[0]).toContain('zero within two standard errors')
    expect(dynamicsSentences({ largest: -1, sumPositive: 0, positive: 0, kaplanYorke: null, sum: 1 }, 10)).toEqual([
      expect.stringContaining('small differences shrink'),
      expect.stringContaining('No exponent is positive'),
      expect.stringContaining('There is no Kaplan–Yorke dimension')
    ])
    expect(edgeSentence({ sharpness: 3, twoOverEta: null })).toBeNull()
  })
})

const functionSpec = {
  schemaVersion: 1,
  name: 'bowl',
  problem: { kind: 'function', function: 'x^2 + 3*y^2', start: [1, 1] },
  optimizer: { kind: 'gd', learningRate: 0.2 },
  budget: { steps: 5 }
}

describe('the study over the learning rate', () => {
  it('is a whole study, a decade to both sides, with the analysis as it was made', async () => {
    const { spec } = await checkSpec(functionSpec)
    if (spec === null) throw new Error('no spec')
    const made = learningRateStudy(spec, { step: 0, options: { steps: 50, exponents: 'all', discard: 3, r: null } })
    const { study, problems, cells } = await checkStudy(made)
    expect(problems).toEqual([])
    expect(cells.map(({ values }) => values['optimizer.learningRate'])).toHaveLength(9)
    expect([cells[0], cells[4], cells[8]].map(({ values }) => values['optimizer.learningRate'])).toEqual([0.02, 0.2, 2])
    expect(study?.analyse).toMatchObject([{ kind: 'lyapunov', at: 'start', options: { steps: 50, exponents: 'all', discard: 3 } }])
    expect(learningRateFault(spec)).toBeNull()
    const { spec: scheduled } = await checkSpec({ ...functionSpec, optimizer: { kind: 'gd', learningRate: '0.1/t' } })
    expect(scheduled && learningRateFault(scheduled)).toContain('is the schedule 0.1/t')
    expect(metricChoices(functionSpec, 'loss', [{ kind: 'lyapunov' }]).map(({ label }) => label)).toContain(
      'lyapunov.largest: largest exponent'
    )
  })

  it('marks where the sharpness comes to 2/η, and says where it does not', async () => {
    expect(
      edgeRate([
        { rate: 1, ratio: 0.25 },
        { rate: 4, ratio: 4 }
      ])
    ).toBeCloseTo(2, 14)
    expect(edgeRate([{ rate: 1, ratio: 0.5 }])).toBeNull()
    const { study } = await checkStudy(learningRateStudy((await checkSpec(functionSpec)).spec as never, { step: 5, options: {} }))
    const row = (rate: number): StudyRow => ({
      index: 0,
      values: { 'optimizer.learningRate': rate },
      optimizer: null,
      n: 1,
      of: 1,
      mean: 0,
      std: null,
      costs: null,
      runs: [
        {
          run: 'r',
          seed: 0,
          state: 'done',
          value: 0,
          step: 5,
          analyses: { figures: { 'lyapunov.sharpness': 6, 'lyapunov.twoOverEta': 2 / rate }, due: 0, faults: [] }
        }
      ]
    })
    const details = { spec: study as never }
    // 6 = 2/η at a third.
    expect(edgeOf(details, 'optimizer.learningRate', [row(0.4), row(0.2), row(0.1)]).places[0].x).toBeCloseTo(1 / 3, 12)
    expect(edgeOf(details, 'optimizer.learningRate', [row(0.1), row(0.2)]).note).toContain('stays below 2/η')
    expect(edgeOf(details, 'seed', [row(0.4), row(0.2)])).toEqual({ places: [], note: null })
  })
})
