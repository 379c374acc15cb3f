// `prune RUN…`: lets go of snapshots by a policy; the first, the last and the pinned ones always stay.
import { bytes } from '../../shared/format/bytes'
import { pruneSnapshots, requireRun } from '../../store'
import { printJson, say, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'

interface PruneOptions extends WorkspaceOptions {
  readonly keepEvery?: number
  readonly hessians?: boolean
  readonly dryRun?: boolean
}

export async function prune(ids: readonly string[], options: PruneOptions): Promise<void> {
  const { keepEvery } = options
  if (keepEvery !== undefined && !(Number.isInteger(keepEvery) && keepEvery >= 1))
    throw new UsageError('--keep-every: must be an integer ≥ 1')
  const workspace = await writableWorkspace(options)
  for (const id of ids) await requireRun(workspace, id)
  const report = []
  for (const id of ids)
    report.push({
      run: id,
      ...(await pruneSnapshots(workspace, id, {
        which: { keepEvery: keepEvery ?? null },
        hessiansOnly: options.hessians ?? false,
        dryRun: options.dryRun ?? false
      }))
    })
  const [did, freeing] = options.dryRun ? ['would prune', 'freeing'] : ['pruned', 'freed']
  const what = options.hessians ? 'the Hessians of snapshots' : 'snapshots'
  if (options.json) return printJson(report)
  for (const { run, steps, bytes: freed } of report)
    say(steps.length === 0 ? `${run}: nothing to prune` : `${run}: ${did} ${what} ${steps.join(', ')}, ${freeing} ${bytes(freed)}`)
  return undefined
}
