// What is told of runs, and to whom: everybody who watches the run, and everybody who watches the list.
import type { RunEvent, RunsEvent } from '../../shared/api/contract'
import type { RunSummary } from '../../shared/run/summary'
import { logLine, updateStatus, type RunIndex, type Workspace } from '../../store'
import type { Hub } from '../hub'
import { channelOf } from '../serve-connection'
import { withLive, type LiveRun } from './live'

export interface RunNews {
  /** The summary with what is known beyond the run's files on it. */
  shown(summary: RunSummary): RunSummary
  publishRun(id: string, event: RunEvent): void
  publishRuns(event: RunsEvent): void
  /** Tells everybody how the run is now. */
  tell(summary: RunSummary): void
  /** Reads the run's small files again and tells everybody. Null when it is gone. */
  refreshOne(id: string): Promise<RunSummary | null>
  /** Moves a run to a state that its own engine does not record, and tells everybody. */
  setState(id: string, state: RunSummary['state'], error?: string | null): Promise<void>
}

export interface RunNewsOptions {
  readonly workspace: Workspace
  readonly hub: Hub
  readonly index: RunIndex
  /** What is known of a run that is being worked on, here or elsewhere. */
  liveOf(id: string): LiveRun | undefined
}

export function runNews({ workspace, hub, index, liveOf }: RunNewsOptions): RunNews {
  const shown = (summary: RunSummary) => withLive(summary, liveOf(summary.id))
  const publishRun = (id: string, event: RunEvent) => hub.publish(channelOf('run', id), event)
  const publishRuns = (event: RunsEvent) => hub.publish(channelOf('runs'), event)

  function tell(summary: RunSummary) {
    publishRuns({ kind: 'changed', summary: shown(summary) })
    publishRun(summary.id, { kind: 'state', summary: shown(summary) })
  }

  async function refreshOne(id: string): Promise<RunSummary | null> {
    const summary = await index.touch(id)
    if (summary) tell(summary)
    else publishRuns({ kind: 'removed', id })
    return summary && shown(summary)
  }

  return {
    shown,
    publishRun,
    publishRuns,
    tell,
    refreshOne,
    async setState(id, state, error = null) {
      await updateStatus(workspace, id, { state, error })
      if (error !== null) await logLine(workspace, id, error)
      await refreshOne(id)
    }
  }
}
