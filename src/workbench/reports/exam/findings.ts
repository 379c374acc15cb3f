// What the exam's table shows, in sentences computed from it.
import { optimizers } from '../../../shared/spec/optimizers'
import type { OptimizerKind } from '../../../shared/spec/schema'
import type { ExamProblem } from '../../../shared/exam/problems'
import type { CellRow } from './tables'

export const labelOf = (kind: string) => optimizers[kind as OptimizerKind].label
export const passed = ({ passed: count, of }: CellRow) => of > 0 && count === of

export interface Standing {
  readonly optimizer: string
  readonly rows: readonly CellRow[]
  /** Problems passed on every graded seed, problems it can take, and graded runs passed. */
  readonly problems: number
  readonly taken: number
  readonly runs: number
}

/** The optimizers, those with most problems first, then most runs, then in the order of the registry. */
export function standings(rows: readonly CellRow[]): Standing[] {
  const kinds = [...new Set(rows.map(({ optimizer }) => optimizer))]
  return kinds
    .map((optimizer): Standing => {
      const own = rows.filter((row) => row.optimizer === optimizer)
      return {
        optimizer,
        rows: own,
        problems: own.filter(passed).length,
        taken: own.filter(({ refusal }) => refusal === null).length,
        runs: own.reduce((sum, row) => sum + row.passed, 0)
      }
    })
    .sort((a, b) => b.problems - a.problems || b.runs - a.runs)
}

const listed = (names: readonly string[]) =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`

export function verdict(rows: readonly CellRow[]): string {
  const all = standings(rows)
  const [first] = all
  const best = all.filter(({ problems }) => problems === first.problems)
  const count = first.rows.length
  return `Most problems are passed by ${listed(best.map(({ optimizer }) => labelOf(optimizer)))}: ${first.problems} of ${count} on every graded seed. ${first.problems === count ? '' : 'No optimizer passes all. '}`.trim()
}

function problemSentence(problem: ExamProblem, rows: readonly CellRow[]): string {
  const own = rows.filter((row) => row.problem === problem.id && row.refusal === null)
  const through = own.filter(passed).sort((a, b) => (a.evaluations ?? Infinity) - (b.evaluations ?? Infinity))
  if (through.length === 0) return `${problem.title}: none of ${own.length} passes on every seed.`
  const [{ evaluations }] = through
  const quickest = through.filter((row) => row.evaluations === evaluations).map(({ optimizer }) => labelOf(optimizer))
  return `${problem.title}: ${through.length} of ${own.length} pass on every seed, with fewest evaluations ${listed(quickest)} (${evaluationsText(evaluations)}).`
}

/** One decimal below 100: matrices count for parts of a gradient. */
export const evaluationsText = (value: number | null) =>
  value === null ? '–' : value < 100 ? String(Number(value.toFixed(1))) : String(Math.round(value))

export function findings(problems: readonly ExamProblem[], rows: readonly CellRow[]): string[] {
  const own = problems.filter(({ id }) => rows.some(({ problem }) => problem === id))
  const taken = rows.filter(({ refusal }) => refusal === null)
  const edge = taken.filter((row) => row.atEdge === true && !passed(row)).length
  return [
    ...own.map((problem) => problemSentence(problem, rows)),
    `In ${edge} of the ${taken.filter((row) => !passed(row)).length} cells that are not passed the chosen setting lies at the end of its grid: there another grid may do better.`
  ]
}
