// The engine processes that main forks for the workbench, whichever life of it asked for them.
import { join } from 'node:path'
import { MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { MainToEngine } from '../workbench/main-protocol'
import { log, logStream } from './logs'

export interface EngineEnd {
  readonly code: number
  /** The last that it wrote to stderr. */
  readonly output: string
}

export interface EngineProcess {
  /** The end of its port that the workbench gets. */
  readonly port: MessagePortMain
  kill(): void
}

export interface EngineProcesses {
  launch(args: readonly string[], onExit: (end: EngineEnd) => void): EngineProcess
  count(): number
  killAll(): void
}

const outputKept = 4000

/** At once: it has been asked to end before, and one that does not hear a message does not hear SIGTERM either. */
export function killNow(child: UtilityProcess) {
  try {
    if (child.pid === undefined) child.kill()
    else process.kill(child.pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

export function engineProcesses(onAllGone: () => void): EngineProcesses {
  const living = new Set<UtilityProcess>()
  return {
    launch(args, onExit) {
      const engine = utilityProcess.fork(join(__dirname, 'engine.js'), [...args], {
        serviceName: 'Saddlescope engine',
        stdio: ['ignore', 'pipe', 'pipe']
      })
      living.add(engine)
      const name = args.join(' ')
      let output = ''
      engine.stderr?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-outputKept)
      })
      logStream('engine', engine.stdout)
      logStream('engine', engine.stderr)
      engine.once('exit', (code) => {
        living.delete(engine)
        if (code !== 0) log(`the engine process of ${name} ended with code ${code}`)
        onExit({ code, output })
        if (living.size === 0) onAllGone()
      })
      const { port1, port2 } = new MessageChannelMain()
      engine.postMessage({ type: 'port' } satisfies MainToEngine, [port1])
      return { port: port2, kill: () => killNow(engine) }
    },
    count: () => living.size,
    killAll: () => living.forEach(killNow)
  }
}
