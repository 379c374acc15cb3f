// What the run list shows of a run, from its three small files. Damage in one of them becomes the row's error, never a missing row.
import { z } from 'zod'
import { emptyFigures } from '../../shared/run/figures'
import { metaSchema, statusSchema } from '../../shared/run/schema'
import type { RunSummary } from '../../shared/run/summary'
import { parseJson } from '../files'

/** Bytes of the files; null where one is missing. */
export interface RunFiles {
  readonly spec: Uint8Array
  readonly meta: Uint8Array | null
  readonly status: Uint8Array | null
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

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
  const steps = field(field(spec, 'budget'), 'steps')
  return {
    name: text(field(spec, 'name')) ?? '',
    optimizer: text(field(field(spec, 'optimizer'), 'kind')) ?? 'unknown',
    dataset: text(dataset) ?? text(field(dataset, 'path')) ?? text(field(field(spec, 'problem'), 'function')) ?? '',
    budgetSteps: typeof steps === 'number' ? steps : null
  }
}

export interface Summarized {
  readonly summary: RunSummary
  /** status.json has none (an older or foreign run): they are then gathered from the metrics. */
  readonly needsFigures: boolean
  /** False: state and times in the summary are stand-ins. */
  readonly hasStatus: boolean
}

export function summarize(id: string, files: RunFiles): Summarized {
  const faults: string[] = []
  const spec = fromSpec(files.spec, faults)
  const meta = tried(files.meta, metaSchema, 'meta.json', faults)
  const status = tried(files.status, statusSchema, 'status.json', faults)
  const figures = status?.figures ?? emptyFigures
  const { bytes } = figures
  const damage = faults.length > 0 ? faults.join('; ') : null
  const summary: RunSummary = {
    id,
    name: meta?.name ?? (spec.name || id),
    state: status?.state ?? 'interrupted',
    tags: meta?.tags ?? [],
    group: meta?.group ?? null,
    colour: meta?.colour ?? null,
    pinned: meta?.pinned ?? false,
    notes: meta?.notes ?? '',
    optimizer: spec.optimizer,
    dataset: spec.dataset,
    parameterCount: status?.parameterCount ?? null,
    step: status?.step ?? 0,
    budgetSteps: spec.budgetSteps,
    lastLoss: figures.lastLoss,
    minLoss: figures.minLoss,
    minLossStep: figures.minLossStep,
    lastTestLoss: figures.lastTestLoss ?? status?.startEvaluation?.testLoss ?? null,
    lastAccuracy: figures.lastAccuracy ?? status?.startEvaluation?.testAccuracy ?? null,
    bestAccuracy: figures.bestAccuracy,
    bestAccuracyStep: figures.bestAccuracyStep,
    lastValLoss: figures.lastValLoss ?? status?.startEvaluation?.valLoss ?? null,
    lastValAccuracy: figures.lastValAccuracy ?? status?.startEvaluation?.valAccuracy ?? null,
    bestValAccuracy: figures.bestValAccuracy,
    bestValAccuracyStep: figures.bestValAccuracyStep,
    accuracyAtBestVal: figures.accuracyAtBestVal,
    lambdaMin: figures.lambdaMin,
    lambdaMax: figures.lambdaMax,
    index: figures.index,
    seconds: status?.seconds ?? 0,
    wallSeconds: status?.wallSeconds ?? null,
    bytes: bytes.metrics + bytes.checkpoints + bytes.snapshots + bytes.other,
    snapshots: figures.snapshots,
    createdAt: status?.createdAt ?? '1970-01-01T00:00:00.000Z',
    sparkline: figures.sparkline.points.filter((point) => point !== null),
    error: damage ?? status?.error ?? null,
    damage
  }
  return { summary, needsFigures: !status?.figures, hasStatus: status !== null }
}
