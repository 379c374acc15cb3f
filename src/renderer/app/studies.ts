// The list of studies as the page knows it: asked for once, then kept up by events; and what can be done to a study from any screen.
import type { StudySummary, Topics } from '../../shared/api/contract'
import { notify } from '../ui/toasts'
import { attempt, sayError } from './actions'
import { batched } from './batch'
import { client } from './connect'
import { call, invalidate } from './data'
import { formatBytes } from './format'
import { liveList } from './live-list'

type StudiesEvent = Topics['studies']['event']

const studies = liveList<StudySummary>(() => call('studies.list', {}))
export const { loaded: studiesLoaded, error: studiesError, list: studyList, get: studyById } = studies

export function startStudies() {
  // A study of thousands of runs is much to ask for anew.
  const take = batched<StudiesEvent>(800, (events) => {
    studies.apply(events)
    const changed = new Set(events.map((event) => (event.kind === 'changed' ? event.summary.id : event.id)))
    invalidate((method, input) => (method === 'studies.get' || method === 'studies.fairness') && changed.has(String(input.id)))
  })
  client().subscribe('studies', {}, { onEvent: take, onReset: () => void studies.load() })
}

export const canStartStudy = ({ state }: StudySummary) => state === 'stopped'
export const canStopStudy = ({ state }: StudySummary) => state === 'running'

const refresh = (id: string) => {
  invalidate((method, input) => method.startsWith('studies.') && input.id === id)
  void studies.load()
}
export async function startStudy({ id }: StudySummary) {
  if (await attempt('studies.start', { id })) refresh(id)
}
export async function stopStudy({ id }: StudySummary) {
  if (await attempt('studies.stop', { id })) refresh(id)
}

/** Deletes a study; its runs go to the trash where `runs` says so, and the notice offers those back. */
export async function removeStudy({ id, name, state }: StudySummary, runs: readonly string[], bytes: number): Promise<boolean> {
  try {
    if (state === 'running') await call('studies.stop', { id })
    await call('studies.remove', { id, runs: runs.length > 0 })
  } catch (error) {
    sayError(error)
    return false
  }
  const what =
    runs.length === 0 ? '' : ` Its ${runs.length === 1 ? 'run' : `${runs.length} runs`} (${formatBytes(bytes)}) went to the trash.`
  const undo = { label: 'Undo for its runs', run: () => void attempt('runs.restore', { ids: [...runs] }) }
  notify(`Deleted the study “${name}”.${what}`, runs.length === 0 ? {} : { action: undo })
  void studies.load()
  return true
}
