// The demonstration's own claims: both its programs on CIFAR-100 against first-order methods and L-BFGS at equal time, and what their Hessians hold.
import { installedManifest } from '../../../store/datasets'
import { StorageError } from '../../../store'
import type { Report, ReportContext } from '../context'
import type { Block, ReportPage, Section } from '../page'
import type { FinishedRun } from '../runs'
import type { Cell, Table } from '../table'
import { briefSentence, conditioning, dataSentence, layerFlips, nameOf, narrowSentence, stepTimeSentence, wholeFlips } from './findings'
import { narrowRuns, programRun, programs, samplesOf, sizes, type Installed, type Program } from './plan'
import { attemptsTable, curveRows, finalLoss, race, resultsTable, testRows } from './race'
import { raceBlocks, searchText } from './race-blocks'
import { histogramTable, requireSpectra, spectraTable, storedSpectra } from './spectra'
import { flippedOf, narrowTable, phasesTable, stepTimes } from './tables'

const title = 'Two strange useless things, once more: what the demonstration’s programs do'
const damping = 0.1

interface Data extends Installed {
  readonly title: string
  readonly partial: boolean
}

async function installedData({ workspace }: ReportContext): Promise<Data> {
  const manifest = await installedManifest(workspace, 'cifar-100')
  if (manifest === null)
    throw new StorageError(
      'not-found',
      'the report needs CIFAR-100, which is not installed in this workspace: "datasets download cifar-100" fetches it, "datasets import PATH" takes an archive, also of a part'
    )
  const { title: name, partial, counts } = manifest
  return { title: name, partial, train: counts.train, test: counts.test }
}

/** Runs that were made before another set was installed would be told as if they were of this one. */
function requireSameData(runs: readonly FinishedRun[], samples: number): void {
  for (const { id, status } of runs)
    if (status.trainingSamples !== samples)
      throw new StorageError(
        'conflict',
        `run "${id}" was trained on ${status.trainingSamples ?? 'unknown'} samples, CIFAR-100 as installed now gives ${samples}: remove it (rm ${id}) or take another --workspace`
      )
}

async function report(context: ReportContext): Promise<ReportPage> {
  const { scale, workspace } = context
  const data = await installedData(context)
  const size = sizes[scale]
  const samples = (program: Program) => samplesOf(size, program, data)

  const [slow] = await context.runs([programRun(scale, 'slow', data)])
  requireSameData([slow], samples('slow'))
  const last = slow.lines.at(-1)?.step ?? 0
  const layerSteps = Array.from({ length: Math.floor(last / size.spectrumEvery) + 1 }, (_, k) => k * size.spectrumEvery).filter(
    (step) => !size.wholeAt.includes(step)
  )
  const wholeSteps = size.wholeAt.filter((step) => step <= last)
  await requireSpectra(context, slow.id, layerSteps, 'layer-blocks')
  const [full, layered] = await context.runs(narrowRuns(scale, data))
  requireSameData([full, layered], samples('slow'))
  const [fast] = await context.runs([programRun(scale, 'fast', data)])
  requireSameData([fast], samples('fast'))
  const races = { slow: await race(context, 'slow', slow, data), fast: await race(context, 'fast', fast, data) }
  for (const program of programs) requireSameData(races[program].runs, samples(program))
  await requireSpectra(context, slow.id, wholeSteps, 'full')

  const narrowSteps = full.lines.map(({ step }) => step).filter((step) => step % size.narrow.every === 0)
  const spectra = {
    layers: await storedSpectra(workspace, 'slow', slow.id, layerSteps, damping),
    whole: await storedSpectra(workspace, 'slow', slow.id, wholeSteps, damping),
    narrow: await storedSpectra(workspace, 'narrow', full.id, [0, ...narrowSteps], damping)
  }
  const { table: steps, times } = stepTimes(slow)
  const { backend } = slow.status
  const machine =
    backend === null ? 'unknown linear algebra' : `${backend.description}, ${backend.threads} thread${backend.threads === 1 ? '' : 's'}`
  const asOriginal = size.width === 50 && size.hidden === 50
  const narrow = narrowTable([
    ['whole Hessian', full],
    ['layers', layered]
  ])
  const turned = full.lines.filter(({ flipped }) => (flippedOf(flipped) ?? 0) > 0).length
  const runsOf = (rows: (name: string, program: Program, run: FinishedRun) => Cell[][]) =>
    programs.flatMap((program) => races[program].runs.flatMap((run) => rows(nameOf(run.spec.optimizer.kind), program, run)))
  const tables: Table[] = [
    resultsTable(programs.flatMap((program) => races[program].results)),
    attemptsTable(programs.flatMap((program) => races[program].attempts)),
    {
      name: 'curves.csv',
      about:
        'training loss per sample along a run: means over the steps up to these seconds since the row before (48 bins of equal ratio in time)',
      columns: ['program', 'optimizer', 'seconds', 'step', 'epoch', 'trainLoss'],
      rows: runsOf(curveRows)
    },
    {
      name: 'tests.csv',
      about: 'evaluations on the test samples along a run (of many about 48, at equal ratios of time, and the last)',
      columns: ['program', 'optimizer', 'seconds', 'step', 'epoch', 'testLoss', 'testAccuracy'],
      rows: runsOf(testRows)
    },
    spectraTable([...spectra.layers, ...spectra.whole, ...spectra.narrow]),
    ...(wholeSteps.length === 0 ? [] : [await histogramTable(workspace, slow.id, wholeSteps[wholeSteps.length - 1])]),
    narrow,
    steps,
    phasesTable(times)
  ]
  const used = (program: Program): Installed => ({
    train: samples(program),
    test: Math.min(size.limits[program]?.test ?? Infinity, data.test)
  })
  const spectrumPlot = (column: string, y: string, heading: string, where: Record<string, Cell>, log: boolean): Block => ({
    kind: 'figure',
    data: 'spectra.csv',
    where,
    caption: `${heading}.`,
    plot: {
      type: 'lines',
      marks: true,
      title: heading,
      description: `A line for each block over the steps.`,
      by: 'block',
      x: { column: 'step', label: 'step' },
      y: { column, label: y, log }
    }
  })
  const narrowSize = spectra.narrow[0]?.size ?? 0
  const sections: Section[] = [
    {
      heading: 'Does the absolute value act?',
      blocks: [
        {
          kind: 'findings',
          sentences: [...layerFlips(spectra.layers, damping), ...wholeFlips([...spectra.whole, ...spectra.narrow], damping)]
        },
        {
          kind: 'text',
          text: `The program divides by |Λ + ${damping}|, block by block. Below, all eigenvalues of the slow net’s layer blocks and of its whole Hessian, computed from the stored checkpoints, and those of a narrow net (${size.narrow.width} → ${size.narrow.width} → 100, P = ${narrowSize}) that is moved by its whole Hessian, so that the absolute value is at work in every step.`
        },
        ...(wholeSteps.length === 0
          ? []
          : [
              {
                kind: 'figure',
                data: 'spectrum.csv',
                caption: `The slow net’s whole Hessian after ${wholeSteps[wholeSteps.length - 1]} steps: how many eigenvalues of which size, by sign.`,
                plot: {
                  type: 'histogram',
                  title: 'Eigenvalues of the whole Hessian, by sign',
                  description: 'Two outlines over the size of an eigenvalue, one for positive and one for negative ones.',
                  by: 'sign',
                  x: { column: 'from', label: '|λ|', log: true },
                  to: 'to',
                  y: { column: 'eigenvalues', label: 'eigenvalues', log: true }
                }
              } satisfies Block
            ]),
        {
          kind: 'figure',
          data: 'narrow.csv',
          where: { 'moved by': 'whole Hessian' },
          caption: 'The narrow net, moved by its whole Hessian: eigenvalues whose sign each step turned.',
          plot: {
            type: 'lines',
            title: 'Eigenvalues turned in each step',
            description: 'A line over the steps.',
            by: null,
            x: { column: 'step', label: 'step' },
            y: { column: 'flipped', label: `eigenvalues of ${narrowSize}` }
          }
        },
        {
          kind: 'findings',
          sentences: [
            narrowSentence(
              { loss: finalLoss(full), steps: full.lines.length, turned },
              { loss: finalLoss(layered), steps: layered.lines.length }
            )
          ]
        },
        {
          kind: 'figure',
          data: 'narrow.csv',
          caption:
            'The narrow net’s training loss (batch, per sample), moved by its whole Hessian or layer by layer, at the same δ and rate.',
          plot: {
            type: 'lines',
            title: 'Training loss of the narrow net',
            description: 'Two lines over the steps.',
            by: 'moved by',
            x: { column: 'step', label: 'step' },
            y: { column: 'trainLoss', label: 'training loss per sample', log: true }
          }
        }
      ]
    },
    {
      heading: 'Condition and effective rank along training',
      blocks: [
        { kind: 'findings', sentences: conditioning([...spectra.layers, ...spectra.whole, ...spectra.narrow]) },
        {
          kind: 'text',
          text: 'Condition number: largest over smallest |λ| among the eigenvalues that rounding lets one tell from 0 (|λ| > τ = P·ε·max|λ|). Effective rank: (Σ|λ|)² / Σλ².'
        },
        spectrumPlot('condition', 'condition number', 'Condition number of the slow net’s layers and whole Hessian', { net: 'slow' }, true),
        spectrumPlot(
          'effectiveRank',
          'effective rank',
          'Effective rank of the slow net’s layers and whole Hessian',
          { net: 'slow' },
          false
        ),
        spectrumPlot(
          'effectiveRank',
          `effective rank, of ${narrowSize}`,
          'Effective rank of the narrow net’s whole Hessian',
          { net: 'narrow' },
          false
        )
      ]
    },
    { heading: 'The slow net at equal time', blocks: [{ kind: 'text', text: searchText }, ...raceBlocks('slow', races.slow)] },
    { heading: 'The fast net at equal time', blocks: raceBlocks('fast', races.fast) },
    {
      heading: 'The time of a step',
      blocks: [
        { kind: 'findings', sentences: [stepTimeSentence(times, machine, asOriginal)] },
        {
          kind: 'text',
          text: 'The original’s figures are what is documented of it on a machine with two cores: 1.2 s for the Hessians, 1.7 s and 14 s for the two eigendecompositions, 5.9 s for dense products, about 23 s a step. Of the fast net’s original no step time is known, so none is compared. Here the last layer’s block is taken apart into one block an output unit, which is exact, and positive semidefinite blocks are factorized instead of decomposed; the step is the same. Seconds are of this machine, whatever else it did at the time.'
        },
        {
          kind: 'figure',
          data: 'phases.csv',
          caption: 'Seconds of a step by phase (logarithmic).',
          plot: {
            type: 'bars',
            title: 'Seconds of a step, the original and here',
            description: 'Two bars for each phase.',
            by: 'program',
            x: { column: 'phase', label: 'phase' },
            y: { column: 'seconds', label: 'seconds', log: true }
          }
        }
      ]
    }
  ]
  return {
    title,
    lead: [
      `Lee’s “Two strange useless things to do with neural nets” (2019) trains two nets on CIFAR-100: a slow one by exact saddle-free Newton, layer by layer, and a fast one by finite-difference Newton. Both are run here as they were written, the slow net for ${last} steps and the fast one for ${size.fastEpochs} epochs, against gradient descent, momentum, Adam and L-BFGS at equal time.`,
      `${dataSentence({ ...data, installed: data, slow: used('slow'), fast: used('fast') })} All is from seed 0, in one run each: a figure says who is where, not how well CIFAR-100 can be learnt.`,
      briefSentence(
        spectra.layers,
        spectra.whole,
        programs.map((program) => races[program].results),
        times.whole
      )
    ],
    sections,
    data: tables
  }
}

export const demonstration: Report = { name: 'demonstration', title, run: report }
