// The figures of a run for the formats of others: every column of its metrics, and the spectra of its snapshots where they lie.
import { join } from 'node:path'
import type { MetricsTable } from '../../shared/api/contract'
import { formatNpy } from '../../shared/npy'
import { messageOf } from '../../shared/format/message-of'
import type { FileSystem } from '../files'
import { metricsService } from '../metrics'
import { lossText, runFolder, snapshotFolder } from '../run-folder'
import { readManifest, snapshotSteps } from '../snapshots'
import type { Workspace } from '../workspace'
import type { ArchiveMember } from './copy'

export interface MetricFigures {
  readonly table: MetricsTable
  /** What of the metrics is missing, null when nothing is. */
  readonly missing: string | null
}

/** Every column at every step, derived ones (such as the loss per sample) too. */
export async function metricFigures(workspace: Workspace, id: string): Promise<MetricFigures> {
  const service = metricsService(workspace, 1)
  const { available } = await service.read(id, { columns: [] })
  const table = await service.read(id, { columns: available })
  return { table, missing: lossText(table) }
}

/** Zip entries and NumPy keys are ASCII; anything else is percent-encoded, which keeps names apart. */
const plainName = (name: string) => name.replace(/[^\x21-\x7e]/g, encodeURIComponent)

const array = (name: string, data: Float64Array): ArchiveMember => {
  const content = formatNpy({ shape: [data.length], data })
  return { name: `${plainName(name)}.npy`, content, bytes: content.length }
}

const stepName = (step: number) => `step-${String(step).padStart(6, '0')}`

/** The eigenvalue files of every snapshot as members of an .npz, and a note for each snapshot that cannot be read. */
async function spectra(workspace: Workspace, id: string, fileSystem: FileSystem) {
  const members: ArchiveMember[] = []
  const notes: string[] = []
  for (const step of await snapshotSteps(workspace, id)) {
    const manifest = await readManifest(workspace, { run: id, step }).catch((error: unknown) => messageOf(error))
    if (typeof manifest === 'string') {
      notes.push(`the snapshot of step ${step} is left out: ${manifest}`)
      continue
    }
    for (const block of manifest.blocks) {
      if (block.eigenvalues === null) continue
      const path = join(snapshotFolder(runFolder(workspace, id), step), block.eigenvalues)
      const bytes = (await fileSystem.info(path))?.bytes
      if (bytes === undefined) notes.push(`the eigenvalues of ${block.name} after step ${step} are left out: ${path} is missing`)
      else members.push({ name: `${plainName(`eigenvalues.${stepName(step)}.${block.name}`)}.npy`, path, bytes })
    }
  }
  return { members, notes }
}

/** A run's figures as the arrays of an .npz: `step`, a column each, `eigenvalues.step-NNNNNN.BLOCK`. */
export async function figureArrays(
  workspace: Workspace,
  id: string
): Promise<{ readonly members: readonly ArchiveMember[]; readonly notes: readonly string[] }> {
  const { table, missing } = await metricFigures(workspace, id)
  const { members, notes } = await spectra(workspace, id, workspace.fileSystem)
  return {
    members: [array('step', table.steps), ...Object.entries(table.columns).map(([name, column]) => array(name, column)), ...members],
    notes: [...(missing === null ? [] : [missing]), ...notes]
  }
}
