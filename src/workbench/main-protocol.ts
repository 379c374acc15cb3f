// The messages between Electron's main process and the workbench process, over the utility process's parent port. Plain objects; ports travel beside them.
import type { RunState } from '../shared/run/schema'

/** Who wants a pause. */
export type PauseCause = 'person' | 'sleep'

/** A run that is worked on, as small as a tooltip. */
export interface RunAtWork {
  readonly id: string
  readonly name: string
  readonly step: number
  /** Steps of its budget; null where it has no such number. */
  readonly steps: number | null
  /** How much is done, 0 to 1, by the budget that ends it first; null where nobody can tell. */
  readonly fraction: number | null
  readonly secondsLeft: number | null
  /** Why it waits for somebody's word, such as a full disk. */
  readonly trouble: string | null
}

/** What the workbench does right now. */
export interface Activity {
  readonly running: readonly RunAtWork[]
  /** Runs in line that start by themselves. */
  readonly waiting: number
  /** Titles of the jobs at work: they cannot be resumed. */
  readonly jobs: readonly string[]
  /** Runs that `go-on` after a person's `pause` would start. */
  readonly paused: number
}

/** A run that is no longer worked on. */
export interface RunEnd {
  readonly id: string
  readonly name: string
  readonly state: RunState
  readonly step: number
  /** Wall seconds since it began, in this session. */
  readonly workedSeconds: number
  /** Why it ended before its time; null when it ended as planned or was asked to. */
  readonly message: string | null
}

/**
 * main → workbench.
 * `open` comes first and once. `connect` carries one port, the page's end of nothing else: it becomes one API connection (frames as ArrayBuffer).
 * `engine-port` answers `launch` with the port whose other end main has posted to the engine process (as `{type: 'port'}` with that port, its first message).
 * `engine-exited` follows every `launch` exactly once, also when the process could not be started.
 * `close`: checkpoint and end what runs, killing what has not ended after `within` milliseconds, then answer `closed` and exit; main ends what is
 * left soon after. Sent again with less time when there is less, as when the session ends.
 * `pause`: checkpoint and pause everything, the queue included; `go-on` starts what the `pause` of the same cause stopped and nobody has touched since.
 */
export type MainToWorkbench =
  | {
      readonly type: 'open'
      /** null: SADDLESCOPE_WORKSPACE, else `workspace` below the user-data folder. */
      readonly workspace: string | null
      readonly version: string
      /** Folder of the app's own logs. */
      readonly logs: string
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
  | { readonly type: 'close'; readonly within: number }
  | { readonly type: 'pause'; readonly why: PauseCause }
  | { readonly type: 'go-on'; readonly why: PauseCause }

/**
 * workbench → main.
 * `ready` after `open`: connections are served (`connect` may be sent earlier, it is served then). `failed`: the workbench cannot open, one sentence for people.
 * `activity`: what it does, whenever that changes, at most twice a second. `run-ended` once for each run that was in `activity`.
 * `launch`: fork `out/main/engine.js` as a utility process with these arguments, stderr piped, and answer `engine-port`.
 */
export type WorkbenchToMain =
  | { readonly type: 'ready'; readonly workspace: string }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'launch'; readonly launchId: number; readonly args: readonly string[] }
  | { readonly type: 'kill'; readonly launchId: number }
  | { readonly type: 'activity'; readonly activity: Activity }
  | { readonly type: 'run-ended'; readonly end: RunEnd }
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
