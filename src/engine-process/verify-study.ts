// The fairness of a study: what its runs recorded when they began is compared, and on request computed anew from specs, data and checkpoints.
import { createHash } from 'node:crypto'
import { openLinalg, type Linalg } from '../engine/linalg'
import { initialState } from '../engine/training'
import { sharedParts, type Fairness } from '../shared/studies/answers'
import { compareStarts, partNames, shortHash, startKey, withFindings, type StartedRun } from '../shared/studies/fairness'
import { differences } from '../shared/spec/leaves'
import { isFunctionSpec, type RunSpec } from '../shared/spec/schema'
import {
  metaOrRebuilt,
  readCheckpoint,
  readSpec,
  runFolder,
  runSpecOf,
  StorageError,
  withCopiedInputs,
  type StoredStudy,
  type Workspace
} from '../store'
import { prepareRun, type Prepared } from './prepare'
import { messageOf } from '../shared/format/message-of'

type Finding = Fairness['findings'][number]

/** The runs that there are, with what they recorded, and those whose spec.json is not the study's. */
async function startedRuns(workspace: Workspace, study: StoredStudy): Promise<{ runs: StartedRun[]; findings: Finding[] }> {
  const runs: StartedRun[] = []
  const findings: Finding[] = []
  for (const cell of study.cells)
    for (const [k, { run }] of cell.runs.entries()) {
      const spec = await runSpecOf(study, cell, k)
      try {
        const changed = differences(await readSpec(workspace, run), spec)
        for (const { path, here, there } of changed)
          findings.push({
            run,
            what: 'spec',
            sentence: `${run}: ${path} is ${here ?? 'left out'} in its spec.json, ${there ?? 'left out'} in the study`
          })
        const { meta, fault } = await metaOrRebuilt(workspace, run)
        if (fault !== null) findings.push({ run, what: 'meta', sentence: `${run}: ${fault}` })
        runs.push({ run, cell: cell.index, spec, hashes: meta.hashes })
      } catch (error) {
        if (!(error instanceof StorageError && error.code === 'not-found'))
          findings.push({ run, what: 'spec', sentence: `${run}: ${messageOf(error)}` })
        runs.push({ run, cell: cell.index, spec, hashes: null })
      }
    }
  return { runs, findings }
}

/** Files that a spec names are copied into each run: what they hold is a matter of the run. */
const namesFiles = (spec: RunSpec) =>
  !isFunctionSpec(spec) &&
  (spec.model.init.kind === 'npz' ||
    spec.data.transforms.some((transform) => transform.kind === 'random-projection' && transform.matrix !== null))

const hashOf = (numbers: Float64Array) =>
  createHash('sha256')
    .update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    .digest('hex')

async function checkpointFindings(workspace: Workspace, { run, spec }: StartedRun, { parameters, hashes }: Prepared): Promise<Finding[]> {
  try {
    const start = await readCheckpoint(workspace, run, 0)
    const stored = hashOf(start.parameters)
    if (stored !== hashes.weights)
      return [
        {
          run,
          what: 'weights',
          sentence: `${run}: the start weights in its checkpoint of step 0 (${shortHash(stored)}) are not those that the spec gives (${shortHash(hashes.weights)})`
        }
      ]
    const random = JSON.stringify(initialState(spec, parameters).random)
    if (JSON.stringify(start.random) === random) return []
    return [
      {
        run,
        what: 'batches',
        sentence: `${run}: its checkpoint of step 0 begins with another random state than seed ${spec.seed} gives, and so with another order of batches`
      }
    ]
  } catch (error) {
    return [{ run, what: 'checkpoint', sentence: `${run}: its start cannot be looked at: ${messageOf(error)}` }]
  }
}

async function verified(workspace: Workspace, runs: readonly StartedRun[], linalg: Linalg, signal?: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = []
  const known = new Map<string, Promise<Prepared>>()
  for (const started of runs) {
    const { run, spec, hashes } = started
    if (hashes === null || sharedParts.every((part) => hashes[part] === null)) continue
    signal?.throwIfAborted()
    const own = namesFiles(spec)
    const key = own ? run : startKey(spec)
    const prepared =
      known.get(key) ?? prepareRun({ workspace, linalg, signal }, own ? withCopiedInputs(runFolder(workspace, run), spec) : spec)
    // One at a time stays in memory: data may be large, and runs of one key follow each other by seed only.
    if (!known.has(key))
      known.set(
        key,
        prepared.then(({ parameters, hashes: found }) => ({ data: null, understood: null, parameters, hashes: found }))
      )
    let expected: Prepared
    try {
      expected = await prepared
    } catch (error) {
      signal?.throwIfAborted()
      findings.push({ run, what: 'dataset', sentence: `${run}: its start cannot be computed anew: ${messageOf(error)}` })
      continue
    }
    for (const part of sharedParts)
      if (hashes[part] !== expected.hashes[part])
        findings.push({
          run,
          what: part,
          sentence: `${run}: its meta.json records ${shortHash(hashes[part])} for the ${partNames[part]}, the spec and the data give ${shortHash(expected.hashes[part])}`
        })
    findings.push(...(await checkpointFindings(workspace, started, expected)))
  }
  return findings
}

/** Compares hashes; with `verify` computes them anew, so that changed hashes, weights, specs and inputs are found. */
export async function studyFairness(
  workspace: Workspace,
  study: StoredStudy,
  { verify, signal }: { readonly verify: boolean; readonly signal?: AbortSignal }
): Promise<Fairness> {
  const { runs, findings: changed } = await startedRuns(workspace, study)
  const { groups, findings } = compareStarts(runs)
  if (!verify) return { verified: false, groups, findings: [...changed, ...findings] }
  const linalg = await openLinalg({})
  try {
    const recomputed = await verified(workspace, runs, linalg, signal)
    return { verified: true, groups: withFindings(groups, runs, recomputed), findings: [...changed, ...findings, ...recomputed] }
  } finally {
    await linalg.dispose()
  }
}
