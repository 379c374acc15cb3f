// Estimates of specs as this machine and this workspace know them: corrected by runs that do the same and by what was measured here before.
import { freeBytes } from '../engine-process/doctor'
import { totalmem } from 'node:os'
import type { SpecFacts } from '../engine-process/precheck'
import {
  calibrationKey,
  calibrationSchema,
  calibrationSetting,
  corrected,
  fromRun,
  stepKey,
  withPoint,
  type Calibration,
  type ProbeResult
} from '../shared/run/calibration'
import { estimate, workOf, type EstimateInput, type SpecEstimate } from '../shared/run/estimate'
import type { Available } from '../shared/run/fit'
import type { RunSpec } from '../shared/spec/schema'
import { readSpec, readStatus } from '../store'
import type { WorkbenchContext } from './context'

type Here = Pick<WorkbenchContext, 'workspace' | 'runs' | 'settings' | 'machine'>

/** Runs that are looked into for one that does the same, the newest first. */
const mostLooked = 20
const leastSteps = 3

function calibrationOf({ settings }: Here): Calibration {
  const read = calibrationSchema.safeParse(settings.all()[calibrationSetting])
  return read.success ? read.data : {}
}

async function inputOf({ machine }: Here, facts: SpecFacts): Promise<EstimateInput> {
  const { gflops } = await machine.facts()
  return { ...facts, gflops }
}

/** A run of this workspace with the same step on the same backend: the newest that has done enough. */
async function sameRun({ workspace, runs, machine }: Here, spec: RunSpec, parameters: number) {
  const { backend } = await machine.facts()
  if (!backend) return null
  const candidates = runs.index
    .all()
    .filter(
      (run) => run.optimizer === spec.optimizer.kind && run.parameterCount === parameters && run.step >= leastSteps && run.seconds > 0
    )
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .slice(0, mostLooked)
    .map(runs.withLive)
  const wanted = stepKey(spec)
  for (const run of candidates) {
    try {
      if (stepKey(await readSpec(workspace, run.id)) !== wanted) continue
      const { backend: used } = await readStatus(workspace, run.id)
      if (used?.kind === backend.kind && used.threads === backend.threads) return run
    } catch {
      // A damaged run tells nothing.
    }
  }
  return null
}

export async function estimateHere(here: Here, spec: RunSpec, facts: SpecFacts): Promise<SpecEstimate> {
  const input = await inputOf(here, facts)
  const found = estimate(spec, input)
  const run = await sameRun(here, spec, found.parameters)
  if (run) return fromRun(spec, found, run)
  const { backend } = await here.machine.facts()
  if (!backend) return found
  return corrected(spec, found, workOf(spec, input).flops, calibrationOf(here), calibrationKey(backend, spec))
}

/** Keeps what a probe measured, so that later estimates are nearer. */
export async function learn(here: Here, spec: RunSpec, facts: SpecFacts, probe: ProbeResult): Promise<void> {
  const input = await inputOf(here, facts)
  const { secondsPerStep, parameters } = estimate(spec, input)
  const seconds = probe.stepSeconds ?? probe.firstStepSeconds
  if (seconds === null || seconds <= 0 || secondsPerStep === null) return
  const point = { flops: workOf(spec, input).flops, factor: seconds / secondsPerStep, parameters }
  await here.settings.set({ [calibrationSetting]: withPoint(calibrationOf(here), calibrationKey(probe.backend, spec), point) })
}

export async function availableHere({ workspace, storage }: Pick<WorkbenchContext, 'workspace' | 'storage'>): Promise<Available> {
  return { memoryBytes: totalmem(), diskBytes: await freeBytes(workspace.folder), budget: await storage.budget() }
}
