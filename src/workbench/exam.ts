// The exam for optimizers over many cells: one after the other in this process, or several at once in engine processes.
import { examCell } from '../engine-process/exam'
import type { ExamCell } from '../shared/exam/grade'
import type { OptimizerKind } from '../shared/spec/schema'
import type { Workspace } from '../store'
import { nodeLauncher } from './launcher'
import { superviseEngine } from './supervise'

export interface CellOrder {
  readonly problem: string
  readonly optimizer: OptimizerKind
}

export interface ExamWork {
  readonly jobs: number
  readonly signal: AbortSignal
  /** `fraction` of all cells that are there. */
  onProgress(fraction: number, last: CellOrder): void
}

/** Makes the cell in a process of its own; it is then in the workspace. */
async function inEngine(workspace: Workspace, { problem, optimizer }: CellOrder, signal: AbortSignal): Promise<void> {
  const job = { name: 'exam-cell', problem, optimizer } as const
  const engine = superviseEngine(nodeLauncher(), { kind: 'job', workspace: workspace.folder, job, threads: 1 }, () => undefined)
  const stop = () => engine.stop('interrupted')
  signal.addEventListener('abort', stop, { once: true })
  const end = await engine.ended
  signal.removeEventListener('abort', stop)
  signal.throwIfAborted()
  if (end.kind === 'job' && end.state === 'done') return
  throw new Error(`${optimizer} on ${problem}: ${end.kind === 'crash' ? end.cause : (end.message ?? 'it ended')}`)
}

/** All cells in the order given. Throws the first fault; AbortError when stopped, and then the same call goes on. */
export async function sitCells(
  workspace: Workspace,
  orders: readonly CellOrder[],
  { jobs, signal, onProgress }: ExamWork
): Promise<ExamCell[]> {
  const cells: ExamCell[] = []
  let [next, done] = [0, 0]
  const faults: unknown[] = []
  async function worker() {
    while (next < orders.length && faults.length === 0) {
      const place = next++
      const { problem, optimizer } = orders[place]
      signal.throwIfAborted()
      if (jobs > 1) await inEngine(workspace, orders[place], signal)
      cells[place] = await examCell(workspace, problem, optimizer, { signal })
      onProgress(++done / orders.length, orders[place])
    }
  }
  await Promise.all(Array.from({ length: jobs }, () => worker().catch((error: unknown) => void faults.push(error))))
  if (faults.length > 0) throw faults[0]
  return cells
}
