// Where a run's snapshot goes, and why it may not: the same for those of the training and those computed afterwards.
import { bytes as bytesText, parseBytes } from '../../shared/format/bytes'
import type { RunSpec } from '../../shared/spec/schema'
import type { Snapshot } from '../../engine/curvature/snapshot'
import type { FileSystem } from '../files'
import { scopeOf, type SnapshotTarget } from '../snapshots/write'
import { snapshotFolder } from '../run-folder/paths'
import { driveRefusal } from '../run-folder/sizes'
import { toWeightArrays, weightLayout } from '../run-folder/weights'

/** Why a snapshot of at most `bytes` must not be made beside those `stored` already, as the end of a sentence; null when it may. */
export async function snapshotRefusal(
  fileSystem: FileSystem,
  folder: string,
  spec: Pick<RunSpec, 'snapshots'>,
  { bytes, stored }: { readonly bytes: number; readonly stored: number }
): Promise<string | null> {
  const { maxBytes } = spec.snapshots
  if (stored + bytes > parseBytes(maxBytes))
    return `its ${bytesText(bytes)} with the ${bytesText(stored)} there are would exceed snapshots.maxBytes = ${maxBytes}`
  return driveRefusal(fileSystem, folder, bytes)
}

export function snapshotTarget(fileSystem: FileSystem, folder: string, run: string, spec: RunSpec, snapshot: Snapshot): SnapshotTarget {
  const layout = weightLayout(spec, snapshot.parameters.length)
  return {
    fileSystem,
    path: snapshotFolder(folder, snapshot.step),
    run,
    scope: scopeOf(snapshot.blocks),
    precision: spec.snapshots.precision,
    offsetOf: (block) => layout.find((array) => array.name === block)?.offset ?? 0,
    weights: toWeightArrays(spec, snapshot.parameters)
  }
}
