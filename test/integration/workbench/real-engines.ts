// A workbench with real engine processes, and the means to kill those as a system would.
import { join } from 'node:path'
import { createClient, type Client } from '../../../src/shared/api/client'
import { nodeLauncher, openWorkbench, type EngineLauncher, type Workbench } from '../../../src/workbench'
import { connectionPair } from '../../unit/workbench/memory-connection'

export const engineProgram = join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'engine.js')

/** `kills` gets one of each engine that it launches. */
export function engineLauncher(kills: (() => void)[]): EngineLauncher {
  return (args) => {
    const engine = nodeLauncher(engineProgram)(args)
    kills.push(engine.kill)
    return engine
  }
}

export async function openWithClient(workspace: string, launch: EngineLauncher): Promise<{ workbench: Workbench; client: Client }> {
  const workbench = await openWorkbench({ workspace, launch })
  const client = createClient(async () => {
    const [mine, other] = connectionPair()
    workbench.serve(other)
    return mine
  })
  return { workbench, client }
}
