// A run as TensorBoard's event file: its metrics and evaluations as scalars, its histograms where it has some.
import { stepRecord, versionRecord, type HistogramEntry, type ScalarEntry } from '../../shared/tensorboard'
import { isDerived } from '../metrics'
import { histogramsPath, readHistograms, readStatus, runFolder } from '../run-folder'
import type { Workspace } from '../workspace'
import { metricFigures } from './figures'

/** `lambdaMax.W1` stands in the group `lambdaMax` there. */
const tagOf = (name: string) => name.replace('.', '/')

export interface EventFile {
  readonly name: string
  readonly notes: readonly string[]
  readonly chunks: () => Generator<Uint8Array>
}

/** Wall times are the run's start and what its lines say since then; where nothing says when it began, its making. */
export async function eventFile(workspace: Workspace, id: string): Promise<EventFile> {
  const { table, missing } = await metricFigures(workspace, id)
  const { lines, damaged } = await readHistograms(workspace.fileSystem, histogramsPath(runFolder(workspace, id)))
  const status = await readStatus(workspace, id).catch(() => null)
  const began = Date.parse(status?.startedAt ?? status?.createdAt ?? '') / 1000 || 0
  const { steps, columns, notFinite } = table
  const since = columns['wallSeconds'] ?? columns['seconds']
  const names = Object.keys(columns).filter((name) => !isDerived(name))
  const bad = new Map(names.map((name) => [name, new Set(notFinite[name])]))
  const histograms = new Map(
    lines.map(({ step, layers }) => [
      step,
      Object.entries(layers).flatMap(([array, { weights, gradients }]): HistogramEntry[] => [
        { tag: `weights/${array}`, histogram: weights },
        ...(gradients ? [{ tag: `gradients/${array}`, histogram: gradients }] : [])
      ])
    ])
  )
  const start = Object.entries(status?.startEvaluation ?? {}).flatMap(([tag, value]): ScalarEntry[] =>
    typeof value === 'number' ? [{ tag, value }] : []
  )
  function* chunks(): Generator<Uint8Array> {
    yield versionRecord(began)
    const first = histograms.get(0) ?? []
    if (start.length + first.length > 0) yield stepRecord({ step: 0, wallTime: began, scalars: start, histograms: first })
    for (let row = 0; row < steps.length; row++) {
      const step = steps[row]
      const scalars = names.flatMap((name): ScalarEntry[] => {
        const value = columns[name][row]
        // What is NaN because the step has no such figure is not written; what was NaN is.
        return Number.isNaN(value) && !bad.get(name)?.has(step) ? [] : [{ tag: tagOf(name), value }]
      })
      const own = histograms.get(step) ?? []
      if (scalars.length + own.length === 0) continue
      const passed = since?.[row] ?? 0
      yield stepRecord({ step, wallTime: began + (Number.isFinite(passed) ? passed : 0), scalars, histograms: own })
    }
  }
  return {
    name: `events.out.tfevents.${String(Math.floor(began)).padStart(10, '0')}.saddlescope`,
    notes: [
      ...(missing === null ? [] : [missing]),
      ...(damaged === 0 ? [] : [`${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} of histograms.ndjson left out`])
    ],
    chunks
  }
}
