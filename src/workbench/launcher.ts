// How the workbench gets an engine process: forked by Node itself, or by Electron's main process on request.
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FromEngine, ToEngine } from '../engine-process/messages'

export interface EngineExit {
  readonly code: number | null
  readonly signal: string | null
  /** The last characters that the process wrote to stderr, or why it could not be started. */
  readonly output: string
}

export interface EngineProcess {
  /** Messages sent before the process listens wait for it; to one that is gone they are dropped. */
  send(message: ToEngine): void
  onMessage(listener: (message: FromEngine) => void): void
  /** Called exactly once. */
  onExit(listener: (exit: EngineExit) => void): void
  kill(): void
}

/** `args` are for people who look at the list of processes; the task itself is sent as a message. */
export type EngineLauncher = (args: readonly string[]) => EngineProcess

const outputKept = 4000

/** A built program, beside this one or in the checkout's `out`. Throws when it was not built. */
export function builtProgram(name: 'engine.js' | 'cli.js'): string {
  const start = dirname(fileURLToPath(import.meta.url))
  for (let folder = start; ; folder = dirname(folder)) {
    for (const candidate of [join(folder, name), join(folder, 'out', 'main', name)]) if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) throw new Error(`the program ${name} is missing above ${start}: run \`npm run build\``)
  }
}

/** Engine processes as children of this Node process. */
export function nodeLauncher(program: string = builtProgram('engine.js')): EngineLauncher {
  return (args) => {
    // A job may hand back bytes, such as the pictures of a data set that waits to be installed: JSON would make objects of them.
    const serialization = args[0] === 'job' ? 'advanced' : 'json'
    const child = fork(program, [...args], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], execArgv: [], serialization })
    let output = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-outputKept)
    })
    let exited = false
    const exitListeners: ((exit: EngineExit) => void)[] = []
    const end = (exit: EngineExit) => {
      if (exited) return
      exited = true
      for (const listener of exitListeners) listener(exit)
    }
    child.once('error', (error) => end({ code: null, signal: null, output: `could not be started: ${error.message}` }))
    child.once('close', (code, signal) => end({ code, signal, output }))
    return {
      send(message) {
        if (child.connected) child.send(message, () => undefined)
      },
      onMessage: (listener) => void child.on('message', (message) => listener(message as FromEngine)),
      onExit: (listener) => void exitListeners.push(listener),
      kill: () => void child.kill('SIGKILL')
    }
  }
}
