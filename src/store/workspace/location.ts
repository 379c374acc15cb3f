// Where the workspace is, and its making.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { realFileSystem, StorageError, toStorageError, type FileSystem } from '../files'

/** An opened workspace: paths and the file system they are on. */
export interface Workspace {
  readonly folder: string
  readonly fileSystem: FileSystem
}

export interface LocationInput {
  /** From `--workspace`. */
  readonly option?: string | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
}

/** The app's user-data folder as Electron names it, without Electron. */
export function userDataFolder({ environment, platform, home }: Omit<LocationInput, 'option'>): string {
  if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'Saddlescope')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Saddlescope')
  return join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'Saddlescope')
}

/** `--workspace`, else SADDLESCOPE_WORKSPACE, else the folder `workspace` in the user-data folder. Absolute. */
export function workspaceLocation(input: LocationInput): string {
  return resolve(input.option || input.environment.SADDLESCOPE_WORKSPACE || join(userDataFolder(input), 'workspace'))
}

/** The location for this process. */
export function defaultWorkspaceLocation(option?: string | null): string {
  return workspaceLocation({ option, environment: process.env, platform: process.platform, home: homedir() })
}

/** Makes the workspace's folders where they are missing. Throws StorageError with one sentence when it cannot be written. */
export async function openWorkspace(folder: string, fileSystem: FileSystem = realFileSystem): Promise<Workspace> {
  const absolute = resolve(folder)
  const probe = join(absolute, `.probe-${process.pid}-${Date.now().toString(36)}.partial`)
  try {
    for (const name of ['runs', 'comparisons', 'datasets', 'trash']) await fileSystem.makeFolder(join(absolute, name))
    await (await fileSystem.open(probe, 'create')).close()
    await fileSystem.remove(probe)
  } catch (error) {
    const cause = toStorageError(error, `write ${absolute}`)
    if (!(cause instanceof StorageError)) throw error
    const reason = cause.message.slice(cause.message.indexOf(': ') + 2)
    throw new StorageError(
      cause.code,
      `the workspace ${absolute} cannot be written: ${reason}; choose another with --workspace or SADDLESCOPE_WORKSPACE`,
      cause.systemCode
    )
  }
  return { folder: absolute, fileSystem }
}

/** For reading only: nothing is made or probed. */
export function readWorkspace(folder: string, fileSystem: FileSystem = realFileSystem): Workspace {
  return { folder: resolve(folder), fileSystem }
}
