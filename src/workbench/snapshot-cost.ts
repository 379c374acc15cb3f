// What a snapshot on demand will take, and why it cannot be made: asked by the page before the job is started, and once more when it is.
import { freemem } from 'node:os'
import { join } from 'node:path'
import { precheckSpec } from '../engine-process/precheck'
import { curvatureBytes } from '../engine/curvature/memory'
import type { SnapshotCost } from '../shared/api/contract'
import { bytes as bytesText } from '../shared/format/bytes'
import { blockShapes, fittingWidths, functionBlocks, layerBlocks, type ParameterBlock } from '../shared/model/layout'
import { checkpointStateSchema } from '../shared/run/schema'
import type { DiskBudget } from '../shared/run/fit'
import { snapshotBytes, snapshotScope } from '../shared/run/snapshot-size'
import { decomposing } from '../shared/spec/optimizers'
import { isFunctionSpec, type RunSpec, type Scope } from '../shared/spec/schema'
import {
  checkpointFolder,
  checkpointSteps,
  folderBytes,
  liveLock,
  lockPath,
  readJson,
  readManifest,
  readSpec,
  runFolder,
  snapshotRefusal,
  snapshotsFolder,
  snapshotSteps,
  statusOrRebuilt,
  metaOrRebuilt,
  type Workspace
} from '../store'
import { openManifest } from '../store/datasets'
import { messageOf } from '../shared/format/message-of'

export interface SnapshotQuestion {
  readonly run: string
  readonly step: number
  readonly scope: Scope | null
  readonly eigenvectors: number | 'all'
  readonly hessian: boolean
}

function blocksOf(spec: RunSpec, parameters: number): ParameterBlock[] | null {
  if (isFunctionSpec(spec)) return functionBlocks(parameters)
  const widths = fittingWidths(spec.model, parameters)
  return widths && layerBlocks(widths, spec.model.bias)
}

/** Why the run's data cannot be used; null when it can, as far as is known without reading it. */
async function dataFault(workspace: Workspace, id: string, spec: RunSpec): Promise<string | null> {
  if (isFunctionSpec(spec) || typeof spec.data.dataset !== 'string') return null
  const { hashes } = (await metaOrRebuilt(workspace, id)).meta
  try {
    const { fingerprint } = await openManifest(workspace, spec.data.dataset)
    if (hashes.dataset === null || hashes.dataset === fingerprint) return null
    return `dataset ${spec.data.dataset} is not the data this run was trained on (fingerprint ${fingerprint.slice(0, 12)}…, recorded ${hashes.dataset.slice(0, 12)}…): install that dataset first`
  } catch (error) {
    return `the run's data cannot be used: ${messageOf(error)}`
  }
}

/** Samples of the batch after a checkpoint: fewer where an epoch ends. */
async function samplesOf(workspace: Workspace, spec: RunSpec, checkpoint: string): Promise<number | null> {
  if (isFunctionSpec(spec)) return 1
  const { optimizer, batch } = spec
  const count = (await precheckSpec(workspace, spec).catch(() => null))?.facts.data?.trainCount ?? null
  const own = 'curvatureBatch' in optimizer ? optimizer.curvatureBatch : null
  if (own !== null) return Math.min(own, count ?? own)
  if (count === null) return batch.size
  const state = await readJson(workspace.fileSystem, join(checkpoint, 'state.json'), checkpointStateSchema).catch(() => null)
  return Math.min(batch.size ?? count, count - (state?.samplesIntoEpoch ?? 0))
}

/** `gflops`: measured speed of the machine's matrix products. */
export async function snapshotCost(
  workspace: Workspace,
  question: SnapshotQuestion,
  { gflops, budget }: { readonly gflops: number | null; readonly budget: DiskBudget | null }
): Promise<SnapshotCost> {
  const { run, step, eigenvectors, hessian } = question
  const { fileSystem } = workspace
  const folder = runFolder(workspace, run)
  const stored = await readSpec(workspace, run)
  const spec = { ...stored, snapshots: { ...stored.snapshots, eigenvalues: true, eigenvectors, hessian } }
  const { status } = await statusOrRebuilt(workspace, run)
  const blocks = status.parameterCount === null ? null : blocksOf(spec, status.parameterCount)
  const scope = question.scope ?? snapshotScope(spec, status.parameterCount ?? 0)
  const existing = (await snapshotSteps(workspace, run)).includes(step)
    ? await readManifest(workspace, { run, step }).then(
        (manifest) => ({
          scope: manifest.scope,
          eigenvectors: manifest.blocks.reduce((sum, block) => sum + block.indices.length, 0),
          hessian: manifest.blocks.some((block) => block.hessian !== null)
        }),
        () => ({ scope: 'unreadable', eigenvectors: 0, hessian: false })
      )
    : null
  const storedBytes = await folderBytes(fileSystem, snapshotsFolder(folder))
  const freeBytes = await fileSystem.freeBytes(folder).catch(() => null)
  const samples = await samplesOf(workspace, spec, checkpointFolder(folder, step))
  const common = { scope, existing, storedBytes, maxBytes: spec.snapshots.maxBytes, freeBytes, budget, freeMemory: freemem(), samples }
  const nothing = { ...common, blocks: [], peakBytes: null, diskBytes: null, seconds: null }

  const steps = await checkpointSteps(workspace, run)
  if (!steps.includes(step))
    return { ...nothing, refusal: `the run has no checkpoint of step ${step}; it has ${steps.join(', ') || 'none yet'}` }
  if (blocks === null) return { ...nothing, refusal: 'how many parameters the run has is not known: it has not begun' }
  const shapes = blockShapes(blocks, scope)
  const eigen = eigenvectors === 'all' ? 'all' : eigenvectors > 0 ? 'some' : 'values'
  const { peak } = curvatureBytes(blocks, scope, { eigen })
  const diskBytes = snapshotBytes(spec, blocks, scope)
  const { flops } = decomposing(null, { batch: samples ?? 1, blocks: shapes })
  const known = {
    ...common,
    blocks: shapes.map(({ name, size, units }) => ({ name, size, units })),
    peakBytes: peak,
    diskBytes,
    seconds: gflops === null ? null : flops / (gflops * 1e9) + diskBytes / 2e8
  }
  return { ...known, refusal: await refusalOf() }

  async function refusalOf(): Promise<string | null> {
    const owner = await liveLock(fileSystem, lockPath(folder))
    if (owner) return `process ${owner.pid} on ${owner.host} is working on this run; pause or stop it first`
    if (isFunctionSpec(spec) && scope !== 'full') return 'a function has one block: scope full'
    if (!isFunctionSpec(spec) && scope === 'unit-blocks' && spec.loss === 'softmax-cross-entropy')
      return 'scope unit-blocks: with softmax-cross-entropy the outputs mix, so the last layer does not split by unit; use layer-blocks'
    const fault = await dataFault(workspace, run, spec)
    if (fault !== null) return fault
    if (peak > common.freeMemory)
      return `it needs about ${bytesText(peak)} of memory and ${bytesText(common.freeMemory)} are free: use layer blocks or fewer eigenvectors`
    return snapshotRefusal(fileSystem, folder, spec, { bytes: diskBytes, stored: storedBytes })
  }
}
