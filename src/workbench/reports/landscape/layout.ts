// The page of the report on the landscape: sections, figures and tables over the gathered rows.
import { figureOnPage } from '../../../shared/format/figures'
import type { ReportScale } from '../context'
import type { Block, ReportPage } from '../page'
import { tableOf } from '../table'
import { anisotropyFindings, anisotropyVerdict, controlFindings, evenFindings, evenVerdict } from './findings'
import type { Gathered, PlaceRow } from './gather'
import { sizes } from './plan'

const at = ({ place, step }: PlaceRow) => `${place}, step ${step}`
const where = ({ run, step }: PlaceRow) => ({ run, step })

const curvatureFigure = (row: PlaceRow): Block => ({
  kind: 'figure',
  caption: `Curvature against scale, ${at(row)}: median of |κ(ε)| over the directions of each group, with its quartiles; the local quadratic and the fractional profiles by the same arithmetic.`,
  data: 'scales.csv',
  where: where(row),
  plot: {
    type: 'lines',
    title: `Curvature against scale, ${at(row)}`,
    description: 'A line a group of directions, both axes logarithmic; a flat line is a quadratic.',
    x: { column: 'epsilon', label: 'ε (weight)', log: true },
    y: { column: 'median', label: '|κ(ε)| (loss per squared weight)', log: true },
    by: 'group',
    band: { low: 'low', high: 'high' }
  }
})

const anisotropyFigure = (row: PlaceRow): Block => ({
  kind: 'figure',
  caption: `Anisotropy against scale, ${at(row)}: interquartile range of κ(ε) over the directions of a group, over the median of |κ(ε)|.`,
  data: 'scales.csv',
  where: where(row),
  plot: {
    type: 'lines',
    title: `Anisotropy against scale, ${at(row)}`,
    description: 'A line a group of directions, both axes logarithmic.',
    x: { column: 'epsilon', label: 'ε (weight)', log: true },
    y: { column: 'anisotropy', label: 'interquartile range / median |κ|', log: true },
    by: 'group'
  }
})

const oddFigure = (row: PlaceRow): Block => ({
  kind: 'figure',
  caption: `How much of the loss is odd, ${at(row)}: |a₃|ρ³ over |a₂|ρ² + |a₄|ρ⁴ at the radius ρ of the truncation of order 4, against the number of the eigenvalue.`,
  data: 'landau.csv',
  where: where(row),
  plot: {
    type: 'scatter',
    title: `Odd share of the loss along eigenvectors, ${at(row)}`,
    description: 'A mark an eigenvector, its form by its class.',
    x: { column: 'index', label: 'number of the eigenvalue, 0 for the smallest' },
    y: { column: 'odd', label: 'odd share at the radius' },
    by: 'class'
  }
})

function placesTable(rows: readonly PlaceRow[]): Block {
  const text = (value: number | null) => figureOnPage(value, 3)
  return {
    kind: 'table',
    caption: 'Every place that was looked at.',
    data: 'places.csv',
    columns: ['place', 'step', 'P', 'flat up to ε', 'first kink at ε', 'slope at large ε', 'odd directions', 'odd share'],
    rows: rows.map((row) => [
      row.place,
      String(row.step),
      String(row.parameters),
      text(row.flatTo),
      text(row.kink),
      text(row.slope),
      `${row.oddDirections} of ${row.directions}`,
      text(row.odd)
    ])
  }
}

export function landscapePage(gathered: Gathered, scale: ReportScale, cifarMissing: boolean): ReportPage {
  const { landau, scales, places } = gathered
  const nets = places.filter(({ role }) => role === 'net')
  const controls = places.filter(({ role }) => role === 'control')
  const { samples } = sizes[scale]
  return {
    title: 'What the landscape of a small net looks like, at all scales and to sixth order',
    lead: [
      'The demonstration of 2019 says in prose that the landscape of a net is anisotropic at all scales, and thinks of it in Landau’s terms: an expansion in even powers. Both can be measured exactly on nets of this size: along eigenvectors of the whole Hessian the loss is taken as a power series (by jets, not by differences), and its second difference is followed over nine decades of step size.',
      anisotropyVerdict(gathered),
      evenVerdict(gathered)
    ],
    sections: [
      {
        heading: 'What was found',
        blocks: [
          { kind: 'findings', sentences: [anisotropyVerdict(gathered), evenVerdict(gathered), ...controlFindings(gathered)] },
          {
            kind: 'text',
            text: `The nets: 100 → hidden → 10 with tanh units on ${samples} small digits (the preset sfn-mnist10), the same with leaky ReLU of slope ½, and the slow net of the demonstration on CIFAR-100. The loss is over all training samples the run has.${cifarMissing ? ' CIFAR-100 is not installed in this workspace: its net is left out.' : ''}`
          },
          placesTable(places)
        ]
      },
      {
        heading: 'Anisotropic at all scales?',
        blocks: [
          { kind: 'findings', sentences: anisotropyFindings(gathered) },
          ...nets.flatMap((row) => [curvatureFigure(row), anisotropyFigure(row)])
        ]
      },
      {
        heading: 'Even terms only?',
        blocks: [{ kind: 'findings', sentences: evenFindings(gathered) }, ...nets.map(oddFigure)]
      },
      {
        heading: 'Controls',
        blocks: [
          {
            kind: 'text',
            text: 'Two functions of three variables whose answers are known: 3 cos x + 2 cosh y − z² + x²y² + z⁴, even along every axis, and the same with ½(x³ + y³ + z³). In every figure above the shuffled directions have the entries of the eigenvectors in random order: what they share with them is not owed to the Hessian’s structure.'
          },
          ...controls.flatMap((row) => [curvatureFigure(row)])
        ]
      }
    ],
    data: [
      tableOf('places.csv', 'a place (net or control, and step) with what was measured there', null, places),
      tableOf('landau.csv', 'an eigenvector at a place: coefficients of the loss along it, errors and radii', null, landau),
      tableOf('scales.csv', 'a group of directions at a place and a scale: quantiles of |κ(ε)|, anisotropy, kinks passed', null, scales)
    ]
  }
}
