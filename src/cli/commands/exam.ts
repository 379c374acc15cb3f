// `study exam --out FILE.html`: every optimizer sits the exam; what was made of it before is kept, what is missing is made, then the page is written.
import { versions } from '../../engine-process/versions'
import { examProblems } from '../../shared/exam/problems'
import { optimizerKinds } from '../../shared/spec/optimizers'
import { sitCells } from '../../workbench/exam'
import { examReport } from '../../workbench/reports/exam'
import { writeReport } from '../../workbench/reports/page'
import { print, printJson, say, stopSignal, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { jobsAtOnce, UsageError } from '../ending'
import { table } from '../format'
import { noSuch } from '../no-such'
import { phaseDisplay } from '../phase-display'

interface ExamOptions extends WorkspaceOptions {
  readonly out: string
  readonly jobs: number
  readonly optimizers?: string
  readonly problems?: string
}

/** Names of a list, in the list's own order; all where none are given. */
function chosen<Name extends string>(option: string, given: string | undefined, all: readonly Name[]): Name[] {
  if (given === undefined) return [...all]
  const names = given.split(',').map((name) => name.trim())
  for (const name of names) if (!all.some((one) => one === name)) throw noSuch(`${option}: there is no`, name, all)
  return all.filter((one) => names.includes(one))
}

export async function exam(options: ExamOptions): Promise<void> {
  const jobs = jobsAtOnce(options.jobs)
  if (!/\.html?$/i.test(options.out)) throw new UsageError(`--out: must be a file that ends in .html, got "${options.out}"`)
  const kinds = chosen('--optimizers', options.optimizers, optimizerKinds)
  const ids = chosen(
    '--problems',
    options.problems,
    examProblems.map(({ id }) => id)
  )
  const out = userPath(options.out)
  const workspace = await writableWorkspace(options)
  const stop = stopSignal(() => say('\nstopping after the step in hand; the same command goes on (Ctrl-C again ends at once)…'))
  const display = phaseDisplay(process.stderr)
  try {
    const orders = ids.flatMap((problem) => kinds.map((optimizer) => ({ problem, optimizer })))
    display.onPhase('the exam')
    const cells = await sitCells(workspace, orders, {
      jobs,
      signal: stop.signal,
      onProgress: (fraction, { problem, optimizer }) => display.onProgress(fraction, `${optimizer} on ${problem}`)
    })
    stop.signal.throwIfAborted()
    const page = await examReport(cells)
    const narrowed = [
      options.optimizers === undefined ? '' : ` --optimizers ${kinds.join(',')}`,
      options.problems === undefined ? '' : ` --problems ${ids.join(',')}`
    ].join('')
    const command = `saddlescope study exam${narrowed} --out ${options.out}`
    const { folder } = await writeReport(out, { ...page, command, versions: versions() }, workspace.fileSystem)
    display.clear()
    const [first] = page.sections
    const grades = first.blocks.find((block) => block.kind === 'table')
    const findings = first.blocks.flatMap((block) => (block.kind === 'findings' ? block.sentences : []))
    if (options.json) return printJson({ file: out, folder, findings: [page.lead[1], ...findings], cells })
    if (grades?.kind === 'table') print(table(['optimizer', 'passed', ...ids], grades.rows))
    for (const sentence of [page.lead[1], ...findings]) say(`- ${sentence}`)
    say(`written to ${out}, its data to ${folder}`)
  } finally {
    display.clear()
    stop.dispose()
  }
  return undefined
}
