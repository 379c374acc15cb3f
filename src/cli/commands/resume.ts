// `resume RUN`: goes on from the newest checkpoint, bit by bit as if it had never stopped.
import { checkSpec } from '../../shared/spec/check'
import { problemLine } from '../../shared/spec/problem'
import { applySettings } from '../../shared/spec/settings'
import { changeBudget, readSpec, recoverRun, requireRun } from '../../store'
import { print, say, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { trainHere } from '../train'

interface ResumeOptions extends WorkspaceOptions {
  readonly set: readonly string[]
  readonly allowOtherBackend?: boolean
}

export async function resume(id: string, options: ResumeOptions): Promise<number> {
  const workspace = await writableWorkspace(options)
  await requireRun(workspace, id)
  const spec = await readSpec(workspace, id)
  const { state, step } = await recoverRun(workspace, id)
  if (options.set.length > 0) {
    const other = options.set.find((setting) => !/^(budget)\b[.=]/.test(setting))
    if (other) throw new UsageError(`--set ${other}: only the budget of a run can be changed; start a new run for anything else`)
    const { spec: changed, problems } = await checkSpec(applySettings(spec, options.set))
    if (!changed) throw new UsageError(problems.map(problemLine)[0], problems.slice(1).map(problemLine))
    await changeBudget(workspace, id, { ...spec, budget: changed.budget })
  } else if (state === 'done') {
    if (options.json) print(JSON.stringify({ event: 'end', run: id, state: 'done', step, stepsDone: 0 }))
    say(`the budget of run ${id} is spent after ${step} steps: give it more with --set budget.steps=…`)
    return 0
  }
  return trainHere(workspace, id, options)
}
