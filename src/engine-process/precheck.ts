// Does a checked spec meet its data and its files? Answered before a run is made, from manifests and headers where they suffice.
import { curvatureBytes } from '../engine/curvature/memory'
import { functionDefinition, listFunctions } from '../engine/functions/list'
import { addressableBytes } from '../engine/linalg'
import { networkOfWidth } from '../engine/training/open-problem'
import { scopeOf } from '../shared/spec/optimizers'
import type { SpecProblem } from '../shared/spec/problem'
import { nearest } from '../shared/spec/describe'
import type { DataFacts } from '../shared/run/estimate'
import { bytes } from '../shared/format/bytes'
import { isFunctionSpec, type NetworkSpec, type RunSpec } from '../shared/spec/schema'
import { checkModelAgainstData, checkTargetsAgainstLoss, dataWidths, openDataset, openManifest } from '../store/datasets'
import { NpyError } from '../shared/npy'
import { StorageError, type Workspace } from '../store'
import { givenWeights, readMatrices, SpecFault } from './prepare'
import { messageOf } from '../shared/format/message-of'

/** A single word that is no function but nearly one is a slip, not the expression "rosenbrok". Null when it is neither. */
export function misspelledFunction(name: string): string | null {
  const names = listFunctions().map((known) => known.name)
  if (names.includes(name) || !/^[a-z][a-z-]{3,}$/i.test(name)) return null
  const near = nearest(name, names)
  return near === null ? null : `there is no function "${name}"; did you mean ${near}?`
}

export interface SpecFacts {
  /** null for a function, or when the data cannot be known without reading all of it. */
  readonly data: DataFacts | null
  /** Variables of a function. */
  readonly variables: number | null
}

/** Curvature matrices that no linear algebra here can address, whatever memory there is. */
function addressProblems(spec: NetworkSpec, inputs: number): SpecProblem[] {
  const { optimizer } = spec
  const scope = scopeOf(optimizer)
  if (scope === null) return []
  const { blocks } = networkOfWidth(spec, inputs)
  // Where outputs do not mix, the last layer is taken apart by unit.
  const splits = spec.loss !== 'softmax-cross-entropy' && (scope === 'layer-blocks' || ('scope' in optimizer && blocks.length === 1))
  const { matrices } = curvatureBytes(blocks, splits ? 'unit-blocks' : scope)
  if (matrices <= addressableBytes) return []
  const instead =
    'scope' in optimizer && scope === 'full' ? 'take layer-blocks, a smaller net, or sfn-krylov' : 'take a smaller net, or sfn-krylov'
  return [
    {
      path: 'scope' in optimizer ? 'optimizer.scope' : 'optimizer.kind',
      message: `needs ${bytes(matrices)} for its curvature matrices, more than the ${bytes(addressableBytes)} that can be addressed: ${instead}`
    }
  ]
}

/**
 * Facts for the estimate, and every fault that can be found without reading data: a function that is none, a dataset that is not installed, widths
 * that do not meet, start weights of the wrong shapes, projections that are no matrices; and targets that the loss cannot take. A dataset given by
 * path is opened when the run starts. `trains`: the optimizer's matrices must be addressable too.
 */
export async function precheckSpec(
  workspace: Workspace,
  spec: RunSpec,
  trains = true
): Promise<{ facts: SpecFacts; problems: readonly SpecProblem[] }> {
  if (isFunctionSpec(spec)) {
    const slip = misspelledFunction(spec.problem.function)
    if (slip) return { facts: { data: null, variables: null }, problems: [{ path: 'problem.function', message: slip }] }
    try {
      return { facts: { data: null, variables: functionDefinition(spec.problem).variables.length }, problems: [] }
    } catch (error) {
      const path = 'position' in (error as object) ? 'problem.function' : 'problem'
      return { facts: { data: null, variables: null }, problems: [{ path, message: messageOf(error) }] }
    }
  }
  const nothing = { data: null, variables: null }
  let place = 'data.transforms'
  try {
    await readMatrices(workspace, spec.data)
    place = 'data.dataset'
    if (typeof spec.data.dataset !== 'string') return { facts: nothing, problems: [] }
    const manifest = await openManifest(workspace, spec.data.dataset)
    const answer = dataWidths(manifest, spec.data)
    if ('problems' in answer) return { facts: nothing, problems: answer.problems }
    const problems = checkModelAgainstData(spec, manifest)
    if (trains && problems.length === 0) problems.push(...addressProblems(spec, answer.widths.inputs))
    if (spec.loss === 'softmax-cross-entropy' && manifest.targets !== null)
      problems.push(...checkTargetsAgainstLoss(spec, await openDataset(workspace, spec.data.dataset)))
    const { init } = spec.model
    place = 'model.init'
    if (problems.length === 0 && (init.kind === 'npz' || init.kind === 'run'))
      await givenWeights(workspace, init, networkOfWidth(spec, answer.widths.inputs))
    return { facts: { data: answer.widths, variables: null }, problems }
  } catch (error) {
    if (error instanceof SpecFault) return { facts: nothing, problems: error.problems }
    // A dataset that is not there is the spec's fault; one that is damaged is not.
    const isSpecFault = error instanceof StorageError && (place !== 'data.dataset' || error.code === 'not-found')
    if (error instanceof NpyError || isSpecFault) return { facts: nothing, problems: [{ path: place, message: error.message }] }
    throw error
  }
}
