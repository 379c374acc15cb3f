// Keeps the workbench process alive, forks engine processes when it asks, and brokers ports between it and the pages.
import { join } from 'node:path'
import { app, dialog, MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { MainToEngine, MainToWorkbench, WorkbenchToMain } from '../workbench/main-protocol'

export interface WorkbenchHost {
  /** A fresh port to the workbench, the other end served by it. */
  openPort(): MessagePortMain
  /** The open workspace's folder; null until the workbench has opened it. */
  workspace(): string | null
  /** Called each time that a workspace has been opened. */
  onOpened(listener: (folder: string) => void): void
  /** Ends what runs in good manners and opens another workspace. Rejects with one sentence; the one before is open again then. */
  switchWorkspace(folder: string): Promise<void>
  /** What it works on right now. */
  activity(): { readonly running: readonly unknown[]; readonly jobs: readonly unknown[] }
  /** The workbench was lost and came back: ports handed out before are dead. */
  onLost(listener: () => void): void
  /** Checkpoints what runs and ends the workbench. */
  close(): Promise<void>
}

const restartPauses = [0, 200, 1000, 3000]
const crashWindow = 60_000
const closeGrace = 20_000
const killGrace = 5000
const outputKept = 4000

export interface WorkbenchOptions {
  readonly workspace: string | null
  readonly demo: boolean
}

/** One life of the workbench process, with the engine processes it asked for, by its own launch numbers. */
interface Life {
  readonly workbench: UtilityProcess
  readonly engines: Map<number, UtilityProcess>
}

const send = (life: Life, message: MainToWorkbench, ports: MessagePortMain[] = []) => life.workbench.postMessage(message, ports)

function launchEngine(life: Life, launchId: number, args: readonly string[]) {
  const engine = utilityProcess.fork(join(__dirname, 'engine.js'), [...args], {
    serviceName: 'Saddlescope engine',
    stdio: ['ignore', 'inherit', 'pipe']
  })
  life.engines.set(launchId, engine)
  let output = ''
  engine.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-outputKept)
  })
  engine.once('exit', (code) => {
    life.engines.delete(launchId)
    // Says nothing to a workbench that is gone itself.
    if (life.workbench.pid !== undefined) send(life, { type: 'engine-exited', launchId, code, signal: null, output })
  })
  const { port1, port2 } = new MessageChannelMain()
  engine.postMessage({ type: 'port' } satisfies MainToEngine, [port1])
  send(life, { type: 'engine-port', launchId }, [port2])
}

function killEngine(life: Life, launchId: number) {
  const engine = life.engines.get(launchId)
  if (!engine) return
  const { pid } = engine
  engine.kill()
  setTimeout(() => {
    if (life.engines.has(launchId) && pid !== undefined) process.kill(pid, 'SIGKILL')
  }, killGrace).unref()
}

export function hostWorkbench(options: WorkbenchOptions): WorkbenchHost {
  const lostListeners: (() => void)[] = []
  let crashes: number[] = []
  let closing: (() => void) | null = null
  let opened: string | null = null
  let wanted = options.workspace
  const openedListeners: ((folder: string) => void)[] = []
  let opening: { done(): void; fail(error: Error): void } | null = null
  let current = start(options.demo)

  function start(demo: boolean): Life {
    const workbench = utilityProcess.fork(join(__dirname, 'workbench.js'), [], { serviceName: 'Saddlescope workbench', stdio: 'inherit' })
    const life: Life = { workbench, engines: new Map() }
    workbench.on('message', (message: WorkbenchToMain) => receive(life, message))
    workbench.once('exit', (code) => onExit(life, code))
    send(life, { type: 'open', workspace: wanted, version: app.getVersion(), demo })
    return life
  }

  function receive(life: Life, message: WorkbenchToMain) {
    if (message.type === 'launch') launchEngine(life, message.launchId, message.args)
    else if (message.type === 'kill') killEngine(life, message.launchId)
    else if (message.type === 'ready') {
      opened = message.workspace
      opening?.done()
      for (const listener of openedListeners) listener(message.workspace)
    } else if (message.type === 'closed') closing?.()
    else if (message.type === 'failed') {
      process.stderr.write(`${message.message}\n`)
      if (opening) return opening.fail(new Error(message.message))
      dialog.showErrorBox('Saddlescope cannot open its workspace', message.message)
      app.exit(1)
    }
  }

  function onExit(life: Life, code: number) {
    if (closing) return closing()
    const now = Date.now()
    crashes = [...crashes.filter((at) => now - at < crashWindow), now]
    process.stderr.write(`the workbench process ended unexpectedly (code ${code})\n`)
    // Engine processes notice that their port closed and checkpoint by themselves; whatever is left after the grace is ended.
    setTimeout(() => [...life.engines.keys()].forEach((launchId) => killEngine(life, launchId)), closeGrace).unref()
    if (crashes.length > restartPauses.length) {
      dialog.showErrorBox(
        'Saddlescope',
        'The workbench process keeps ending unexpectedly. The runs on disk are safe; please start the app again.'
      )
      return app.exit(1)
    }
    setTimeout(
      () => {
        current = start(false)
        for (const listener of lostListeners) listener()
      },
      restartPauses[crashes.length - 1]
    )
  }

  function close(): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(() => {
        current.workbench.kill()
        done()
      }, closeGrace)
      closing = () => {
        clearTimeout(timer)
        done()
      }
      send(current, { type: 'close' })
    })
  }

  async function reopen(folder: string | null) {
    closing = null
    wanted = folder
    const opens = new Promise<void>((done, fail) => (opening = { done, fail }))
    current = start(false)
    for (const listener of lostListeners) listener()
    await opens.finally(() => (opening = null))
  }

  return {
    onOpened: (listener) => void openedListeners.push(listener),
    activity: () => ({ running: [...current.engines.keys()], jobs: [] }),
    async switchWorkspace(folder) {
      const before = opened
      const gone = new Promise<void>((done) => current.workbench.once('exit', () => done()))
      await close()
      await gone
      try {
        await reopen(folder)
      } catch (error) {
        current.workbench.removeAllListeners('exit')
        current.workbench.kill()
        await reopen(before)
        throw error
      }
    },
    openPort() {
      const { port1, port2 } = new MessageChannelMain()
      send(current, { type: 'connect' }, [port1])
      return port2
    },
    workspace: () => opened,
    onLost: (listener) => void lostListeners.push(listener),
    close
  }
}
