// studies.*: sweeps and face-offs: checked, made, worked on, looked at, removed.
import type { SpecFacts } from '../../engine-process/precheck'
import { precheckStudy } from '../../engine-process/precheck-study'
import { studyFairness } from '../../engine-process/verify-study'
import { checkStudy, type CheckedCell } from '../../shared/studies/check'
import { hasEnded } from '../../shared/studies/details'
import { selectionText } from '../../shared/studies/metrics'
import { problemLine } from '../../shared/spec/problem'
import { freeStudyId, openStudy, readSlurmArrays, removeStudy, runSpecOf, type StoredStudy } from '../../store'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'
import { requireRoom } from '../specs'
import { slurmStates } from '../slurm/states'
import { needsOf, type PlannedRuns } from '../studies/needs'

type Names =
  | 'studies.list'
  | 'studies.get'
  | 'studies.check'
  | 'studies.create'
  | 'studies.start'
  | 'studies.stop'
  | 'studies.remove'
  | 'studies.cellSpec'
  | 'studies.fairness'
  | 'studies.slurm'

const planned = (
  cells: readonly CheckedCell[],
  facts: readonly SpecFacts[],
  isLeft: (run: string) => boolean = () => true
): PlannedRuns[] => cells.map(({ spec, runs }, k) => ({ spec, facts: facts[k], count: runs.filter(({ run }) => isLeft(run)).length }))

export function studyHandlers(context: WorkbenchContext): HandlersOf<Names> {
  const { workspace, runs, studies, metrics, storage } = context

  async function checked(input: unknown) {
    const { study, cells, problems } = await checkStudy(input)
    if (study === null) return { study: null, cells, facts: [], problems, analysisSeconds: 0 }
    const met = await precheckStudy(workspace, study, cells)
    return met.problems.length > 0 ? { study: null, cells, ...met } : { study, cells, ...met }
  }

  /** Throws `conflict` where the runs that are left do not fit. */
  async function requireFit({ spec }: StoredStudy) {
    const { cells, facts, problems } = await checked(spec)
    if (problems.length > 0) throw new Failure('bad-request', problemLine(problems[0]), problems)
    const isLeft = (run: string) => {
      const state = runs.index.get(run)?.state
      return state === undefined || !hasEnded(state)
    }
    await requireRoom(context, await needsOf(context, planned(cells, facts, isLeft)))
  }

  return {
    'studies.list': () => studies.list(),
    'studies.get': ({ id }) => studies.get(id),

    async 'studies.check'({ spec: input }) {
      const { study, cells, facts, problems, analysisSeconds } = await checked(input)
      if (study === null) return { problems, cells: 0, runs: 0, estimate: { seconds: null, bytes: null }, selection: '' }
      const needs = await needsOf(context, planned(cells, facts))
      const seconds = needs.every(({ totalSeconds }) => totalSeconds !== null)
        ? needs.reduce((sum, { totalSeconds }) => sum + (totalSeconds ?? 0), analysisSeconds)
        : null
      return {
        problems: [],
        cells: cells.length,
        runs: needs.length,
        estimate: { seconds, bytes: needs.reduce((sum, { diskBytes }) => sum + diskBytes, 0) },
        selection: selectionText(study.select, study.seeds)
      }
    },

    async 'studies.create'({ spec: input, start, confirmed }) {
      const { study, cells, facts, problems } = await checked(input)
      if (study === null) throw new Failure('bad-request', problemLine(problems[0]), problems)
      if (start && !confirmed) await requireRoom(context, await needsOf(context, planned(cells, facts)))
      const id = await freeStudyId(workspace, study.name)
      const stored = await openStudy(workspace, id, study)
      if (start) await studies.start(stored, confirmed)
      else await studies.changed(id)
      return { id }
    },

    async 'studies.start'({ id, confirmed }) {
      const stored = await studies.read(id)
      if (!confirmed) await requireFit(stored)
      await studies.start(stored, confirmed)
      return {}
    },
    async 'studies.stop'({ id }) {
      await studies.stop(id)
      return {}
    },

    async 'studies.remove'({ id, runs: withRuns }) {
      const stored = withRuns ? await studies.read(id) : await studies.read(id).catch(() => null)
      if (stored && (await studies.isBusy(id))) throw new Failure('conflict', `study ${id} is running: stop it first`)
      const ids =
        stored && withRuns ? stored.cells.flatMap((cell) => cell.runs.map(({ run }) => run)).filter((run) => runs.index.get(run)) : []
      if (ids.length > 0) await runs.remove(ids)
      for (const run of ids) metrics.forget(run)
      await removeStudy(workspace, id)
      storage.changed()
      await studies.changed(id)
      return {}
    },

    async 'studies.cellSpec'({ id, cell: index }) {
      const stored = await studies.read(id)
      const cell = stored.cells[index]
      if (!cell) throw new Failure('not-found', `study ${id} has ${stored.cells.length} cells, from 0; there is no cell ${index}`)
      return runSpecOf(stored, cell, 0)
    },
    'studies.fairness': async ({ id, verify }, { signal }) => studyFairness(workspace, await studies.read(id), { verify, signal }),
    async 'studies.slurm'({ id }) {
      await studies.read(id)
      return { states: await slurmStates(await readSlurmArrays(workspace, id)) }
    }
  }
}
