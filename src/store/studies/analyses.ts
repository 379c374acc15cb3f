// The analyses that a study makes of its runs: which are there, which could not be made, which are to come.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { FoundAnalysis, StudyAnalysis } from '../../shared/studies/analyses'
import { readJson, translating, writeJson } from '../files'
import { listAnalyses, sameAnalysis } from '../analyses'
import { holdLock, isLocked, statusOrRebuilt } from '../run-folder'
import type { Workspace } from '../workspace'
import type { StoredStudy } from './folder'
import { studyFolder } from './study-path'

const faultSchema = z.looseObject({ message: z.string() })

/** The same for the same analysis of the same run: other options make another file. */
function faultPath(workspace: Workspace, study: string, run: string, analysis: StudyAnalysis): string {
  const asked = createHash('sha256').update(JSON.stringify(analysis)).digest('hex').slice(0, 12)
  return join(studyFolder(workspace, study), 'analyses-failed', `${run}-${analysis.kind}-${asked}.json`)
}

/** The step that it is taken at, of a run that has come to its end. */
async function stepOf(workspace: Workspace, run: string, { at }: StudyAnalysis): Promise<number> {
  return at === 'start' ? 0 : (await statusOrRebuilt(workspace, run)).status.step
}

/** Of a run that is done, in the order of the study's analyses; null: still to be made. */
export async function foundAnalyses(workspace: Workspace, { id, spec }: StoredStudy, run: string): Promise<(FoundAnalysis | null)[]> {
  if (spec.analyse.length === 0) return []
  const there = await listAnalyses(workspace, run)
  return Promise.all(
    spec.analyse.map(async (analysis) => {
      const step = await stepOf(workspace, run, analysis)
      const found = sameAnalysis(there, { ...analysis, step })
      if (found) return { step, figures: found.manifest.figures }
      const fault = await readJson(workspace.fileSystem, faultPath(workspace, id, run, analysis), faultSchema)
      return fault ? { fault: fault.message } : null
    })
  )
}

export interface DueAnalysis {
  readonly analysis: StudyAnalysis
  readonly step: number
}

/** The first that is still to be made of a run that is done; null where there is none. */
export async function dueAnalysis(workspace: Workspace, study: StoredStudy, run: string): Promise<DueAnalysis | null> {
  const place = (await foundAnalyses(workspace, study, run)).indexOf(null)
  if (place < 0) return null
  const analysis = study.spec.analyse[place]
  return { analysis, step: await stepOf(workspace, run, analysis) }
}

/**
 * Does `work` on the analyses of a run while nobody else may: of several that work on a study one makes them. Null where another process does.
 * The signal aborts when the claim is lost, as that of a process which showed no sign of life for too long.
 */
export async function claimAnalyses<Result>(
  workspace: Workspace,
  study: StoredStudy,
  run: string,
  work: (lost: AbortSignal) => Promise<Result>
): Promise<Result | null> {
  const { fileSystem } = workspace
  const folder = join(studyFolder(workspace, study.id), 'claims')
  await translating(`write ${folder}`, () => fileSystem.makeFolder(folder))
  let begun = false
  try {
    return await holdLock(fileSystem, join(folder, `${run}.json`), (lost) => {
      begun = true
      return work(lost)
    })
  } catch (error) {
    if (isLocked(error) && !begun) return null
    throw error
  }
}

/** It is not tried again: training that has no finite steps any more has none the next time either. */
export async function failAnalysis(workspace: Workspace, study: StoredStudy, run: string, analysis: StudyAnalysis, message: string) {
  const path = faultPath(workspace, study.id, run, analysis)
  await workspace.fileSystem.makeFolder(join(studyFolder(workspace, study.id), 'analyses-failed'))
  await writeJson(workspace.fileSystem, path, { run, kind: analysis.kind, message })
}
