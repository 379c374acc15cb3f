// Where an analysis is written: below a name of its own that ends in .partial until it is whole, then under the first free name of its kind and step.
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { AnalysisManifest } from '../../shared/analyses/manifest'
import { partialEnding, renamePatiently, StorageError, systemCodeOf, translating, writeParts } from '../files'
import { analysesFolder, liveLock, lockPath, recountRun, runFolder } from '../run-folder'
import type { Workspace } from '../workspace'

export interface AnalysisTarget {
  readonly kind: string
  readonly step: number
  /** The run whose folder it goes to, or a folder of its own that is not there yet. */
  readonly to: { readonly run: string } | { readonly folder: string }
}

export interface AnalysisFolder {
  /** Files go here, under their final names. */
  readonly path: string
  /** Writes the manifest and gives the folder its name, which it returns with the whole path. */
  publish(manifest: AnalysisManifest): Promise<{ readonly name: string; readonly path: string }>
  discard(): Promise<void>
}

/** One that is being written right now is young. */
const leftoverAge = 24 * 3600_000

async function dropOld({ fileSystem }: Workspace, parent: string): Promise<void> {
  for (const name of await fileSystem.list(parent)) {
    const path = join(parent, name)
    const info = name.endsWith(partialEnding) ? await fileSystem.info(path).catch(() => null) : null
    if (info && Date.now() - info.modified > leftoverAge) await fileSystem.remove(path).catch(() => undefined)
  }
}

/** The name below which the job `token` writes; whoever started it removes that when the job was killed. */
export const analysisPartial = (workspace: Workspace, run: string, token: string) =>
  join(analysesFolder(runFolder(workspace, run)), `.${token}${partialEnding}`)

/** Renames to the first free name; two that end at once get different ones. */
async function place({ fileSystem }: Workspace, partial: string, parent: string, base: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`
    const path = join(parent, name)
    if (await fileSystem.info(path)) continue
    try {
      await renamePatiently(fileSystem, partial, path)
      return name
    } catch (error) {
      const taken = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCodeOf(error) ?? '') && (await fileSystem.info(path)) !== null
      if (!taken) throw error
    }
  }
}

/** Where nobody works on the run: its owner counts at its end. */
export async function recountIdleRun(workspace: Workspace, run: string): Promise<void> {
  if (!(await liveLock(workspace.fileSystem, lockPath(runFolder(workspace, run))))) await recountRun(workspace, run)
}

/** Makes the folder to write to. Throws StorageError (`conflict` where a folder of its own is there already). */
export async function beginAnalysis(
  workspace: Workspace,
  { kind, step, to }: AnalysisTarget,
  token = randomBytes(6).toString('hex')
): Promise<AnalysisFolder> {
  const { fileSystem } = workspace
  const own = 'folder' in to ? to.folder : null
  if (own !== null && (await fileSystem.info(own))) throw new StorageError('conflict', `${own} is there already: give a folder that is not`)
  const parent = 'run' in to ? analysesFolder(runFolder(workspace, to.run)) : dirname(to.folder)
  const path = 'run' in to ? analysisPartial(workspace, to.run, token) : `${to.folder}.${token}${partialEnding}`
  await translating(`write ${path}`, async () => {
    await fileSystem.makeFolder(parent)
    if (own === null) await dropOld(workspace, parent)
    await fileSystem.makeNewFolder(path)
  })
  return {
    path,
    publish: (manifest) =>
      translating(`write ${path}`, async () => {
        await writeParts(fileSystem, join(path, 'manifest.json'), [new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`)])
        await fileSystem.syncFolder(path)
        if (own !== null) {
          if (await fileSystem.info(own)) throw new StorageError('conflict', `${own} was made meanwhile: give another folder`)
          await renamePatiently(fileSystem, path, own)
          return { name: own, path: own }
        }
        const name = await place(workspace, path, parent, `${kind}-${step}`)
        await fileSystem.syncFolder(parent)
        if ('run' in to) await recountIdleRun(workspace, to.run).catch(() => undefined)
        return { name, path: join(parent, name) }
      }),
    discard: () => fileSystem.remove(path)
  }
}
