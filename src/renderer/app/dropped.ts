// What was dropped on the window. The desktop app takes folders by their paths; a browser can send those files of a folder that make a known data set.
import { isKnownName } from '../../shared/datasets/known-files'
import { sayError } from './actions'
import { openFiles } from './open'

function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  return new Promise((done, fail) => {
    const found: FileSystemEntry[] = []
    // It hands over some at a time, and none at the end.
    const more = () => reader.readEntries((some) => (some.length === 0 ? done(found) : (found.push(...some), more())), fail)
    more()
  })
}

/** The files of a published data set in a folder or in the folders in it: of the first that holds any. */
async function partsIn(folder: FileSystemDirectoryEntry, depth: number): Promise<File[]> {
  const entries = await entriesOf(folder)
  const parts = entries.filter((entry) => entry.isFile && isKnownName(entry.name)) as FileSystemFileEntry[]
  if (parts.length > 0) return Promise.all(parts.map((part) => new Promise<File>((done, fail) => part.file(done, fail))))
  if (depth > 0)
    for (const inner of entries.filter((entry) => entry.isDirectory) as FileSystemDirectoryEntry[]) {
      const found = await partsIn(inner, depth - 1)
      if (found.length > 0) return found
    }
  return []
}

async function fromFolder(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const parts = await partsIn(folder, 1).catch(() => [])
  if (parts.length === 0)
    sayError(
      new Error(
        `${folder.name} is a folder without the files of CIFAR or MNIST: drop a .zip of a run’s folder, or give the path of a data set on the Datasets screen.`
      )
    )
  return parts
}

/** Called while the drop is handled: afterwards its items are gone. */
export async function openDropped(items: DataTransferItemList) {
  const dropped = [...items].map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry() }))
  const files = dropped.map(({ file, entry }) => {
    const sent = !window.saddlescope && entry?.isDirectory
    return sent ? fromFolder(entry as FileSystemDirectoryEntry) : file ? [file] : []
  })
  await openFiles((await Promise.all(files)).flat())
}
