// The page of the report on dynamics: sections, figures and tables over the gathered rows.
import { figureOnPage } from '../../../shared/format/figures'
import type { ReportScale } from '../context'
import type { Block, ReportPage } from '../page'
import { tableOf } from '../table'
import {
  basinFindings,
  basinVerdict,
  called,
  chaosFindings,
  chaosVerdict,
  controlFindings,
  crossings,
  isChaotic,
  transientGrowth,
  sumFindings,
  sweeps
} from './findings'
import type { BasinRow, Gathered } from './gather'
import { sizes, weightDecay } from './plan'

const text = (value: number | null) => figureOnPage(value, 3)

const sweepFigure = (net: string, optimizer: string): Block => ({
  kind: 'figure',
  caption: `Largest Lyapunov exponent against the learning rate, ${net}, ${called(optimizer)}; a line a start, bands of twice the standard error. Above 0 nearby trainings part.`,
  data: 'exponents.csv',
  where: { net, optimizer },
  plot: {
    type: 'lines',
    title: `Largest exponent against learning rate, ${net}, ${called(optimizer)}`,
    description: 'A line a seed of the start weights; the learning rate is logarithmic.',
    x: { column: 'learningRate', label: 'learning rate', log: true },
    y: { column: 'largest', label: 'λ₁ (nats a step)' },
    by: 'seed',
    band: { low: 'low', high: 'high' },
    marks: true
  }
})

const sumFigure = (net: string, optimizer: string): Block => ({
  kind: 'figure',
  caption: `Sum of the positive exponents (Ruelle’s bound) against the learning rate, ${net}, ${called(optimizer)}.`,
  data: 'exponents.csv',
  where: { net, optimizer },
  plot: {
    type: 'lines',
    title: `Sum of positive exponents against learning rate, ${net}, ${called(optimizer)}`,
    description: 'A line a seed of the start weights; the learning rate is logarithmic.',
    x: { column: 'learningRate', label: 'learning rate', log: true },
    y: { column: 'sumPositive', label: 'Σ λᵢ > 0 (nats a step)' },
    by: 'seed',
    marks: true
  }
})

const basinFigure = ({ optimizer, of }: BasinRow): Block => ({
  kind: 'figure',
  caption: `Where ${optimizer} ends on ${of} from every start; each colour a critical point.`,
  data: 'basins.csv',
  where: { optimizer, of },
  plot: {
    type: 'regions',
    title: `Basins of ${optimizer} on ${of}`,
    description: 'A rectangle a row of starts side by side that end at the same critical point.',
    x: { column: 'x', label: 'start x' },
    y: { column: 'y', label: 'start y' },
    to: { x: 'xTo', y: 'yTo' },
    by: 'outcome'
  }
})

function crossingTable(gathered: Gathered): Block {
  const rows = sweeps(gathered).flatMap(({ net, optimizer, rows: own }) =>
    crossings(own).map(({ seed, from, below, at }) => [
      net,
      called(optimizer),
      String(seed),
      text(below?.learningRate ?? null),
      text(from),
      at === null ? '–' : `${text(at.largest)} ± ${text(at.largestError)}`,
      `${own.filter((row) => row.seed === seed && isChaotic(row)).length} of ${own.filter((row) => row.seed === seed).length}`
    ])
  )
  return {
    kind: 'table',
    caption:
      'Where the largest exponent crosses zero, for every start: the last learning rate before, the first beyond, and the exponent there.',
    data: 'exponents.csv',
    columns: ['net', 'optimizer', 'seed', 'below', 'chaotic from', 'λ₁ there', 'chaotic'],
    rows
  }
}

const basinTable = ({ basins }: Gathered): Block => ({
  kind: 'table',
  caption: 'Basins: starts, where they end, and the dimension of the boundary between outcomes with its standard error.',
  data: 'boundaries.csv',
  columns: ['function', 'optimizer', 'starts', 'arrive', 'critical points', 'under way', 'diverge', 'dimension'],
  rows: basins.map((row) => [
    row.of,
    row.optimizer,
    String(row.pixels),
    text(row.arrived),
    text(row.centres),
    text(row.notYet),
    text(row.diverged),
    row.dimension === null ? '–' : `${text(row.dimension)} ± ${text(row.error)}`
  ])
})

export function dynamicsPage(gathered: Gathered, scale: ReportScale): ReportPage {
  const { settle, steps, seeds, pixels } = sizes[scale]
  const groups = sweeps(gathered)
  const exponents = gathered.sweep.map((row) => ({
    ...row,
    low: row.largest === null || row.largestError === null ? null : row.largest - 2 * row.largestError,
    high: row.largest === null || row.largestError === null ? null : row.largest + 2 * row.largestError
  }))
  return {
    title: 'The dynamics of training: exponents, volumes, basins',
    lead: [
      'The demonstration of 2019 asks in prose to see training as an iterated map with Lyapunov exponents, and names Ruelle’s inequality. Here whole spectra are computed from exact tangent maps, on nets small enough that every exponent is known, and the basins of Newton’s method are set beside those of saddle-free Newton.',
      chaosVerdict(gathered),
      basinVerdict(gathered)
    ],
    sections: [
      {
        heading: 'Is training chaotic?',
        blocks: [
          { kind: 'findings', sentences: [chaosVerdict(gathered), ...chaosFindings(gathered)] },
          {
            kind: 'text',
            text: `Each net is trained with full batches, squared error and weight decay ${weightDecay} for ${settle} steps, then the whole spectrum is averaged over ${steps} more, from ${seeds} ${seeds === 1 ? 'start' : 'starts'}. Chaotic means that the largest exponent lies above zero by more than twice its standard error, which is from the means of blocks of steps, and that it brings more than ${transientGrowth} nats over them: a slow way past a saddle may bring as much. A training that has not settled by then is measured as it is.`
          },
          crossingTable(gathered),
          ...groups.map(({ net, optimizer }) => sweepFigure(net, optimizer))
        ]
      },
      {
        heading: 'How much does it forget, how much does it make?',
        blocks: [
          { kind: 'findings', sentences: sumFindings(gathered) },
          {
            kind: 'text',
            text: 'The sum of the positive exponents bounds the entropy a step from above (Ruelle 1978); the two are equal for SRB measures (Pesin), which is not known here. The sum of all is the mean of ln|det| of the tangent maps: below zero, volumes of weight space shrink.'
          },
          ...groups.filter(({ rows }) => rows.some(isChaotic)).map(({ net, optimizer }) => sumFigure(net, optimizer))
        ]
      },
      {
        heading: 'Are basins fractal?',
        blocks: [
          { kind: 'findings', sentences: [basinVerdict(gathered), ...basinFindings(gathered)] },
          {
            kind: 'text',
            text: `${pixels} × ${pixels} starts each; a box counts where more than one outcome occurs in it. A straight boundary measured that way has dimension 1.00 ± 0.02; one counts as fractal here where its dimension lies above 1.05 by more than twice its standard error. Without damping the step of saddle-free Newton has no bound where an eigenvalue passes zero: starts beside such lines are thrown far, which is what the specks in its pictures are.`
          },
          basinTable(gathered),
          ...gathered.basins.map(basinFigure)
        ]
      },
      { heading: 'Controls', blocks: [{ kind: 'findings', sentences: controlFindings(gathered) }] }
    ],
    data: [
      tableOf('exponents.csv', 'a training: its net, optimizer, learning rate and start, with the exponents’ figures', null, exponents),
      tableOf('boundaries.csv', 'a map of basins with its counts and the dimension of its boundary', null, gathered.basins),
      tableOf(
        'basins.csv',
        'starts side by side that end at the same critical point (the picture is thinned to 128 rows and columns)',
        null,
        gathered.pictures
      ),
      tableOf('known.csv', 'a map whose exponents are known, with those found', null, gathered.known)
    ]
  }
}
