// Copies of the .npy and .npz files a spec names, so that a run folder is complete without them.
import { extname, isAbsolute, join, resolve } from 'node:path'
import { isFunctionSpec, type NetworkSpec, type RunSpec } from '../../shared/spec/schema'
import { StorageError, translating, writeAtomically } from '../files'
import type { Workspace } from '../workspace'
import { inputsFolder } from './paths'

/** A file a spec names: where in the spec, its path as given, its name under inputs/. */
export interface SpecInput {
  readonly place: string
  readonly path: string
  readonly copy: string
}

/** `data.transforms.<i>.matrix` is kept as inputs/transform-<i>.npy, `model.init.path` as inputs/init.npz. */
function specInputs(spec: RunSpec): SpecInput[] {
  if (isFunctionSpec(spec)) return []
  const inputs: SpecInput[] = []
  spec.data.transforms.forEach((transform, k) => {
    if (transform.kind === 'random-projection' && transform.matrix !== null)
      inputs.push({
        place: `data.transforms.${k}.matrix`,
        path: transform.matrix,
        copy: `transform-${k}${extname(transform.matrix) || '.npy'}`
      })
  })
  const { init } = spec.model
  if (init.kind === 'npz') inputs.push({ place: 'model.init.path', path: init.path, copy: 'init.npz' })
  return inputs
}

/** Copies the named files; relative paths start at `base`. Throws StorageError naming the place in the spec. */
export async function copyInputs(workspace: Workspace, folder: string, spec: RunSpec, base: string): Promise<void> {
  const { fileSystem } = workspace
  for (const { place, path, copy } of specInputs(spec)) {
    const from = isAbsolute(path) ? path : resolve(base, path)
    if ((await fileSystem.info(from))?.kind !== 'file') throw new StorageError('bad-input', `${place}: there is no file ${from}`)
    const bytes = await translating(`read ${from}`, () => fileSystem.readFile(from))
    await translating(`write ${inputsFolder(folder)}`, () => fileSystem.makeFolder(inputsFolder(folder)))
    await writeAtomically(fileSystem, join(inputsFolder(folder), copy), bytes)
  }
}

/** The spec with the named files' paths replaced by those of their copies in the run folder: what training reads. */
export function withCopiedInputs(folder: string, spec: RunSpec): RunSpec {
  if (isFunctionSpec(spec)) return spec
  const copies = new Map(specInputs(spec).map(({ place, copy }) => [place, join(inputsFolder(folder), copy)]))
  const result: NetworkSpec = {
    ...spec,
    data: {
      ...spec.data,
      transforms: spec.data.transforms.map((transform, k) =>
        transform.kind === 'random-projection' ? { ...transform, matrix: copies.get(`data.transforms.${k}.matrix`) ?? null } : transform
      )
    }
  }
  const init = copies.get('model.init.path')
  return init === undefined ? result : { ...result, model: { ...spec.model, init: { kind: 'npz', path: init } } }
}
