// Keeps the workbench process alive, forks engine processes when it asks, and brokers ports between it and the pages.
import { join } from 'node:path'
import { app, dialog, MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { MainToEngine, MainToWorkbench, WorkbenchToMain } from '../workbench/main-protocol'

export interface WorkbenchHost {
  /** A fresh port to the workbench, the other end served by it. */
  openPort(): MessagePortMain
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

export function hostWorkbench(options: WorkbenchOptions): WorkbenchHost {
  const lostListeners: (() => void)[] = []
  const engines = new Map<number, UtilityProcess>()
  let crashes: number[] = []
  let closing: (() => void) | null = null
  let firstStart = true
  let child = start()

  const send = (to: UtilityProcess, message: MainToWorkbench, ports: MessagePortMain[] = []) => to.postMessage(message, ports)

  function start(): UtilityProcess {
    const started = utilityProcess.fork(join(__dirname, 'workbench.js'), [], { serviceName: 'Saddlescope workbench', stdio: 'inherit' })
    started.on('message', (message: WorkbenchToMain) => receive(started, message))
    started.once('exit', (code) => onExit(code))
    started.postMessage({
      type: 'open',
      workspace: options.workspace,
      version: app.getVersion(),
      demo: options.demo && firstStart
    } satisfies MainToWorkbench)
    firstStart = false
    return started
  }

  function receive(from: UtilityProcess, message: WorkbenchToMain) {
    if (message.type === 'launch') launch(from, message.launchId, message.args)
    else if (message.type === 'kill') kill(message.launchId)
    else if (message.type === 'closed') closing?.()
    else if (message.type === 'failed') {
      process.stderr.write(`${message.message}\n`)
      dialog.showErrorBox('Saddlescope cannot open its workspace', message.message)
      app.exit(1)
    }
  }

  function launch(to: UtilityProcess, launchId: number, args: readonly string[]) {
    const engine = utilityProcess.fork(join(__dirname, 'engine.js'), [...args], {
      serviceName: 'Saddlescope engine',
      stdio: ['ignore', 'inherit', 'pipe']
    })
    engines.set(launchId, engine)
    let output = ''
    engine.stderr?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-outputKept)
    })
    engine.once('exit', (code) => {
      engines.delete(launchId)
      if (to === child) send(to, { type: 'engine-exited', launchId, code, signal: null, output })
    })
    const { port1, port2 } = new MessageChannelMain()
    engine.postMessage({ type: 'port' } satisfies MainToEngine, [port1])
    send(to, { type: 'engine-port', launchId }, [port2])
  }

  function kill(launchId: number) {
    const engine = engines.get(launchId)
    if (!engine) return
    const { pid } = engine
    engine.kill()
    setTimeout(() => {
      if (engines.get(launchId) === engine && pid !== undefined) process.kill(pid, 'SIGKILL')
    }, killGrace).unref()
  }

  function onExit(code: number) {
    if (closing) return closing()
    const now = Date.now()
    crashes = [...crashes.filter((at) => now - at < crashWindow), now]
    process.stderr.write(`the workbench process ended unexpectedly (code ${code})\n`)
    // Engine processes notice that their port closed and checkpoint by themselves; whatever is left after the grace is ended.
    const orphans = [...engines.keys()]
    setTimeout(() => orphans.forEach(kill), closeGrace).unref()
    if (crashes.length > restartPauses.length) {
      dialog.showErrorBox(
        'Saddlescope',
        'The workbench process keeps ending unexpectedly. The runs on disk are safe; please start the app again.'
      )
      return app.exit(1)
    }
    setTimeout(
      () => {
        child = start()
        for (const listener of lostListeners) listener()
      },
      restartPauses[crashes.length - 1]
    )
  }

  return {
    openPort() {
      const { port1, port2 } = new MessageChannelMain()
      send(child, { type: 'connect' }, [port1])
      return port2
    },
    onLost: (listener) => void lostListeners.push(listener),
    close: () =>
      new Promise((done) => {
        const timer = setTimeout(() => {
          child.kill()
          done()
        }, closeGrace)
        closing = () => {
          clearTimeout(timer)
          done()
        }
        send(child, { type: 'close' })
      })
  }
}
