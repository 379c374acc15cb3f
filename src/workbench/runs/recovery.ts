// What a crash left, put right: of the whole program at its next start, of one engine at once.
import { logLine, recoverRun, recoverWorkspace, updateStatus, type RunIndex, type Workspace } from '../../store'

/** What a crash left `running` is interrupted now; what was queued waits for a word. */
export async function recoverRuns(workspace: Workspace, index: RunIndex): Promise<void> {
  const cutOff = index.all().flatMap(({ id, state }) => (state === 'running' || state === 'interrupted' ? [id] : []))
  for (const id of await recoverWorkspace(workspace, cutOff)) await index.touch(id)
}

/** Records an end that the engine itself could not. */
export async function recordCrash(workspace: Workspace, id: string, cause: string): Promise<void> {
  const { state } = await recoverRun(workspace, id)
  if (state === 'done' || state === 'diverged' || state === 'failed') return
  await updateStatus(workspace, id, { state: 'interrupted', error: cause, endedAt: new Date().toISOString() })
  await logLine(workspace, id, cause)
}
