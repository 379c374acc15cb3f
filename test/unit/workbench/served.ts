// A workbench on a folder with a client beside it, and the bytes of a folder by an independent count.
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '../../../src/shared/api/client'
import { createRun, openRunForTraining, openWorkspace } from '../../../src/store'
import { openWorkbench } from '../../../src/workbench'
import { backend, fakeTrain, testSpec } from '../store/fake-run'
import { fakeLauncher } from './fake-engine'
import { connectionPair } from './memory-connection'

export const bytesBelow = (path: string): number =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

/** Finished runs of so many invented steps. */
export async function makeRuns(folder: string, ids: readonly string[], steps: number): Promise<void> {
  const workspace = await openWorkspace(folder)
  for (const id of ids) {
    await createRun(workspace, testSpec(), { id })
    const run = await openRunForTraining(workspace, id, { backend })
    await fakeTrain(run.sink, run.resume, steps)
    await run.finish('done')
  }
}

/** Closing it removes the folder. */
export async function openServed(folder: string): Promise<{ client: Client; close(): Promise<void> }> {
  const workbench = await openWorkbench({ workspace: folder, launch: fakeLauncher().launch, grace: 50 })
  const client = createClient(async () => {
    const [mine, other] = connectionPair()
    workbench.serve(other)
    return mine
  })
  return {
    client,
    async close() {
      client.close()
      await workbench.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
