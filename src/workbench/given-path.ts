// Paths that a page hands over: checked here, in the workbench process, before anything is opened.
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { realpath } from 'node:fs/promises'
import { isDevicePath, systemCodeOf, type FileSystem } from '../store/files'
import { Failure } from './failure'

function requirePlain(path: string, what: string): string {
  const shown = path.slice(0, 200).replace(/\p{C}/gu, '?')
  if (path.includes('\0')) throw new Failure('bad-request', `${what}: "${shown}" has a zero byte in it`)
  if (!isAbsolute(path)) throw new Failure('bad-request', `${what}: must be an absolute path, got "${shown}"`)
  if (isDevicePath(path)) throw new Failure('bad-request', `${what}: "${shown}" names a device, not a file`)
  return shown
}

/** A file or folder that is there; pipes, sockets and devices would be waited for, or read without end. */
export async function requireReadable(fileSystem: FileSystem, path: string, what = 'path'): Promise<void> {
  const shown = requirePlain(path, what)
  const info = await fileSystem.info(path).catch((error: unknown) => {
    throw new Failure('bad-request', `${what}: ${shown} cannot be looked at (${systemCodeOf(error) ?? 'unknown cause'})`)
  })
  if (!info) throw new Failure('not-found', `${what}: there is no such file or folder: ${shown}`)
  if (info.kind === 'other') throw new Failure('bad-request', `${what}: ${shown} is a device, a pipe or a socket, not a file or folder`)
}

/** A place to write to, in a folder that is there and outside the workspace, whose files are the workbench's own. */
export async function requireWritable(workspace: string, path: string, what = 'out'): Promise<void> {
  const shown = requirePlain(path, what)
  const parent = await realpath(dirname(resolve(path))).catch(() => null)
  if (parent === null) throw new Failure('not-found', `${what}: there is no folder ${dirname(shown)}`)
  const below = relative(await realpath(workspace), parent)
  if (!isAbsolute(below) && below.split(sep)[0] !== '..')
    throw new Failure('bad-request', `${what}: ${shown} lies in the workspace, where only the workbench writes; choose a folder outside`)
}
