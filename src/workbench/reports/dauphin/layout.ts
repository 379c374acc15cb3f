// The page of the report on Dauphin et al. (2014): sections, figures and tables over the gathered rows.
import type { ReportScale } from '../context'
import type { Block, ReportPage, Section } from '../page'
import { tableOf } from '../table'
import {
  criticalFindings,
  curvatureFindings,
  dataNames,
  endFindings,
  equalFindings,
  figure,
  hiddenFindings,
  leadFinding,
  netName,
  ofHundred
} from './findings'
import type { Gathered } from './gather'
import { sizesOf } from './plan'
import {
  byNet,
  summaryRows,
  type CourseRow,
  type CriticalRow,
  type CurvatureRow,
  type NetKey,
  type RunRow,
  type SpectrumRow,
  type SummaryRow
} from './rows'

const net = ['data', 'activation', 'hidden'] as const
const where = ({ data, activation, hidden }: NetKey) => ({ data, activation, hidden })

function hiddenFigures(summary: readonly SummaryRow[]): Block[] {
  const sets = [...new Map(summary.map((row) => [`${row.data} ${row.activation}`, row])).values()]
  return sets.map(({ data, activation }) => ({
    kind: 'figure',
    caption: `Training error against hidden units, ${dataNames[data]}, ${activation}: mean over seeds, with the lowest and the highest as a whisker; of SGD the best run of the random search.`,
    data: 'summary.csv',
    where: { data, activation },
    plot: {
      type: 'bars',
      title: `Training error against hidden units, ${dataNames[data]}, ${activation}`,
      description: 'A group of bars a number of hidden units, a bar an optimizer.',
      x: { column: 'hidden', label: 'hidden units' },
      y: { column: 'error', label: 'training error (fraction)' },
      by: 'method',
      whisker: { low: 'lowestError', high: 'highestError' }
    }
  }))
}

function courseFigures(course: readonly CourseRow[]): Block[] {
  return byNet(course.filter(({ shown }) => shown)).flatMap(([first]): Block[] =>
    (['epoch', 'seconds'] as const).map((axis) => ({
      kind: 'figure',
      caption:
        axis === 'epoch'
          ? `Training loss against epochs, ${netName(first)}, over all training samples. A step of the two Newton methods is an epoch; of SGD the best run of the search, of the others the first seed.`
          : `The same against the time that the steps took, without evaluation and checkpoints. Other work on the machine shows in it.`,
      data: 'course.csv',
      where: { ...where(first), shown: true },
      plot: {
        type: 'lines',
        title: `Training loss against ${axis === 'epoch' ? 'epochs' : 'seconds'}, ${netName(first)}`,
        description: 'A line an optimizer; the loss axis is logarithmic.',
        x: { column: axis, label: axis === 'epoch' ? 'epochs' : 'seconds of steps' },
        y: { column: 'loss', label: 'training loss (per sample)', log: true },
        by: 'method'
      }
    }))
  )
}

const errorFigures = (course: readonly CourseRow[]): Block[] =>
  byNet(course.filter(({ shown }) => shown)).map(([first]) => ({
    kind: 'figure',
    caption: `Training error against epochs, ${netName(first)}: the same runs.`,
    data: 'course.csv',
    where: { ...where(first), shown: true },
    plot: {
      type: 'lines',
      title: `Training error against epochs, ${netName(first)}`,
      description: 'A line an optimizer.',
      x: { column: 'epoch', label: 'epochs' },
      y: { column: 'error', label: 'training error (fraction)' },
      by: 'method'
    }
  }))

const curvatureFigures = (rows: readonly CurvatureRow[]): Block[] =>
  byNet(rows).map(([first]) => ({
    kind: 'figure',
    caption: `Magnitude of the most negative eigenvalue against epochs, ${netName(first)}, of the Hessian over all training samples.`,
    data: 'curvature.csv',
    where: where(first),
    plot: {
      type: 'lines',
      title: `Most negative eigenvalue against epochs, ${netName(first)}`,
      description: 'A line an optimizer; the axis of magnitudes is logarithmic.',
      x: { column: 'epoch', label: 'epochs' },
      y: { column: 'magnitude', label: '−λ_min (loss per squared weight)', log: true },
      by: 'method',
      marks: true
    }
  }))

function criticalFigures(rows: readonly CriticalRow[]): Block[] {
  return byNet(rows).flatMap(([first]): Block[] => [
    {
      kind: 'figure',
      caption: `Index (fraction of negative eigenvalues) against training error of the points the searches ended at, ${netName(first)}.`,
      data: 'critical.csv',
      where: where(first),
      plot: {
        type: 'scatter',
        title: `Index against training error, ${netName(first)}`,
        description: 'A mark a search, its form by what it ended at.',
        x: { column: 'index', label: 'index (fraction of negative eigenvalues)' },
        y: { column: 'error', label: 'training error (fraction)' },
        by: 'outcome'
      }
    },
    {
      kind: 'figure',
      caption: `The test: how much of the gradient is left against how little the Hessian makes of it. Critical points lie at the left, at any height; gradient-flat regions at the right, low.`,
      data: 'critical.csv',
      where: where(first),
      plot: {
        type: 'scatter',
        title: `‖Hg‖/(max |λ|·‖g‖) against ‖g‖, ${netName(first)}`,
        description: 'A mark a search, its form by what it ended at; both axes are logarithmic.',
        x: { column: 'gradNorm', label: '‖g‖', log: true },
        y: { column: 'relativeFlatness', label: '‖Hg‖ / (max |λ|·‖g‖)', log: true },
        by: 'outcome'
      }
    },
    {
      kind: 'table',
      caption: `Every search, ${netName(first)}.`,
      data: 'critical.csv',
      columns: ['from step', 'ended at', 'loss', 'error', 'index', '‖g‖', '‖Hg‖/‖g‖', 'max |λ|', 'Newton steps'],
      rows: rows
        .filter((row) => row.data === first.data && row.activation === first.activation && row.hidden === first.hidden)
        .map((row) => [
          String(row.step),
          row.outcome,
          figure(row.loss),
          ofHundred(row.error),
          figure(row.index),
          figure(row.gradNorm),
          figure(row.flatness),
          figure(row.largest),
          String(row.iterations)
        ])
    }
  ])
}

const spectrumFigures = (rows: readonly SpectrumRow[]): Block[] =>
  byNet(rows).map(([first]) => ({
    kind: 'figure',
    caption: `Spectra of three of these points at different errors, ${netName(first)}: eigenvalues over the largest magnitude of their own spectrum, in 60 bins; the axis of counts is logarithmic.`,
    data: 'spectra.csv',
    where: where(first),
    plot: {
      type: 'histogram',
      title: `Spectra at three errors, ${netName(first)}`,
      description: 'An outline a point; most eigenvalues lie in the bins at zero.',
      x: { column: 'from', label: 'λ / max |λ|' },
      to: 'to',
      y: { column: 'count', label: 'eigenvalues in the bin', log: true },
      by: 'point'
    }
  }))

function searchTable(runs: readonly RunRow[]): Block[] {
  return byNet(runs.filter(({ method }) => method === 'Minibatch SGD')).map((rows) => ({
    kind: 'table',
    caption: `Random search of minibatch SGD, ${netName(rows[0])}, by training loss at the end.`,
    data: 'runs.csv',
    columns: ['learning rate', 'momentum', 'batch', 'loss', 'error', 'state'],
    rows: [...rows]
      .sort((a, b) => (a.loss ?? Infinity) - (b.loss ?? Infinity))
      .map((row) => [
        figure(row.learningRate ?? NaN),
        figure(row.momentum ?? NaN),
        String(row.batch),
        figure(row.loss ?? NaN),
        row.error === null ? '–' : ofHundred(row.error),
        row.chosen ? `${row.state}, the best` : row.state
      ])
  }))
}

function howText(scale: ReportScale, runs: readonly RunRow[]): string[] {
  const sizes = sizesOf[scale]
  const nets = sizes.nets.map(
    ({ hidden, samples, seeds, steps }) =>
      `${hidden} hidden units (the first ${samples} training samples, ${seeds} seed${seeds === 1 ? '' : 's'}, ${steps} steps of the Newton methods)`
  )
  const { draws, epochs } = sizes.sgd
  const sizesText = [...new Set(runs.map(({ hidden, parameters }) => `${parameters} for ${hidden}`))].join(', ')
  return [
    `Scale ${scale}: ${nets.join('; ')}. One hidden layer with biases (P = ${sizesText}), softmax cross-entropy, weights drawn with standard deviation 1/√inputs. Damped Newton (H + δ)⁻¹g and saddle-free Newton (|H| + δ)⁻¹g take all samples at every step, the exact Hessian, and of the dampings 10⁰, 10⁻¹, … 10⁻⁶ the one with the lowest loss after the step. Minibatch SGD with momentum: ${draws} draws of learning rate (log-uniform, 10⁻² to 10⁰·⁵), momentum (uniform, 0 to 0.95) and batch size (10, 25, 50 or 100), ${epochs} epochs each; the draw with the lowest training loss at the end is taken. All figures are of training data, as in the paper; nothing is said here of test data.`,
    `Not known of the paper and chosen here: activation, start weights, stopping rule, the filter that made the small pictures (area average), the number of samples, and that the Newton methods take all samples at once. The numbers are therefore not the paper's; what can be compared is who leads and what the points are.`
  ]
}

const criticalText = ({
  critical
}: {
  readonly critical: { readonly steps: readonly number[]; readonly starts: number; readonly noise: number; readonly iterations: number }
}) =>
  `From the saddle-free run of the smallest net after steps ${critical.steps.join(', ')}, ${critical.starts} search${critical.starts === 1 ? '' : 'es'} each: to every weight noise uniform in ±${critical.noise}, then Newton on the gradient with the eigendecomposition of the whole Hessian (eigenvalues below 10⁻⁸ of the largest magnitude left out), damped where that lowers ‖g‖ more, until ‖g‖ ≤ 10⁻⁸, ${critical.iterations} steps are spent or ‖g‖ falls no more. A point with a larger ‖g‖ whose gradient the Hessian maps to less than a thousandth of max |λ|·‖g‖ is gradient-flat: Newton hardly gets on from it, but it is no critical point (Frye et al. 2021). What was critical in the paper's figure is not known by this test.`

export function dauphinPage(
  { runs, course, curvature, critical, spectra }: Gathered,
  scale: ReportScale,
  cifarMissing: boolean
): ReportPage {
  const summary = summaryRows(runs)
  const sections: Section[] = [
    {
      heading: 'What was run',
      blocks: [...howText(scale, runs), ...(cifarMissing ? ['CIFAR-10 is not installed in this workspace and was left out.'] : [])].map(
        (text) => ({ kind: 'text', text })
      )
    },
    {
      heading: 'Training error against hidden units',
      blocks: [{ kind: 'findings', sentences: [...endFindings(summary), ...hiddenFindings(summary)] }, ...hiddenFigures(summary)]
    },
    {
      heading: 'Training error against epochs and time',
      blocks: [
        { kind: 'findings', sentences: equalFindings(course) },
        ...courseFigures(course),
        ...errorFigures(course),
        ...searchTable(runs)
      ]
    },
    {
      heading: 'The most negative eigenvalue',
      blocks: [{ kind: 'findings', sentences: curvatureFindings(curvature) }, ...curvatureFigures(curvature)]
    },
    {
      heading: 'Index against error at critical points',
      blocks: [
        { kind: 'text', text: criticalText(sizesOf[scale]) },
        { kind: 'findings', sentences: criticalFindings(critical, sizesOf[scale].critical.iterations) },
        ...criticalFigures(critical),
        ...spectrumFigures(spectra)
      ]
    }
  ]
  return {
    title: 'Dauphin et al. 2014, run again',
    lead: [
      'Dauphin, Pascanu, Gulcehre, Cho, Ganguli and Bengio (2014, arXiv 1406.2572) hold that saddle points, not local minima, slow the training of networks, that saddle-free Newton leaves them, and that the index of critical points grows with their error. Their small experiments, as far as they are known, with exact Hessians:',
      leadFinding(summary, critical)
    ],
    sections,
    data: [
      tableOf(
        'runs.csv',
        'a row a run; loss and error over all training samples at its end',
        [
          ...net,
          'run',
          'method',
          'seed',
          'samples',
          'parameters',
          'learningRate',
          'momentum',
          'batch',
          'state',
          'steps',
          'epochs',
          'seconds',
          'loss',
          'error',
          'chosen'
        ],
        runs
      ),
      tableOf(
        'summary.csv',
        'a row a net and optimizer: means over the chosen runs',
        [...net, 'method', 'runs', 'epochs', 'seconds', 'loss', 'error', 'lowestError', 'highestError'],
        summary
      ),
      tableOf(
        'course.csv',
        'a row a checkpoint; loss and error over all training samples',
        [...net, 'run', 'method', 'seed', 'epoch', 'seconds', 'loss', 'error', 'shown'],
        course
      ),
      tableOf(
        'curvature.csv',
        'a row a spectrum of the Hessian over all training samples',
        [...net, 'run', 'method', 'epoch', 'lambdaMin', 'lambdaMax', 'magnitude'],
        curvature
      ),
      tableOf(
        'critical.csv',
        'a row a search for a critical point',
        [
          ...net,
          'run',
          'step',
          'search',
          'outcome',
          'loss',
          'error',
          'gradNorm',
          'flatness',
          'largest',
          'relativeFlatness',
          'index',
          'zero',
          'iterations'
        ],
        critical
      ),
      tableOf('spectra.csv', 'a row a bin of λ / max |λ| of a point', [...net, 'point', 'from', 'to', 'count'], spectra)
    ]
  }
}
