// Parts of an analysis that outlive its interruption: tiles beside the run's analyses, taken up by the next one of the same name.
import { join } from 'node:path'
import { formatNpy, parseNpy, requireShape } from '../../shared/npy'
import { partialEnding, translating, writeAtomically } from '../files'
import { analysesFolder, runFolder } from '../run-folder'
import type { Workspace } from '../workspace'

export interface AnalysisTiles {
  /** Null where there is none, or none that can be read. */
  read(index: number): Promise<Float64Array | null>
  write(index: number, values: Float64Array): Promise<void>
  remove(): Promise<void>
}

/** Its folder is hidden, and dropped by a later analysis of the run when a day old. */
export function analysisTiles(workspace: Workspace, run: string, name: string): AnalysisTiles {
  const { fileSystem } = workspace
  const folder = join(analysesFolder(runFolder(workspace, run)), `.${name}${partialEnding}`)
  const pathOf = (index: number) => join(folder, `${index}.npy`)
  return {
    async read(index) {
      const path = pathOf(index)
      if (!(await fileSystem.info(path))) return null
      try {
        const array = parseNpy(await fileSystem.readFile(path), path)
        return requireShape(array, array.shape, path)
      } catch {
        return null
      }
    },
    write: (index, values) =>
      translating(`write ${pathOf(index)}`, async () => {
        await fileSystem.makeFolder(folder)
        await writeAtomically(fileSystem, pathOf(index), formatNpy({ shape: [values.length], data: values }))
      }),
    remove: () => fileSystem.remove(folder)
  }
}
