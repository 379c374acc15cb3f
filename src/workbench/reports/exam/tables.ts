// The data behind the exam's page: a row a cell, a row a run, a row a problem, and a run spec of each problem that can be trained as it is.
import { examSpec } from '../../../engine-process/exam'
import { gradeOf, type Attempt, type ExamCell } from '../../../shared/exam/grade'
import type { ExamProblem } from '../../../shared/exam/problems'
import { atEdge, gradingSeeds, settingsOf, settingText } from '../../../shared/exam/settings'
import type { OptimizerKind } from '../../../shared/spec/schema'
import { tableOf, type JsonData, type Table } from '../table'

export interface CellRow {
  readonly problem: string
  readonly optimizer: string
  readonly refusal: string | null
  /** Place of the graded setting, from 0. */
  readonly chosen: number | null
  readonly setting: string | null
  /** A value of the setting lies at the end of its grid: a better one may lie beyond. */
  readonly atEdge: boolean | null
  readonly passed: number
  readonly of: number
  readonly evaluations: number | null
}

export function cellRow(cell: ExamCell): CellRow {
  const { problem, optimizer, refusal, chosen } = cell
  const kind = optimizer as OptimizerKind
  const setting = chosen === null ? null : settingText(settingsOf(kind)[chosen])
  return { problem, optimizer, refusal, chosen, setting, atEdge: chosen === null ? null : atEdge(kind, chosen), ...gradeOf(cell) }
}

function runRows({ problem, optimizer, tuning, chosen, graded }: ExamCell) {
  const row = (use: 'tuning' | 'graded', setting: number | null) => (attempt: Attempt) => ({ problem, optimizer, use, setting, ...attempt })
  return [...tuning.flatMap((attempts, place) => attempts.map(row('tuning', place))), ...graded.map(row('graded', chosen))]
}

export function cellTables(cells: readonly ExamCell[]): Table[] {
  const columns = ['problem', 'optimizer', 'use', 'setting', 'seed', 'evaluations', 'last', 'diverged', 'fault'] as const
  return [
    tableOf('cells.csv', 'an optimizer on a problem: its graded setting, and what came of it', null, cells.map(cellRow)),
    tableOf(
      'runs.csv',
      'a run of tuning or grading; evaluations are empty where the target was not reached',
      columns,
      cells.flatMap(runRows)
    )
  ]
}

export const problemTable = (problems: readonly ExamProblem[]): Table =>
  tableOf('problems.csv', 'a problem of the exam', ['id', 'title', 'trap', 'answer', 'metric', 'budget'], problems)

/** The first graded instance of each, with Adam as it comes. */
export async function problemSpecs(problems: readonly ExamProblem[]): Promise<JsonData[]> {
  const [seed] = gradingSeeds
  return Promise.all(
    problems.map(async (problem) => ({
      name: `${problem.id}.json`,
      about: `a run spec of ${problem.title} (seed ${seed}), to be trained by any optimizer`,
      json: await examSpec(problem, seed, { kind: 'adam' })
    }))
  )
}
