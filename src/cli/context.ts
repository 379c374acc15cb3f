// What commands share: the folder the user typed in, the workspace, output, interruption.
import { isAbsolute, resolve } from 'node:path'
import { defaultWorkspaceLocation, openWorkspace, readWorkspace, type Workspace } from '../store'
import type { CommonOptions } from './ending'
import { harmless } from './format'

export interface WorkspaceOptions extends CommonOptions {
  readonly workspace?: string
}

/** npm starts its scripts in the package's folder and keeps the user's own in INIT_CWD; paths mean the latter. */
export function userFolder(): string {
  const { INIT_CWD, npm_lifecycle_event: script } = process.env
  return INIT_CWD && ['cli', 'serve', 'start', 'bench'].includes(script ?? '') ? INIT_CWD : process.cwd()
}

export function userPath(path: string): string {
  return isAbsolute(path) ? path : resolve(userFolder(), path)
}

/** The workspace's folder, made where it is missing. Throws one sentence when it cannot be written. */
export function writableWorkspace({ workspace }: WorkspaceOptions): Promise<Workspace> {
  return openWorkspace(workspaceFolder(workspace))
}

/** For looking only: nothing is made. */
export function readableWorkspace({ workspace }: WorkspaceOptions): Workspace {
  return readWorkspace(workspaceFolder(workspace))
}

export function workspaceFolder(option: string | undefined): string {
  const given = option ?? process.env.SADDLESCOPE_WORKSPACE
  return given ? userPath(given) : defaultWorkspaceLocation()
}

/** For people and progress. */
export const say = (text: string) => void process.stderr.write(`${harmless(text)}\n`)
/** For the answer itself, as text. */
export const print = (text: string) => void process.stdout.write(`${harmless(text)}\n`)
/** For the answer itself, as JSON; NaN and infinities, which JSON lacks, become null. */
export const printJson = (value: unknown, indent = 2) =>
  print(JSON.stringify(value, (_key, item: unknown) => (ArrayBuffer.isView(item) ? Array.from(item as Float64Array) : item), indent))

/** Ctrl-C and SIGTERM: the first asks to stop, the second ends at once. */
export function stopSignal(onFirst: () => void): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const listener = () => {
    if (controller.signal.aborted) process.exit(130)
    onFirst()
    controller.abort()
  }
  process.on('SIGINT', listener)
  process.on('SIGTERM', listener)
  return {
    signal: controller.signal,
    dispose() {
      process.removeListener('SIGINT', listener)
      process.removeListener('SIGTERM', listener)
    }
  }
}
