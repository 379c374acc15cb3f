// What the handlers of the API work with.
import type { MatrixService, MetricsService, RunValues, Workspace } from '../store'
import type { JobService } from './jobs'
import type { Machine } from './machine'
import type { RunService } from './runs'
import type { Settings } from './settings'
import type { Storage } from './storage'
import type { StudyService } from './studies'

export interface WorkbenchContext {
  readonly workspace: Workspace
  readonly runs: RunService
  readonly jobs: JobService
  readonly studies: StudyService
  readonly metrics: MetricsService
  readonly values: RunValues
  readonly matrices: MatrixService
  readonly settings: Settings
  readonly machine: Machine
  readonly storage: Storage
  /** `electron` or `browser`. */
  readonly shell: string
  /** Folder of the desktop app's own logs; null where there are none. */
  readonly logs: string | null
  /** What came to pass since this workbench was opened. */
  readonly session: {
    /** The run of the demonstration that the empty workspace began with. */
    demonstration: string | null
  }
}
