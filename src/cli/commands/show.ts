// `show RUN`: its spec, state, figures and what is stored.
import { checkpointSteps, readLog, readMeta, readSpec, readStatus, runFolder, runSnapshots } from '../../store'
import { print, printJson, readableWorkspace, type WorkspaceOptions } from '../context'
import { bytes, duration, figure } from '../format'

export async function show(id: string, options: WorkspaceOptions): Promise<void> {
  const workspace = readableWorkspace(options)
  const [spec, status, meta] = [await readSpec(workspace, id), await readStatus(workspace, id), await readMeta(workspace, id)]
  const snapshots = await runSnapshots(workspace, id)
  const checkpoints = await checkpointSteps(workspace, id)
  if (options.json) return printJson({ id, folder: runFolder(workspace, id), spec, meta, status, snapshots, checkpoints })
  const { figures } = status
  const rows: [string, string][] = [
    ['name', meta.name],
    ['folder', runFolder(workspace, id)],
    ['state', `${status.state}${status.error ? ` (${status.error})` : ''}`],
    ['optimizer', JSON.stringify(spec.optimizer)],
    ['parameters', String(status.parameterCount ?? '·')],
    ['steps', `${status.step}${spec.budget.steps === null ? '' : ` of ${spec.budget.steps}`}, ${duration(status.seconds)}`],
    ['backend', status.backend ? `${status.backend.description}, ${status.backend.threads} threads` : '·'],
    ['loss', figures ? `${figure(figures.lastLoss, 5)} (least ${figure(figures.minLoss, 5)} at step ${figures.minLossStep ?? '·'})` : '·'],
    ['accuracy', figures?.lastAccuracy ? `${(100 * figures.lastAccuracy).toFixed(2)} % (best at step ${figures.bestAccuracyStep})` : '·'],
    [
      'spectrum',
      figures ? `λ_min ${figure(figures.lambdaMin)}, λ_max ${figure(figures.lambdaMax)}, index ${figure(figures.index, 3)}` : '·'
    ],
    ['snapshots', snapshots.map(({ step, bytes: size }) => `${step} (${bytes(size)})`).join(', ') || 'none'],
    ['checkpoints', checkpoints.join(', ') || 'none']
  ]
  for (const [name, value] of rows) print(`${name.padEnd(12)} ${value}`)
  for (const { time, message } of await readLog(workspace, id, 10)) print(`${''.padEnd(12)} ${time.slice(0, 19)} ${message}`)
}
