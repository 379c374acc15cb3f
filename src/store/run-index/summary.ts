// What the run list shows of a run, from its three small files. Damage in one of them becomes the row's error, never a missing row.
import { z } from 'zod'
import { fromSnapshot, ownCurvature, snapshotPreferred, type SnapshotCurvature } from '../../shared/run/curvature'
import { emptyFigures, perSampleOf, sparklineOf } from '../../shared/run/figures'
import { dividesEvenly, isBatchSum } from '../../shared/run/per-sample'
import { metaSchema, statusSchema, type RunFigures } from '../../shared/run/schema'
import type { RunSummary } from '../../shared/run/summary'
import { scopes } from '../../shared/spec/schema'
import { parseJson } from '../files'
import type { MetricsSummary } from '../run-folder'
import { messageOf } from '../../shared/format/message-of'

/** Bytes of the files; null where one is missing. */
export interface RunFiles {
  readonly spec: Uint8Array
  readonly meta: Uint8Array | null
  readonly status: Uint8Array | null
}

function tried<Schema extends z.ZodType>(
  bytes: Uint8Array | null,
  schema: Schema,
  file: string,
  faults: string[]
): z.output<Schema> | null {
  if (bytes === null) {
    faults.push(`${file} is missing`)
    return null
  }
  try {
    return parseJson(bytes, schema, file)
  } catch (error) {
    faults.push(messageOf(error))
    return null
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const field = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined)
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)

/** The spec is only looked into: one of a newer version, or one that is no longer valid, still has a row. */
function fromSpec(source: Uint8Array, faults: string[]) {
  let spec: unknown = null
  try {
    spec = parseJson(source, z.unknown(), 'spec.json')
  } catch (error) {
    faults.push(messageOf(error))
  }
  const version = field(spec, 'schemaVersion')
  if (typeof version === 'number' && version > 1)
    faults.push(`made by a newer version (schemaVersion ${version}); it can be looked at, not run`)
  const dataset = field(field(spec, 'data'), 'dataset')
  const budget = (name: string) => number(field(field(spec, 'budget'), name))
  const optimizer = field(spec, 'optimizer')
  return {
    name: text(field(spec, 'name')) ?? '',
    optimizer: text(field(optimizer, 'kind')) ?? 'unknown',
    optimizerScope: scopes.find((scope) => scope === field(optimizer, 'scope')) ?? ('full' as const),
    dataset: text(dataset) ?? text(field(dataset, 'path')) ?? text(field(field(spec, 'problem'), 'function')) ?? '',
    l2: number(field(field(spec, 'regularization'), 'l2')) ?? 0,
    loss: field(spec, 'problem') === undefined ? (text(field(spec, 'loss')) ?? 'unknown') : null,
    batchSize: number(field(field(spec, 'batch'), 'size')),
    budgetSteps: budget('steps'),
    budgetEpochs: budget('epochs'),
    budgetSeconds: budget('seconds')
  }
}

/** What a run's small files do not say, found elsewhere in its folder. */
export interface FoundElsewhere {
  /** Of the metrics' lines. */
  readonly scanned?: Pick<MetricsSummary, 'figures' | 'steps' | 'seconds' | 'wallSeconds'>
  readonly measured?: Pick<RunFigures, 'bytes' | 'snapshots'>
  readonly trainingSamples?: number | null
  readonly snapshot?: SnapshotCurvature | null
}

/** What of that is to be looked for. */
export interface Wanted {
  /** The figures of the metrics' lines: status.json has none (an older or foreign run), or not all of them. */
  readonly scanned: boolean
  readonly measured: boolean
  /** The loss is a sum over the batch, and an older version did not record of how many samples. */
  readonly trainingSamples: boolean
  /** A snapshot of this step is where the run's eigenvalue figures are from. */
  snapshot(newest: number): boolean
}

export interface Summarized {
  readonly summary: RunSummary
  readonly wanted: Wanted
  /** False: state and times in the summary are stand-ins. */
  readonly hasStatus: boolean
}

/** A file without a line says nothing of the figures that were recorded. */
function lineFigures({ scanned }: FoundElsewhere): Partial<RunFigures> {
  if (!scanned || scanned.steps === 0) return {}
  const { bytes: _, snapshots: __, ...figures } = scanned.figures
  return figures
}

export function summarize(id: string, files: RunFiles, elsewhere: FoundElsewhere = {}): Summarized {
  const faults: string[] = []
  const spec = fromSpec(files.spec, faults)
  const meta = tried(files.meta, metaSchema, 'meta.json', faults)
  const status = tried(files.status, statusSchema, 'status.json', faults)
  const figures = { ...(status?.figures ?? emptyFigures), ...lineFigures(elsewhere), ...elsewhere.measured }
  const { bytes } = figures
  const batch = { ...spec, trainingSamples: status?.trainingSamples ?? elsewhere.trainingSamples ?? null }
  const step = Math.max(status?.step ?? 0, elsewhere.scanned?.steps ?? 0)
  const own = ownCurvature(figures, { kind: spec.optimizer, scope: spec.optimizerScope })
  const damage = faults.length > 0 ? faults.join('; ') : null
  const summary: RunSummary = {
    id,
    state: status?.state ?? 'interrupted',
    tags: meta?.tags ?? [],
    group: meta?.group ?? null,
    colour: meta?.colour ?? null,
    pinned: meta?.pinned ?? false,
    notes: meta?.notes ?? '',
    ...batch,
    // What trained a recorded run may be none of our kinds; its spec then holds a stand-in.
    optimizer: status?.recordedOptimizer ?? batch.optimizer,
    name: meta?.name ?? (spec.name || id),
    parameterCount: status?.parameterCount ?? null,
    step,
    lastLoss: figures.lastLoss,
    minLoss: figures.minLoss,
    minLossStep: figures.minLossStep,
    ...perSampleOf(figures, step, batch),
    lastTestLoss: figures.lastTestLoss ?? status?.startEvaluation?.testLoss ?? null,
    lastAccuracy: figures.lastAccuracy ?? status?.startEvaluation?.testAccuracy ?? null,
    bestAccuracy: figures.bestAccuracy,
    bestAccuracyStep: figures.bestAccuracyStep,
    lastValLoss: figures.lastValLoss ?? status?.startEvaluation?.valLoss ?? null,
    lastValAccuracy: figures.lastValAccuracy ?? status?.startEvaluation?.valAccuracy ?? null,
    bestValAccuracy: figures.bestValAccuracy,
    bestValAccuracyStep: figures.bestValAccuracyStep,
    accuracyAtBestVal: figures.accuracyAtBestVal,
    ...(elsewhere.snapshot ? fromSnapshot(elsewhere.snapshot) : own),
    seconds: Math.max(status?.seconds ?? 0, elsewhere.scanned?.seconds ?? 0),
    wallSeconds: status?.wallSeconds ?? elsewhere.scanned?.wallSeconds ?? null,
    bytes: bytes.metrics + bytes.checkpoints + bytes.snapshots + bytes.other,
    snapshots: figures.snapshots,
    createdAt: status?.createdAt ?? '1970-01-01T00:00:00.000Z',
    sparkline: sparklineOf(figures, batch),
    error: damage ?? status?.error ?? null,
    damage
  }
  const uneven = batch.trainingSamples !== null && !dividesEvenly(batch)
  return {
    summary,
    wanted: {
      scanned:
        !status?.figures ||
        (figures.lambdaMin !== null && figures.curvatureStep === null) ||
        (uneven && figures.minLoss !== null && figures.minLossPerSample === null),
      measured: !status?.figures,
      trainingSamples: isBatchSum(batch) && batch.trainingSamples === null,
      snapshot: (newest) => snapshotPreferred(own, newest)
    },
    hasStatus: status !== null
  }
}
