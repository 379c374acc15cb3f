// Engine processes that do what a test tells them.
import type { FromEngine, ToEngine } from '../../../src/engine-process/messages'
import type { EngineExit, EngineLauncher } from '../../../src/workbench/launcher'

export interface FakeEngine {
  readonly args: readonly string[]
  readonly received: ToEngine[]
  killed: boolean
  say(message: FromEngine): void
  exit(exit?: Partial<EngineExit>): void
}

export function fakeLauncher(): { launch: EngineLauncher; engines: FakeEngine[] } {
  const engines: FakeEngine[] = []
  return {
    engines,
    launch(args) {
      const messageListeners: ((message: FromEngine) => void)[] = []
      const exitListeners: ((exit: EngineExit) => void)[] = []
      const engine: FakeEngine = {
        args,
        received: [],
        killed: false,
        say: (message) => messageListeners.forEach((listener) => listener(message)),
        exit: (exit = {}) => exitListeners.forEach((listener) => listener({ code: 0, signal: null, output: '', ...exit }))
      }
      engines.push(engine)
      return {
        send: (message) => void engine.received.push(message),
        onMessage: (listener) => void messageListeners.push(listener),
        onExit: (listener) => void exitListeners.push(listener),
        kill() {
          engine.killed = true
          engine.exit({ code: null, signal: 'SIGKILL' })
        }
      }
    }
  }
}
