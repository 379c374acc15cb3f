// Networks from elsewhere: their files looked at and read. Nothing in a file is trusted, nothing executed.
import { resolve } from 'node:path'
import type { ModelInspection } from '../../shared/models/inspection'
import type { FileSystem } from '../files'
import { inspectionOf } from './layers'
import { withModel } from './open'

export { networkIn, readWeights, specOf, widthsOf, type Network } from './layers'
export { isModelPath, withModel } from './open'
export { placeModelRun, type ModelRun } from './run'

/** What a file holds: layers, their order, what it leaves open. Throws StorageError with one sentence. */
export function inspectModel(fileSystem: FileSystem, path: string, order?: readonly string[]): Promise<ModelInspection> {
  return withModel(fileSystem, path, async (model) => inspectionOf(model, resolve(path), order))
}
