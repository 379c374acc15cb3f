// `resume RUN`: goes on from the newest checkpoint, bit by bit as if it had never stopped.
import { problemLine, checkSpec } from '../../shared/spec/check'
import { applySettings } from '../../shared/spec/settings'
import { changeBudget, readSpec, readStatus, recoverRun, runFolder, specPath } from '../../store'
import { writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { trainHere } from '../train'

interface ResumeOptions extends WorkspaceOptions {
  readonly set: readonly string[]
  readonly allowOtherBackend?: boolean
}

export async function resume(id: string, options: ResumeOptions): Promise<number> {
  const workspace = await writableWorkspace(options)
  if (!(await workspace.fileSystem.info(specPath(runFolder(workspace, id)))))
    throw new UsageError(`there is no run "${id}" in ${workspace.folder}; \`runs\` lists those there are`)
  const spec = await readSpec(workspace, id)
  await recoverRun(workspace, id)
  if (options.set.length > 0) {
    const other = options.set.find((setting) => !/^(budget)\b[.=]/.test(setting))
    if (other) throw new UsageError(`--set ${other}: only the budget of a run can be changed; start a new run for anything else`)
    const { spec: changed, problems } = await checkSpec(applySettings(spec, options.set))
    if (!changed) throw new UsageError(problems.map(problemLine)[0], problems.slice(1).map(problemLine))
    await changeBudget(workspace, id, { ...spec, budget: changed.budget })
  } else if ((await readStatus(workspace, id)).state === 'done') {
    const { step } = await readStatus(workspace, id)
    if (options.json) process.stdout.write(`${JSON.stringify({ event: 'end', run: id, state: 'done', step, stepsDone: 0 })}\n`)
    process.stderr.write(`the budget of run ${id} is spent after ${step} steps: give it more with --set budget.steps=…\n`)
    return 0
  }
  return trainHere(workspace, id, options)
}
