// The analyses a report stands on: found where the run has them with the same options, else made.
import { join } from 'node:path'
import { analyse, planAnalysis, type AnalysisOrder } from '../../engine-process/analyses'
import type { AnalysisManifest } from '../../shared/analyses/manifest'
import { analysesFolder, listAnalyses, readNpy, runFolder, sameAnalysis, type Workspace } from '../../store'
import type { RunsContext } from './runs'

export interface FinishedAnalysis {
  readonly manifest: AnalysisManifest
  /** An array by name, row-major. */
  array(name: string): Promise<Float64Array>
}

function opened(workspace: Workspace, folder: string, manifest: AnalysisManifest): FinishedAnalysis {
  return {
    manifest,
    array: (name) => readNpy(workspace.fileSystem, join(folder, manifest.arrays[name].file))
  }
}

/** Called again after a kill it makes no second one. Throws one sentence; AbortError when stopped. */
export async function finishedAnalysis(context: RunsContext, order: AnalysisOrder & { readonly step: number }): Promise<FinishedAnalysis> {
  const { workspace, signal, progress } = context
  const { options } = await planAnalysis(workspace, order)
  const found = sameAnalysis(await listAnalyses(workspace, order.run), { ...order, options })
  if (found) return opened(workspace, join(analysesFolder(runFolder(workspace, order.run)), found.name), found.manifest)
  const onProgress = (fraction: number, message: string) => progress(`${order.kind} from ${order.run}:${order.step}, ${message}`, fraction)
  try {
    const { path, manifest } = await analyse(workspace, order, { signal, onProgress })
    return opened(workspace, path, manifest)
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}
