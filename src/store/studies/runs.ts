// The runs of a study: making one under its own lock, and reading what became of each.
import type { RunState } from '../../shared/run/schema'
import { checkSpec } from '../../shared/spec/check'
import { differences } from '../../shared/spec/leaves'
import { problemLine } from '../../shared/spec/problem'
import { specOfCell } from '../../shared/studies/cells'
import { hasEnded, type KnownRun } from '../../shared/studies/details'
import { neededColumns, noOutcome, outcomeOf, type Outcome } from '../../shared/studies/outcome'
import type { Cell } from '../../shared/studies/spec'
import { StorageError, translating } from '../files'
import { metricsService } from '../metrics'
import {
  analysesFolder,
  createRun,
  holdRun,
  isLocked,
  liveLock,
  lockPath,
  metaOrRebuilt,
  metricsPath,
  readSpec,
  runFolder,
  specPath,
  statusOrRebuilt
} from '../run-folder'
import type { Workspace } from '../workspace'
import { foundAnalyses } from './analyses'
import type { StoredStudy } from './folder'

/** `ready`: nobody works on it, and it has not ended. */
export type RunTurn = 'ready' | 'taken' | 'ended'

/** Null where there is no such run. */
async function stateOnDisk(workspace: Workspace, id: string): Promise<RunState | null> {
  try {
    return (await statusOrRebuilt(workspace, id)).status.state
  } catch (error) {
    if (error instanceof StorageError && error.code === 'not-found') return null
    throw error
  }
}

/** The spec of a cell's k-th run, complete. */
export async function runSpecOf({ spec }: Pick<StoredStudy, 'spec'>, cell: Cell, k: number) {
  const { spec: complete, problems } = await checkSpec(specOfCell(spec, cell, k))
  if (!complete) throw new StorageError('damaged', `cell ${cell.index} of the study: ${problems.map(problemLine).join('; ')}`)
  return complete
}

export interface MakeOptions {
  readonly versions: Readonly<Record<string, string>>
  /** "on the command line". */
  readonly where: string
}

/**
 * Makes the k-th run of a cell if it is not there: under its lock, so that of two that want it one makes it, and a kill in between leaves a folder
 * that is taken over. Throws StorageError `conflict` where a run of that id is not of this study.
 */
export async function ensureStudyRun(
  workspace: Workspace,
  study: StoredStudy,
  cell: Cell,
  k: number,
  options: MakeOptions
): Promise<RunTurn> {
  const { fileSystem } = workspace
  const id = cell.runs[k].run
  const folder = runFolder(workspace, id)
  const lock = lockPath(folder)
  const exists = () => translating(`read ${specPath(folder)}`, async () => (await fileSystem.info(specPath(folder))) !== null)
  if (!(await exists())) {
    const spec = await runSpecOf(study, cell, k)
    await translating(`write ${folder}`, () => fileSystem.makeFolder(folder))
    try {
      await holdRun(workspace, id, async () => {
        if (await exists()) return
        const origin = `${options.where} as run ${k} of cell ${cell.index} of the study ${study.id}`
        await createRun(workspace, spec, { id, group: study.spec.name, study: study.id, versions: options.versions, origin })
      })
    } catch (error) {
      if (isLocked(error)) return 'taken'
      throw error
    }
  }
  const { meta, fault } = await metaOrRebuilt(workspace, id)
  if (fault === null && meta.study !== study.id)
    throw new StorageError(
      'conflict',
      `there is a run "${id}" that is not of the study ${study.id}: remove it, or give the study another id`
    )
  // Its budget may have been raised by hand since; anything else is another run.
  const changed = differences(await readSpec(workspace, id), await runSpecOf(study, cell, k)).find(
    ({ path }) => !path.startsWith('budget.')
  )
  if (changed)
    throw new StorageError(
      'conflict',
      `run "${id}" is not the one that the study ${study.id} wants: ${changed.path} is ${changed.here ?? 'left out'} in it, ${changed.there ?? 'left out'} in the study; remove it, or give the study another id`
    )
  const state = await stateOnDisk(workspace, id)
  if (state !== null && hasEnded(state)) return 'ended'
  return (await liveLock(fileSystem, lock)) ? 'taken' : 'ready'
}

/** What is known of a run's state, and a mark that changes with its metrics; null where there is no such run. */
export type StateSource = (id: string) => Promise<RunState | null>

/** From the run's own files: one that says `running` and has no owner is interrupted. */
export const statesOnDisk =
  (workspace: Workspace): StateSource =>
  async (id) => {
    const state = await stateOnDisk(workspace, id)
    if (state !== 'running') return state
    return (await liveLock(workspace.fileSystem, lockPath(runFolder(workspace, id)))) ? state : 'interrupted'
  }

export interface StudyRuns {
  /** Of one run; null where there is none. */
  readRun(study: StoredStudy, id: string): Promise<KnownRun | null>
  /** What is known of the study's runs now. */
  read(study: StoredStudy): Promise<(id: string) => KnownRun | null>
}

/** Outcomes are remembered while metrics.ndjson stays the same. */
export function studyRuns(workspace: Workspace, stateOf: StateSource): StudyRuns {
  const { fileSystem } = workspace
  const metrics = metricsService(workspace, 4)
  const settled = new Map<string, { readonly stamp: string; readonly analyses: KnownRun['analyses'] }>()
  const remembered = new Map<string, { readonly stamp: string; readonly outcome: Outcome }>()

  async function outcomeAt(study: StoredStudy, id: string): Promise<Outcome> {
    const info = await fileSystem.info(metricsPath(runFolder(workspace, id))).catch(() => null)
    const stamp = `${study.createdAt} ${info ? `${info.modified} ${info.bytes} ${info.identity}` : ''}`
    const known = remembered.get(id)
    if (known?.stamp === stamp) return known.outcome
    const figures = await metrics.read(id, { columns: neededColumns(study.spec) }).catch(() => null)
    const outcome = figures ? outcomeOf(figures, study.spec) : noOutcome
    if (figures) remembered.set(id, { stamp, outcome })
    return outcome
  }

  /** Those that are all there or failed are remembered while nothing is added to the run's own. */
  async function analysesAt(study: StoredStudy, id: string): Promise<KnownRun['analyses']> {
    if (study.spec.analyse.length === 0) return []
    const info = await fileSystem.info(analysesFolder(runFolder(workspace, id))).catch(() => null)
    const stamp = `${study.createdAt} ${info ? info.modified : ''}`
    const known = settled.get(id)
    if (known?.stamp === stamp) return known.analyses
    const analyses = await foundAnalyses(workspace, study, id)
    if (!analyses.includes(null)) settled.set(id, { stamp, analyses })
    return analyses
  }

  async function readRun(study: StoredStudy, id: string): Promise<KnownRun | null> {
    const state = await stateOf(id)
    if (state !== 'done') return state && { state, outcome: noOutcome, analyses: [] }
    return { state, outcome: await outcomeAt(study, id), analyses: await analysesAt(study, id) }
  }

  return {
    readRun,
    async read(study) {
      const known = new Map<string, KnownRun>()
      for (const { run } of study.cells.flatMap(({ runs }) => runs)) {
        const found = await readRun(study, run)
        if (found !== null) known.set(run, found)
      }
      return (id) => known.get(id) ?? null
    }
  }
}
