// `rm RUN…`: moves runs to the workspace's trash.
import { removeRun, requireRun } from '../../store'
import { printJson, say, writableWorkspace, type WorkspaceOptions } from '../context'

export async function rm(ids: readonly string[], options: WorkspaceOptions): Promise<void> {
  const workspace = await writableWorkspace(options)
  // All or none: a wrong id is found before anything moves.
  for (const id of ids) await requireRun(workspace, id)
  for (const id of ids) await removeRun(workspace, id, say)
  if (options.json) printJson({ removed: ids })
  else say(`moved to the trash: ${ids.join(', ')}`)
}
