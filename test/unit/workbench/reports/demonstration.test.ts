// The report on the demonstration: its sentences follow the figures they are given, whichever way these fall; what runs it plans, and how spectra and losses are read.
import { describe, expect, test } from 'vitest'
import {
  briefSentence,
  conditioning,
  dataSentence,
  layerFlips,
  median,
  narrowSentence,
  raceSentences,
  searchSentences,
  stepTimeSentence,
  wholeFlips
} from '../../../../src/workbench/reports/demonstration/findings'
import { narrowRuns, programRun, ratesOf, rivalRun, rivals, samplesOf, sizes } from '../../../../src/workbench/reports/demonstration/plan'
import { finalLoss, lowest, type Attempt, type Result } from '../../../../src/workbench/reports/demonstration/race'
import { spectrumRow, type SpectrumRow } from '../../../../src/workbench/reports/demonstration/spectra'
import { stepTimes } from '../../../../src/workbench/reports/demonstration/tables'
import { reportScales } from '../../../../src/workbench/reports'
import type { FinishedRun } from '../../../../src/workbench/reports/runs'
import { checkSpec } from '../../../../src/shared/spec/check'
import { presets } from '../../../../src/shared/spec/presets'
import { networkSpecSchema, type NetworkSpec } from '../../../../src/shared/spec/schema'

const row = (changes: Partial<SpectrumRow> = {}): SpectrumRow => ({
  net: 'slow',
  block: 'W1',
  step: 0,
  size: 100,
  smallest: 1e-9,
  largest: 5,
  tolerance: 1e-12,
  negative: 0,
  zero: 0,
  flipped: 0,
  condition: 5e9,
  damped: 51,
  effectiveRank: 20,
  ...changes
})
const result = (optimizer: string, trainLoss: number | null, testAccuracy: number | null, steps = 10): Result => ({
  program: 'slow',
  optimizer,
  rate: 0.1,
  state: trainLoss === null ? 'diverged' : 'done',
  steps,
  epochs: steps / 20,
  seconds: 12.5,
  trainLoss,
  testLoss: 0.5,
  testAccuracy
})
const attempt = (optimizer: Attempt['optimizer'], rate: number, trainLoss: number | null): Attempt => ({
  program: 'slow',
  optimizer,
  rate,
  seconds: 2,
  trainLoss,
  chosen: false
})

describe('what was found', () => {
  test('layers: none turned, and why; or some, against the structure', () => {
    const clean = [row(), row({ block: 'W2', step: 10, smallest: -1e-15 })]
    const [none, why] = layerFlips(clean, 0.1)
    expect(none).toContain('of 200 eigenvalues in the W1 and W2 blocks of 2 spectra none was turned by |λ + 0.1|')
    expect(none).toContain('(the smallest, in W2 after 10 steps, is −1e−15; τ = 1e−12)')
    expect(why).toContain('JᵀJ')
    const some = layerFlips([...clean, row({ flipped: 3, negative: 4, smallest: -2 })], 0.1)
    expect(some).toHaveLength(1)
    expect(some[0]).toContain('3 of 300 eigenvalues')
    expect(some[0]).toContain('4 were negative beyond rounding')
    expect(some[0]).not.toContain('none')
    expect(layerFlips([], 0.1)).toEqual([])
  })

  test('the whole Hessian: how many at the last point, of which net; or none', () => {
    const whole = { block: 'whole Hessian', size: 7500 }
    const [slow, narrow] = wholeFlips(
      [
        row({ ...whole, step: 40, flipped: 1200, negative: 1300 }),
        row({ ...whole, net: 'narrow', size: 1100, step: 0, flipped: 7 }),
        row({ ...whole, net: 'narrow', size: 1100, step: 8, flipped: 90, negative: 91 }),
        row({ ...whole, net: 'narrow', size: 1100, step: 16, flipped: 50, negative: 60 })
      ],
      0.1
    )
    expect(slow).toContain('slow net (P = 7500) 1200 of 7500 eigenvalues lay below −0.1 after 40 steps')
    expect(slow).toContain('1300 were negative beyond rounding')
    expect(narrow).toContain('50 of 1100 eigenvalues lay below −0.1 after 16 steps')
    expect(narrow).toContain('(7 after 0 steps, at most 90, of 3 points)')
    const [flat] = wholeFlips([row({ ...whole, negative: 5 })], 0.1)
    expect(flat).toContain('no eigenvalue was turned by |λ + 0.1| either, at 1 point, though 5 were negative')
  })

  test('condition and effective rank: whether they rose, fell or stayed', () => {
    const of = (...rows: SpectrumRow[]) => conditioning(rows).join(' ')
    const later = { step: 30, condition: 1e6, effectiveRank: 20.1, damped: 12 }
    expect(of(row(), row(later))).toBe(
      'From step 0 to 30 the condition number of W1 of the slow net outside rounding fell from 5e9 to 1e6; with δ added it is 12 at the end; its effective rank stayed from 20 of 100 to 20.1.'
    )
    expect(of(row(later), row({ step: 40, effectiveRank: 30 }))).toContain(
      'rose from 1e6 to 5e9; with δ added it is 51 at the end; its effective rank rose from 20.1 of 100 to 30'
    )
    expect(of(row({ condition: null, damped: null }))).toBe(
      'After 0 steps W1 of the slow net had a condition number of unknown outside rounding, and an effective rank of 20 of 100.'
    )
    expect(conditioning([row(), row({ block: 'W2' }), row({ step: 5 })])).toHaveLength(2)
  })

  test('the race: who wins, also where the program loses or diverges', () => {
    const gd = result('gd', 0.4, 0.03, 900)
    const wins = raceSentences([result('sfn', 0.3, 0.05), gd, result('adam', 0.35, 0.01)], [])
    expect(wins[0]).toBe(
      'After the same 12.5 s of steps saddle-free Newton by layers has the lowest training loss, 0.3 per sample; next is Adam with 0.35.'
    )
    expect(wins[1]).toBe('It made 10 steps (0.5 epochs) in that time, gradient descent 900 (45 epochs).')
    expect(wins[2]).toContain('saddle-free Newton by layers has 5.00 % right, and nobody has more')
    const loses = raceSentences([result('sfn', 0.5, 0.02), gd, result('momentum', 0.45, 0.04), result('l-bfgs', 0.6, 0.01)], [])
    expect(loses[0]).toBe(
      'After the same 12.5 s of steps saddle-free Newton by layers loses: its training loss is 0.5 per sample, behind gradient descent (0.4) and momentum (0.45).'
    )
    expect(loses[2]).toContain('momentum has the most right, 4.00 %; saddle-free Newton by layers has 2.00 %, place 3 of 4')
    expect(raceSentences([result('fd-newton', null, null, 3), gd], [])[0]).toBe('Finite-difference Newton diverged after 3 steps.')
    expect(raceSentences([result('sfn', 0.5, 0.02)], [])[0]).toContain('there is no rival left')
  })

  test('the search: ends of what was tried, and rivals that always diverged', () => {
    const inside = [attempt('gd', 0.1, 3), attempt('gd', 0.2, 1), attempt('gd', 0.4, 2)]
    expect(searchSentences(inside)).toEqual([])
    const high = [attempt('adam', 0.1, 3), attempt('adam', 0.2, 2)]
    expect(searchSentences([...inside, ...high, attempt('l-bfgs', 1, 1), attempt('l-bfgs', 2, 3)])).toEqual([
      'The best rate lies at an end of those tried for Adam (0.2, the highest) and L-BFGS (1, the lowest): a wider search might have helped.'
    ])
    expect(searchSentences([attempt('l-bfgs', 1, 2), attempt('l-bfgs', 3, 2)])[0]).toContain(
      'The search says nothing of the rate of L-BFGS'
    )
    expect(searchSentences([attempt('momentum', 1, null), attempt('momentum', 3, null)])).toEqual([
      'Momentum diverged at every rate tried (1, 3) and is out of the race.'
    ])
  })

  test('the step time, against the original only where the net is the original’s', () => {
    const times = { whole: 0.23, assembly: 0.02, decomposition: 0.2, solve: 0.01 }
    expect(stepTimeSentence(times, 'one machine', true)).toContain(
      '0.23 s here (median; 0.02 s for the Hessians, 0.2 s for factorizations, 0.01 s for solves; one machine), 100 times as fast as the 23 s'
    )
    expect(stepTimeSentence({ ...times, whole: 46 }, 'm', true)).toContain(', 2 times the 23 s')
    expect(stepTimeSentence(times, 'm', false)).toContain('are no comparison')
  })

  test('the narrow net, the data, and all in brief', () => {
    const layers = { loss: 0.4, steps: 40 }
    expect(narrowSentence({ loss: 0.3, steps: 40, turned: 39 }, layers)).toContain(
      'turned eigenvalues at 39 of 40 steps and ended at 0.3 per sample; moved by layers it ended at 0.4 per sample. The whole Hessian was'
    )
    expect(narrowSentence({ loss: 0.5, steps: 40, turned: 0 }, layers)).toMatch(/turned no eigenvalue.* did better\.$/)
    expect(narrowSentence({ loss: null, steps: 7, turned: 7 }, layers)).toMatch(
      /diverged after 7 steps; moved by layers it ended at 0\.4 per sample\.$/
    )
    const data = {
      title: 'CIFAR-100',
      partial: true,
      installed: { train: 1000, test: 900 },
      slow: { train: 1000, test: 900 },
      fast: { train: 60, test: 50 }
    }
    expect(dataSentence(data)).toBe(
      'The data are CIFAR-100 as installed here, 1000 training and 900 test samples (a part of the official set): the slow net worked on all 1000 training samples and was tested on all 900, the fast net on the first 60 training samples and was tested on the first 50.'
    )
    expect(dataSentence({ ...data, partial: false })).not.toContain('a part')
    const races = [[result('sfn', 0.5, 0.1), result('gd', 0.4, 0.1), result('adam', 0.6, 0)], [result('fd-newton', null, null)]]
    const whole = [row({ block: 'whole Hessian', size: 7500, flipped: 12, step: 40 })]
    expect(briefSentence([row()], whole, races, 0.25)).toBe(
      'In brief: of the layers’ own blocks the absolute value turned 0 eigenvalues, of the slow net’s whole Hessian 12 of 7500 after 40 steps; at equal time saddle-free Newton by layers is number 2 of 3 by training loss and finite-difference Newton diverged; a step of the slow net takes 0.25 s.'
    )
  })
})

describe('what is read off runs', () => {
  test('a spectrum: negative, zero and turned eigenvalues, condition with and without δ, effective rank', () => {
    const found = spectrumRow('slow', 'W1', 3, 6, Float64Array.of(-2, -0.05, 1e-17, 0.5, 1, 4), 0.1)
    expect(found).toMatchObject({ size: 6, smallest: -2, largest: 4, negative: 2, zero: 1, flipped: 1, condition: 80 })
    expect(found.damped).toBeCloseTo(4.1 / 0.05, 12)
    const [sum, squares] = [7.55, 4 + 0.0025 + 0.25 + 1 + 16]
    expect(found.effectiveRank).toBeCloseTo(sum ** 2 / squares, 10)
    expect(spectrumRow('slow', 'W1', 3, 2, new Float64Array(2), 0.1)).toMatchObject({
      condition: null,
      damped: 1,
      zero: 2,
      effectiveRank: 0
    })
    expect(spectrumRow('slow', 'W1', 0, 2, Float64Array.of(-0.1, 1), 0.1).damped).toBeNull()
  })

  const finished = (losses: number[], batches: number, state: FinishedRun['state'] = 'done'): FinishedRun => ({
    id: 'x',
    state,
    spec: { loss: 'half-sse', batch: { size: 50 } } as NetworkSpec,
    status: { trainingSamples: 50 * batches } as FinishedRun['status'],
    lines: losses.map((loss, k) => ({ step: k + 1, epoch: (k + 1) / batches, seconds: 2 * (k + 1), loss, gradNorm: 1, stepNorm: 1 }))
  })
  test('the training loss at the end: per sample, over an epoch at most, a quarter of the steps at most', () => {
    const falling = Array.from({ length: 40 }, (_, k) => 50 * (40 - k))
    // Four batches an epoch: the last four lines, losses 4, 3, 2, 1 per sample.
    expect(finalLoss(finished(falling, 4))).toBeCloseTo(2.5, 12)
    // Twenty an epoch: ten lines, a quarter of forty.
    expect(finalLoss(finished(falling, 20))).toBeCloseTo(5.5, 12)
    expect(finalLoss(finished([100, 50], 20))).toBeCloseTo(1, 12)
    expect(finalLoss(finished(falling, 4, 'diverged'))).toBeNull()
    expect(lowest([null, 3, 2, null, 2])).toBe(2)
    expect(lowest([null])).toBeNull()
  })
  test('step times are medians, each step’s own', () => {
    const { lines } = finished([1, 1, 1], 1)
    const phases = [0.5, 9, 0.7].map((assembly) => ({ assembly, decomposition: 1, solve: 0.1 }))
    const { times, table } = stepTimes({ lines: lines.map((line, k) => ({ ...line, phases: phases[k] })) })
    expect(times).toEqual({ whole: 2, assembly: 0.7, decomposition: 1, solve: 0.1 })
    expect(table.rows.map(([step, seconds]) => [step, seconds])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2]
    ])
    expect(median([])).toBeNull()
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })
})

describe('the runs', () => {
  const installed = { train: 1000, test: 900 }
  test('are sound specs with ids of their own; rivals differ from the program in optimizer and budget alone', async () => {
    for (const scale of reportScales) {
      const ids = new Set<string>()
      for (const program of ['slow', 'fast'] as const) {
        const own = programRun(scale, program, installed)
        const others = rivals.flatMap((rival) =>
          [null, 0, 1].map((place) => rivalRun(scale, program, rival, { rate: 0.01, seconds: 3.25, attempt: place }, installed))
        )
        const [first, ...rest] = await Promise.all(
          [own, ...others].map(async ({ id, spec }) => {
            ids.add(id)
            expect(id.length).toBeLessThanOrEqual(64)
            const checked = await checkSpec(spec)
            expect(checked.problems).toEqual([])
            return networkSpecSchema.parse(checked.spec)
          })
        )
        for (const { seed, data, model, loss, batch, budget } of rest) {
          expect({ seed, data, model, loss, batch }).toEqual({
            seed: first.seed,
            data: first.data,
            model: first.model,
            loss: first.loss,
            batch: first.batch
          })
          expect(budget.seconds).toBe(3.25)
        }
      }
      for (const { id, spec } of narrowRuns(scale, installed)) {
        ids.add(id)
        expect((await checkSpec(spec)).problems).toEqual([])
      }
      expect(ids.size).toBe(2 * (1 + 4 * 3) + 2)
    }
  })
  test('of full size are the presets’ own: net, data, optimizer, batches', async () => {
    const slow = networkSpecSchema.parse(programRun('full', 'slow', { train: 50000, test: 10000 }).spec)
    const preset = networkSpecSchema.parse(presets.find(({ name }) => name === 'sfn-cifar100')?.specs[0])
    expect([slow.data, slow.model, slow.optimizer, slow.batch, slow.loss]).toEqual([
      preset.data,
      preset.model,
      preset.optimizer,
      preset.batch,
      preset.loss
    ])
    const fast = networkSpecSchema.parse(programRun('full', 'fast', { train: 50000, test: 10000 }).spec)
    const second = networkSpecSchema.parse(presets.find(({ name }) => name === 'fd-newton-cifar100')?.specs[0])
    expect([fast.data, fast.model, fast.optimizer, fast.batch, fast.budget]).toEqual([
      second.data,
      second.model,
      second.optimizer,
      second.batch,
      second.budget
    ])
  })
  test('limit only what is there', () => {
    expect(samplesOf(sizes.small, 'fast', installed)).toBe(1000)
    expect(samplesOf(sizes.small, 'fast', { train: 50000, test: 10000 })).toBe(2500)
    expect(networkSpecSchema.parse(programRun('small', 'slow', installed).spec).data.trainLimit).toBeNull()
    expect(networkSpecSchema.parse(programRun('small', 'slow', { train: 50000, test: 10000 }).spec).data).toMatchObject({
      trainLimit: 1000,
      testLimit: 1000
    })
    expect(ratesOf('slow', 'gd', sizes.tiny)).toHaveLength(2)
    expect(ratesOf('slow', 'gd', sizes.small)).toHaveLength(5)
    // Spectra by layer and of the whole Hessian never fall on one step.
    for (const scale of reportScales) expect(sizes[scale].wholeAt.every((step) => step % sizes[scale].spectrumEvery === 0)).toBe(true)
  })
})
