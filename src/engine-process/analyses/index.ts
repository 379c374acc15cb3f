// One analysis from its plan to its folder: whole, with its manifest, or not there.
import type { AnalysisCall } from '../../engine/analyses'
import { analysisKinds, isPointKind, type AnalysisKind, type AnalysisOptions } from '../../shared/analyses/kinds'
import type { AnalysisManifest } from '../../shared/analyses/manifest'
import {
  schemaFaults,
  beginAnalysis,
  driveRefusal,
  runFolder,
  StorageError,
  type AnalysisTarget as AnalysisPlace,
  type Workspace
} from '../../store'
import { versions } from '../versions'
import { planAtPoint } from './at-point'
import { planDifference } from './difference'
import type { AnalysisPlan } from './runner'
import type { AnalysisTarget } from './source'

export type { AnalysisTarget } from './source'

interface Wish {
  readonly kind: AnalysisKind
  /** As asked: defaults are filled in here. */
  readonly options: Readonly<Record<string, unknown>>
}
/** Of a run; `step` null: the newest that will do. */
export type AnalysisOrder = Wish & { readonly run: string; readonly step: number | null }
export type AnyAnalysisOrder = Wish & AnalysisTarget

/** What will be done. Throws StorageError or SpecFault, one sentence, for options that are wrong and for what cannot be done. */
export const planAnalysis = (workspace: Workspace, order: AnyAnalysisOrder): Promise<AnalysisPlan> => planOf(workspace, order.kind, order)

async function planOf<Kind extends AnalysisKind>(workspace: Workspace, kind: Kind, order: AnyAnalysisOrder): Promise<AnalysisPlan> {
  const parsed = analysisKinds[kind].options.safeParse(order.options)
  if (!parsed.success) throw new StorageError('bad-input', `${kind}: ${schemaFaults(parsed.error)}`)
  if (isPointKind(kind)) return planAtPoint(workspace, kind, order, parsed.data as AnalysisOptions<typeof kind>)
  if ('spec' in order) throw new StorageError('bad-input', `${kind} works on what a run has stored: give a RUN or RUN:STEP`)
  return planDifference(workspace, order, parsed.data as AnalysisOptions<'difference'>)
}

/** Why the drive does not take it, one sentence; null when it does. */
export async function roomRefusal(workspace: Workspace, folder: string, { title, diskBytes }: AnalysisPlan): Promise<string | null> {
  const why = await driveRefusal(workspace.fileSystem, folder, diskBytes)
  return why === null ? null : `${title}: ${why}`
}

export interface AnalysisDone {
  readonly name: string
  readonly path: string
  readonly manifest: AnalysisManifest
  readonly message: string
}

/** `out`: a folder that is not there yet, in place of the run's own; `token` names what is unfinished. Throws one sentence and leaves nothing half done. */
export async function analyse(
  workspace: Workspace,
  order: AnyAnalysisOrder,
  { signal, onProgress, onPreview }: AnalysisCall,
  { out, token }: { readonly out?: string; readonly token?: string } = {}
): Promise<AnalysisDone> {
  const began = performance.now()
  const { kind } = order
  const run = 'spec' in order ? null : order.run
  const plan = await planAnalysis(workspace, order)
  const to: AnalysisPlace['to'] | null = out === undefined ? (run === null ? null : { run }) : { folder: out }
  if (to === null) throw new StorageError('bad-input', `${kind} of a spec needs a folder to go to: give --out`)
  const refusal = await roomRefusal(workspace, 'run' in to ? runFolder(workspace, to.run) : to.folder, plan)
  if (refusal !== null) throw new StorageError('disk-full', refusal)
  signal.throwIfAborted()
  const folder = await beginAnalysis(workspace, { kind, step: plan.step, to }, token)
  try {
    const { arrays, files, figures, checks, notes, said, backend = null } = await plan.work(folder.path, { signal, onProgress, onPreview })
    signal.throwIfAborted()
    const facts: Readonly<Record<string, { readonly meaning: string; readonly unit: string | null }>> = analysisKinds[kind].arrays
    const manifest: AnalysisManifest = {
      schemaVersion: 1,
      kind,
      run,
      step: plan.step,
      options: plan.options,
      seconds: (performance.now() - began) / 1000,
      backend,
      versions: versions(),
      figures,
      arrays: Object.fromEntries(
        Object.entries(arrays).map(([name, { shape, file = `${name}.npy` }]) => [name, { file, shape: [...shape], ...facts[name] }])
      ),
      checks,
      notes,
      createdAt: new Date().toISOString(),
      files: [...files]
    }
    const { name, path } = await folder.publish(manifest)
    const failed = Object.entries(checks).flatMap(([check, { ok }]) => (ok ? [] : [check]))
    const doubt = failed.length === 0 ? '' : `; not as good as it should be: ${failed.join(', ')}`
    return { name, path, manifest, message: `${plan.title}: ${said}${doubt}` }
  } catch (error) {
    await folder.discard().catch(() => undefined)
    throw error
  }
}
