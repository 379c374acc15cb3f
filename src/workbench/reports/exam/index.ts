// The exam for optimizers as a page: who passes what, at which cost, with which setting, and how it was counted.
import type { ExamCell } from '../../../shared/exam/grade'
import { evaluateEvery, examProblems, type ExamProblem } from '../../../shared/exam/problems'
import { gradingSeeds, settingsEach, tuningSeeds } from '../../../shared/exam/settings'
import type { Block, ReportPage } from '../page'
import { evaluationsText, findings, labelOf, passed, standings, verdict } from './findings'
import { cellRow, cellTables, problemSpecs, problemTable, type CellRow } from './tables'

const gradeText = (row: CellRow | undefined) => {
  if (row === undefined || row.refusal !== null) return '–'
  const count = `${row.passed}/${row.of}`
  return passed(row) ? `${count} in ${evaluationsText(row.evaluations)}` : count
}

/** A row an optimizer, a column a problem. */
function matrix(
  caption: string,
  problems: readonly ExamProblem[],
  rows: readonly CellRow[],
  text: (row: CellRow | undefined) => string,
  sums: boolean
): Block {
  return {
    kind: 'table',
    caption,
    data: 'cells.csv',
    columns: ['optimizer', ...(sums ? ['passed'] : []), ...problems.map(({ title }) => title)],
    rows: standings(rows).map(({ optimizer, rows: own, problems: count, taken }) => [
      labelOf(optimizer),
      ...(sums ? [`${count} of ${taken}`] : []),
      ...problems.map(({ id }) => text(own.find(({ problem }) => problem === id)))
    ])
  }
}

const settingCell = (row: CellRow | undefined) => (row?.setting ? `${row.setting}${row.atEdge === true ? ' *' : ''}` : '–')

function refusals(problems: readonly ExamProblem[], rows: readonly CellRow[]): Block[] {
  const refused = rows.filter(({ refusal }) => refusal !== null)
  if (refused.length === 0) return []
  const titles = new Map(problems.map(({ id, title }) => [id, title]))
  const shown = refused.map((row) => [labelOf(row.optimizer), titles.get(row.problem) ?? row.problem, row.refusal ?? ''])
  return [
    {
      kind: 'table',
      caption: 'What an optimizer cannot take, with its own words: it is neither passed nor failed.',
      data: 'cells.csv',
      columns: ['optimizer', 'problem', 'why'],
      rows: shown
    }
  ]
}

const targetText = ({ metric, instance }: ExamProblem) => {
  const [first, second] = gradingSeeds.map((seed) => instance(seed).target)
  return `${metric === 'loss' ? 'loss' : 'test loss'} ≤ ${first === second ? String(first) : '10⁻⁸ of its scale'}`
}

const problemBlock = (problems: readonly ExamProblem[]): Block => ({
  kind: 'table',
  caption: 'The problems.',
  data: 'problems.csv',
  columns: ['problem', 'trap', 'known answer', 'target', 'budget'],
  rows: problems.map((problem) => [problem.title, problem.trap, problem.answer, targetText(problem), String(problem.budget)])
})

const counting = [
  'The budget is counted in gradients of the problem’s own batch, by what every run records (gradientEvaluations): a step takes one; an assembled matrix of a block of n rows counts as n²/(6P) gradients, P the number of parameters, a product with the Hessian as two, a loss that is tried as a third, a jet as what its passes take. Solving and decomposing matrices, orthogonalizing and preconditioning are no evaluations, nor are looks at test samples; and seconds are not counted at all.',
  `A loss is known with the gradient of its step: a pass took all evaluations of the steps before, and that gradient. A test loss is looked at every ${evaluateEvery} steps. Schedule-free AdamW is judged by test losses at the point it is meant to be used at, by losses at the point where it takes its gradients.`
]

/** From rows of cells in place of cells: what is written follows from the table alone. */
export function examPage(problems: readonly ExamProblem[], rows: readonly CellRow[]): Omit<ReportPage, 'data'> {
  return {
    title: 'An exam for optimizers',
    lead: [
      `${problems.length} small problems with known answers, each with a trap, a target and a budget of gradient evaluations. Every optimizer tries the same number of settings (${settingsEach}, on grids around its defaults) on ${tuningSeeds.length} seeds, and the best of them is graded on ${gradingSeeds.length} others, whose starts, data and scales tuning has not seen.`,
      verdict(rows)
    ],
    sections: [
      {
        heading: 'Who passes what?',
        blocks: [
          matrix(
            `Graded seeds passed; where all are, “in” the median of gradient evaluations to the target. – : not to be taken by it.`,
            problems,
            rows,
            gradeText,
            true
          ),
          { kind: 'findings', sentences: findings(problems, rows) }
        ]
      },
      {
        heading: 'How it is counted',
        blocks: [
          ...counting.map((text): Block => ({ kind: 'text', text })),
          {
            kind: 'text',
            text: 'The best setting is the one with most tuning runs passed, of these the one with fewest evaluations, then the one with the lowest sum of last losses. Options that are not varied have their defaults, with two exceptions: L-BFGS has its line search, and SOAP preconditions vectors too. What “passed” adds up are problems passed on every seed, of those that an optimizer can take.'
          },
          matrix('The graded settings; * : at the end of its grid.', problems, rows, settingCell, false)
        ]
      },
      { heading: 'The problems', blocks: [problemBlock(problems), ...refusals(problems, rows)] }
    ]
  }
}

export async function examReport(cells: readonly ExamCell[]): Promise<ReportPage> {
  const problems = examProblems.filter(({ id }) => cells.some(({ problem }) => problem === id))
  const rows = cells.map(cellRow)
  return { ...examPage(problems, rows), data: [...cellTables(cells), problemTable(problems), ...(await problemSpecs(problems))] }
}
