// The messages between Electron's main process and the workbench process, over the utility process's parent port. Plain objects; ports travel beside them.

/**
 * main → workbench.
 * `open` comes first and once. `connect` carries one port, the page's end of nothing else: it becomes one API connection (frames as ArrayBuffer).
 * `engine-port` answers `launch` with the port whose other end main has posted to the engine process (as `{type: 'port'}` with that port, its first message).
 * `engine-exited` follows every `launch` exactly once, also when the process could not be started.
 * `close`: checkpoint and end what runs, then answer `closed` and exit; main kills the process when that takes over 20 s.
 */
export type MainToWorkbench =
  | {
      readonly type: 'open'
      /** null: SADDLESCOPE_WORKSPACE, else `workspace` below the user-data folder. */
      readonly workspace: string | null
      readonly version: string
      /** Whether an empty workspace trains the demonstration by itself. */
      readonly demo: boolean
    }
  | { readonly type: 'connect' }
  | { readonly type: 'engine-port'; readonly launchId: number }
  | {
      readonly type: 'engine-exited'
      readonly launchId: number
      readonly code: number | null
      readonly signal: string | null
      /** The last (at most 4,000) characters that the process wrote to stderr, or why it could not be started. */
      readonly output: string
    }
  | { readonly type: 'close' }

/**
 * workbench → main.
 * `ready` after `open`: connections are served (`connect` may be sent earlier, it is served then). `failed`: the workbench cannot open, one sentence for people.
 * `launch`: fork `out/main/engine.js` as a utility process with these arguments, stderr piped, and answer `engine-port`.
 */
export type WorkbenchToMain =
  | { readonly type: 'ready'; readonly workspace: string }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'launch'; readonly launchId: number; readonly args: readonly string[] }
  | { readonly type: 'kill'; readonly launchId: number }
  | { readonly type: 'closed' }

/** First message of main to an engine process, with the port over which the workbench talks to it. */
export type MainToEngine = { readonly type: 'port' }

/** The parts of Electron's MessagePortMain that are used; in a utility process `process.parentPort` has the same without `start` and `close`. */
export interface PortLike {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly PortLike[] }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start?(): void
  close?(): void
}

/** Electron's parent port of a utility process; undefined everywhere else. */
export function parentPort(): PortLike | undefined {
  return (process as NodeJS.Process & { parentPort?: PortLike }).parentPort
}
