// The workbench: the application without a window. Owns the store, the queue and the API, and serves any number of connections.
import { randomBytes } from 'node:crypto'
import { preferLinalg } from '../engine/linalg'
import type { SettingsEvent } from '../shared/api/contract'
import type { Connection } from '../shared/api/wire'
import { defaultWorkspaceLocation, matrixService, metricsService, openWorkspace, runValues, type Workspace } from '../store'
import { sweepUploads } from '../store/transfer'
import { analysisStarter } from './analyses'
import { analysisHandlers } from './api/analyses'
import { analysisValueHandlers } from './api/analysis-values'
import { appHandlers } from './api/app'
import { comparisonHandlers } from './api/comparisons'
import { datasetHandlers } from './api/datasets'
import { fileHandlers } from './api/files'
import { modelHandlers } from './api/models'
import { functionHandlers } from './api/functions'
import { matrixHandlers } from './api/matrices'
import { queueHandlers } from './api/queue'
import { runHandlers } from './api/runs'
import { snapshotHandlers } from './api/snapshots'
import { studyHandlers } from './api/studies'
import { trashHandlers } from './api/trash'
import type { WorkbenchContext } from './context'
import { createHub, type Hub } from './hub'
import { openJobService } from './jobs'
import { nodeLauncher, type EngineLauncher } from './launcher'
import { openMachine } from './machine'
import { createRouter, type Handlers, type Router } from './router'
import { openRunService, type RunService } from './runs'
import { channelOf, serveConnection } from './serve-connection'
import { openSettings } from './settings'
import { openStorage } from './storage'
import { openStudyService } from './studies'

export { nodeLauncher, type EngineLauncher, type EngineProcess } from './launcher'

export interface WorkbenchOptions {
  /** null: SADDLESCOPE_WORKSPACE, else in the user-data folder. */
  readonly workspace?: string | null
  readonly launch?: EngineLauncher
  readonly shell?: 'electron' | 'browser'
  /** Folder of the desktop app's own logs. */
  readonly logs?: string
  /** Milliseconds that a stopped engine process has before it is killed. */
  readonly grace?: number
}

export interface Workbench {
  readonly workspace: Workspace
  readonly runs: RunService
  readonly context: WorkbenchContext
  readonly hub: Hub
  readonly router: Router
  /** Serves the API over a connection until it closes. */
  serve(connection: Connection): void
  /** Checkpoints and ends what runs, killing what has not ended after `within` milliseconds (the usual grace when left out). Resolves when everything has ended. */
  close(within?: number): Promise<void>
}

/** Opens the workspace and everything over it. Throws StorageError (one sentence) when the workspace cannot be written. */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const workspace = await openWorkspace(options.workspace ?? defaultWorkspaceLocation())
  await sweepUploads(workspace)
  const hub = createHub()
  const launch = options.launch ?? nodeLauncher()
  const tellSettings = () => hub.publish(channelOf('settings'), { kind: 'changed' } satisfies SettingsEvent)
  const settings = await openSettings(workspace, tellSettings)
  const { linalg, runsAtOnce: most } = settings
  // What this process computes itself, such as the speed that estimates start from, is what runs will be computed with.
  preferLinalg(linalg())
  const { grace } = options
  const runs = await openRunService({ workspace, hub, launch, most, linalg, grace })
  const jobs = openJobService({ workspace: workspace.folder, hub, launch, linalg, grace })
  const storage = openStorage(workspace, settings)
  const studies = openStudyService(workspace, hub, runs, analysisStarter({ workspace, runs, jobs, storage }))
  const machine = openMachine()
  const context: WorkbenchContext = {
    workspace,
    runs,
    jobs,
    studies,
    metrics: metricsService(workspace),
    values: runValues(workspace),
    matrices: matrixService(workspace),
    settings,
    machine,
    storage,
    shell: options.shell ?? 'browser',
    logs: options.logs ?? null,
    session: { demonstration: null }
  }
  const handlers: Handlers = {
    ...appHandlers(context),
    ...runHandlers(context),
    ...queueHandlers(context),
    ...snapshotHandlers(context),
    ...matrixHandlers(context),
    ...analysisHandlers(context),
    ...analysisValueHandlers(context),
    ...trashHandlers(context),
    ...datasetHandlers(context),
    ...fileHandlers(context),
    ...modelHandlers(context),
    ...functionHandlers(context),
    ...comparisonHandlers(context),
    ...studyHandlers(context)
  }
  const router = createRouter(handlers)
  const api = { instance: randomBytes(8).toString('hex'), router, hub }
  return {
    workspace,
    runs,
    context,
    hub,
    router,
    serve: (connection) => serveConnection(connection, api),
    async close(within) {
      studies.close()
      await Promise.all([runs.close(within), jobs.close(within)])
      await machine.close()
    }
  }
}
