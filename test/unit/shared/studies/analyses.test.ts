// Analyses that a study makes: what it may ask for, their figures as metrics and columns, and how runs that lack them count.
import { describe, expect, test } from 'vitest'
import { cellsOf } from '../../../../src/shared/studies/cells'
import { checkStudy, storedStudy } from '../../../../src/shared/studies/check'
import { detailsOf, type KnownRun } from '../../../../src/shared/studies/details'
import { neededColumns, noOutcome } from '../../../../src/shared/studies/outcome'
import { resultsCsv, summaryCsv } from '../../../../src/shared/studies/tables'
import type { FoundAnalysis } from '../../../../src/shared/studies/analyses'

const base = {
  schemaVersion: 1,
  name: 'net',
  problem: { kind: 'function', function: 'rosenbrock' },
  optimizer: { kind: 'gd', learningRate: 0.001 },
  budget: { steps: 5 }
}
const input = {
  schemaVersion: 1,
  name: 'rates',
  base,
  axes: [{ path: 'optimizer.learningRate', values: [0.001, 0.002] }],
  seeds: 2,
  analyse: [{ kind: 'density', options: { probes: 3 } }],
  select: { metric: 'density.trace', goal: 'min' }
}
const faults = async (changes: Record<string, unknown>) =>
  (await checkStudy({ ...input, ...changes })).problems.map(({ path, message }) => `${path}: ${message}`)

describe('what a study may ask for', () => {
  test('is complete with the defaults of the kind, and is read again as it was stored', async () => {
    const { study, problems } = await checkStudy(input)
    expect(problems).toEqual([])
    expect(study?.analyse).toEqual([
      { kind: 'density', at: 'last', options: { probes: 3, vectors: 80, points: 400, bandwidth: 0.01, seed: 0, data: 'batch' } }
    ])
    expect(storedStudy(JSON.parse(JSON.stringify(study)))).toEqual(study)
    // Older files know nothing of analyses.
    const { analyse: _none, ...older } = { ...study, select: { metric: 'loss', goal: 'min', at: 'last' } }
    expect(storedStudy(JSON.parse(JSON.stringify(older)))?.analyse).toEqual([])
  })

  test('or every fault in it has its place', async () => {
    expect(await faults({ analyse: [{ kind: 'densty' }] })).toEqual([expect.stringMatching(/^analyse\.0\.kind: must be .*"density"/)])
    expect(await faults({ analyse: [{ kind: 'density', options: { probes: 0 } }] })).toEqual([
      expect.stringMatching(/^analyse\.0\.options\.probes: must be/)
    ])
    expect(await faults({ analyse: [{ kind: 'density' }, { kind: 'density', at: 'start' }] })).toEqual([
      'analyse.1.kind: density is asked for already by analyse.0'
    ])
    expect(await faults({ analyse: [] })).toEqual([
      'select.metric: is a figure of the analysis density, which the study does not make: put {"kind": "density"} into analyse, got "density.trace"'
    ])
    expect(await faults({ select: { metric: 'density.trac', goal: 'min' } })).toEqual([
      expect.stringMatching(/^select\.metric: must be a figure of density \(trace, .*got "density\.trac"$/)
    ])
    expect(await faults({ select: { metric: 'density.trace', goal: 'min', at: 'best' } })).toEqual([
      expect.stringMatching(/^select\.at: must be "last" for a figure of an analysis/)
    ])
    expect(await faults({ target: { metric: 'density.trace', value: 1 } })).toEqual([
      expect.stringMatching(/^target\.metric: must be a metric of the steps/)
    ])
  })
})

const done = (...analyses: (FoundAnalysis | null)[]): KnownRun => ({ state: 'done', outcome: noOutcome, analyses })
const trace = (value: number): FoundAnalysis => ({ step: 5, figures: { trace: value, sigma: 0.5 } })

async function stands(known: readonly KnownRun[]) {
  const { study } = await checkStudy(input)
  if (study === null) throw new Error('no study')
  const cells = cellsOf(study, 's')
  const runs = new Map(cells.flatMap((cell) => cell.runs.map(({ run }) => run)).map((id, k) => [id, known[k]]))
  const run = (id: string) => runs.get(id) ?? null
  return { run, details: detailsOf({ id: 's', createdAt: '', spec: study, cells, run, working: false, etaSeconds: null }) }
}

describe('how it stands', () => {
  test('is judged by the figure, with columns for all figures of the kind', async () => {
    const { run, details } = await stands([trace(4), trace(2), trace(1), trace(7)].map((one) => done(one)))
    expect(details).toMatchObject({ state: 'done', selection: 'density.trace, lowest of the analysis, mean over 2 seeds; training' })
    expect(details.best).toEqual({ cell: 0, mean: 3, std: Math.SQRT2 })
    expect(details.table[1].runs[0]).toMatchObject({ value: 1, step: 5, analyses: { due: 0, faults: [] } })
    expect(neededColumns(details.spec)).not.toContain('density.trace')
    const lines = resultsCsv(details, run).trim().split('\n')
    const [header, first] = lines.map((line) => line.split(','))
    const at = (row: readonly string[], name: string) => row[header.indexOf(name)]
    expect([
      at(first, 'value'),
      at(first, 'step'),
      at(first, 'density.trace'),
      at(first, 'density.sigma'),
      at(first, 'density.lowest')
    ]).toEqual(['4', '5', '4', '0.5', ''])
    const [names, row] = summaryCsv(details)
      .trim()
      .split('\n')
      .map((line) => line.split(','))
    expect([row[names.indexOf('density.trace')], row[names.indexOf('density.trace.std')]]).toEqual(['3', String(Math.SQRT2)])
  })

  test('is not done while analyses are to be made, and says which could not be', async () => {
    const { details } = await stands([done(trace(4)), done(null), done({ fault: 'it diverged' }), done(trace(7))])
    expect(details.state).toBe('stopped')
    expect(details.best).toEqual({ cell: 0, mean: 4, std: null })
    expect(details.notes).toEqual(
      expect.arrayContaining([
        '1 analysis of runs that came to their end is still to be made',
        '1 analysis could not be made; s-0001-0: it diverged'
      ])
    )
    const settled = await stands([done(trace(4)), done(trace(5)), done({ fault: 'it diverged' }), done(trace(7))])
    expect(settled.details.state).toBe('done')
    expect(settled.details.notes.join('; ')).toContain('1 of the runs that came to their end has no density.trace')
  })
})
