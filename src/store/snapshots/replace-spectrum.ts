// Another spectrum for a block of a stored snapshot: the folder is made anew beside the old one, whose other files it takes over, and replaces it whole.
import { join } from 'node:path'
import type { SnapshotBlock } from '../../engine/curvature/snapshot'
import type { SnapshotManifest, SolvedElsewhere } from '../../shared/run/schema'
import { jsonText, partialEnding, publishFolder, StorageError, translating, writeParts, type FileSystem } from '../files'
import { runFolder, snapshotFolder } from '../run-folder/paths'
import type { Workspace } from '../workspace'
import { readManifest, type SnapshotPlace } from './read'
import { finishFile, streamArray } from './stream'

/** A second name where the drive knows such, else a copy. */
async function takeOver(fileSystem: FileSystem, from: string, to: string, bytes: number): Promise<void> {
  try {
    return await fileSystem.linkNew(from, to)
  } catch {
    const [source, target] = [await fileSystem.open(from, 'read'), await fileSystem.open(to, 'create')]
    try {
      const chunk = new Uint8Array(4 * 1024 * 1024)
      for (let at = 0; at < bytes;) {
        const count = await source.read(chunk, at)
        if (count === 0) throw new StorageError('damaged', `${from}: ends after ${at} of ${bytes} bytes`)
        await target.write(chunk.subarray(0, count), at)
        at += count
      }
      await target.sync()
    } finally {
      await source.close()
      await target.close()
    }
  }
}

/**
 * Gives the block of that name the eigenvalues, eigenvectors (contiguous) and checks of `block`, which another program computed; its matrix and all other
 * blocks stay. A crash leaves the old snapshot or the new one. Throws StorageError.
 */
export async function replaceSpectrum(
  workspace: Workspace,
  place: SnapshotPlace,
  { name, size, eigenvalues, eigenvectors, indices, checks }: SnapshotBlock,
  solved: SolvedElsewhere
): Promise<SnapshotManifest> {
  const { fileSystem } = workspace
  if (eigenvalues === null || eigenvectors === null) throw new Error(`the spectrum of ${name} is missing`)
  const old = await readManifest(workspace, place)
  const path = snapshotFolder(runFolder(workspace, place.run), place.step)
  const partial = path + partialEnding
  const named = { eigenvalues: `eigenvalues.${name}.npy`, eigenvectors: `eigenvectors.${name}.npy` }
  return translating(`write ${path}`, async () => {
    await fileSystem.remove(partial)
    await fileSystem.makeNewFolder(partial)
    try {
      await streamArray(fileSystem, join(partial, named.eigenvalues), { shape: [size], pieces: [eigenvalues] }, 'float64')
      const vectors = { shape: [size, indices.length], pieces: [eigenvectors.data] }
      await streamArray(fileSystem, join(partial, named.eigenvectors), vectors, old.precision)
      const files: SnapshotManifest['files'] = []
      const before = old.blocks.find((block) => block.name === name)
      const gone: readonly (string | null | undefined)[] = [before?.eigenvalues, before?.eigenvectors]
      for (const file of old.files.filter((one) => !gone.includes(one.name))) {
        await takeOver(fileSystem, join(path, file.name), join(partial, file.name), file.bytes)
        files.push(file)
      }
      for (const file of Object.values(named)) files.push({ name: file, ...(await finishFile(fileSystem, join(partial, file))) })
      const manifest: SnapshotManifest = {
        ...old,
        blocks: old.blocks.map((block) => (block.name === name ? { ...block, ...named, indices: [...indices], checks } : block)),
        files,
        solvedElsewhere: [...(old.solvedElsewhere ?? []).filter((one) => one.block !== name), solved]
      }
      await writeParts(fileSystem, join(partial, 'manifest.json'), [new TextEncoder().encode(jsonText(manifest))])
      await publishFolder(fileSystem, partial, path)
      return manifest
    } catch (error) {
      await fileSystem.remove(partial).catch(() => undefined)
      throw error
    }
  })
}
