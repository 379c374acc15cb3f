// `show RUN`: its spec, state, figures and what is stored; of a run with damaged files what is left of them, and what is wrong.
import { bytes } from '../../shared/format/bytes'
import { figure, percent } from '../../shared/format/figures'
import type { RunFigures } from '../../shared/run/schema'
import { isFunctionSpec, type RunSpec } from '../../shared/spec/schema'
import {
  checkpointSteps,
  lossText,
  metaOrRebuilt,
  metricsPath,
  readLog,
  readSpec,
  requireRun,
  runFolder,
  runSnapshots,
  scanMetrics,
  statusOrRebuilt,
  type Workspace
} from '../../store'
import { print, printJson, readableWorkspace, type WorkspaceOptions } from '../context'
import { harmless, oneLine, timesText } from '../format'
import { methodsOf } from '../../shared/run/methods'
import { openManifest } from '../../store/datasets'
import { messageOf } from '../../shared/format/message-of'

/** A spec that cannot be read is a fault to show, not the end of showing. */
async function specOrFault(workspace: Workspace, id: string): Promise<{ readonly spec: RunSpec | null; readonly fault: string | null }> {
  try {
    return { spec: await readSpec(workspace, id), fault: null }
  } catch (error) {
    return { spec: null, fault: messageOf(error) }
  }
}

const accuracyText = (last: number | null | undefined, bestStep: number | null | undefined) =>
  last === null || last === undefined ? '·' : `${percent(last, 2)}${typeof bestStep === 'number' ? ` (best at step ${bestStep})` : ''}`

/** The test accuracy that validation chose. */
const chosenText = (figures: RunFigures | null) =>
  typeof figures?.accuracyAtBestVal === 'number'
    ? `; ${percent(figures.accuracyAtBestVal, 2)} at the best validation accuracy, step ${figures.bestValAccuracyStep}`
    : ''

/** What was run, as prose. A dataset that is gone is named by its id. */
async function methodsText(workspace: Workspace, id: string): Promise<ReturnType<typeof methodsOf>> {
  const spec = await readSpec(workspace, id)
  const [{ meta }, { status }] = [await metaOrRebuilt(workspace, id), await statusOrRebuilt(workspace, id)]
  const reference = isFunctionSpec(spec) ? null : spec.data.dataset
  const manifest = typeof reference === 'string' ? await openManifest(workspace, reference).catch(() => null) : null
  const dataset = manifest && {
    title: manifest.title,
    trainCount: manifest.counts.train,
    testCount: manifest.counts.test,
    partial: manifest.partial
  }
  return methodsOf({ spec, meta, status, dataset })
}

export async function show(id: string, options: WorkspaceOptions & { readonly methods?: boolean }): Promise<void> {
  const workspace = readableWorkspace(options)
  await requireRun(workspace, id)
  if (options.methods) {
    const methods = await methodsText(workspace, id)
    return options.json ? printJson(methods) : print(harmless(methods.text.trimEnd()))
  }
  const { spec, fault } = await specOrFault(workspace, id)
  const { status, fault: statusFault } = await statusOrRebuilt(workspace, id)
  const { meta, fault: metaFault } = await metaOrRebuilt(workspace, id)
  const snapshots = await runSnapshots(workspace, id)
  const checkpoints = await checkpointSteps(workspace, id)
  const metrics = await scanMetrics(workspace.fileSystem, metricsPath(runFolder(workspace, id)))
  const damage = [fault, statusFault, metaFault, lossText(metrics)].filter((one) => one !== null)
  if (options.json) return printJson({ id, folder: runFolder(workspace, id), spec, meta, status, snapshots, checkpoints, damage })
  const { figures } = status
  const rows: [string, string][] = [
    ['name', meta.name],
    ['folder', runFolder(workspace, id)],
    ['state', `${status.state}${status.error ? ` (${status.error})` : ''}`],
    ...damage.map((one): [string, string] => ['damage', one]),
    ['optimizer', spec ? JSON.stringify(spec.optimizer) : '·'],
    ['parameters', String(status.parameterCount ?? '·')],
    ['steps', `${status.step}${spec?.budget.steps ? ` of ${spec.budget.steps}` : ''}, ${timesText(status)}`],
    ['backend', status.backend ? `${status.backend.description}, ${status.backend.threads} threads` : '·'],
    ['loss', figures ? `${figure(figures.lastLoss, 5)} (least ${figure(figures.minLoss, 5)} at step ${figures.minLossStep ?? '·'})` : '·'],
    [
      'test',
      `loss ${figure(figures?.lastTestLoss, 5)}, accuracy ${accuracyText(figures?.lastAccuracy, figures?.bestAccuracyStep)}${chosenText(figures)}`
    ],
    ...(figures && figures.lastValLoss !== null
      ? [
          [
            'validation',
            `loss ${figure(figures.lastValLoss, 5)}, accuracy ${accuracyText(figures.lastValAccuracy, figures.bestValAccuracyStep)}`
          ] satisfies [string, string]
        ]
      : []),
    [
      'spectrum',
      figures ? `λ_min ${figure(figures.lambdaMin)}, λ_max ${figure(figures.lambdaMax)}, index ${figure(figures.index, 3)}` : '·'
    ],
    [
      'snapshots',
      snapshots.map((one) => `${one.step} (${bytes(one.bytes)}${one.damage === null ? '' : ', damaged'})`).join(', ') || 'none'
    ],
    ['checkpoints', checkpoints.join(', ') || 'none']
  ]
  for (const [name, value] of rows) print(`${name.padEnd(12)} ${oneLine(value)}`)
  for (const { time, message } of await readLog(workspace, id, 10))
    print(`${''.padEnd(12)} ${oneLine(time.slice(0, 19))} ${oneLine(message)}`)
}
