// Entry of the workbench process in Electron: pages and engine processes reach it through ports that main brokers.
import type { FromEngine, ToEngine } from '../engine-process/messages'
import { watchActivity } from './activity'
import { startDemoIfEmpty } from './demo'
import { openWorkbench, type EngineLauncher, type Workbench } from './index'
import type { EngineExit } from './launcher'
import { parentPort, type MainToWorkbench, type PortLike, type WorkbenchToMain } from './main-protocol'
import { openPauses, type Pauses } from './pauses'
import { portConnection } from './port-connection'
import { messageOf } from '../shared/format/message-of'

interface Launched {
  attach(port: PortLike): void
  exited(exit: EngineExit): void
}

const say = (text: string) => void process.stderr.write(`${text}\n`)

/** Engine processes that main forks on request; each is talked to over its own port. */
function brokeredLauncher(send: (message: WorkbenchToMain) => void) {
  const launched = new Map<number, Launched>()
  let next = 1
  const launch: EngineLauncher = (args) => {
    const launchId = next++
    const messageListeners: ((message: FromEngine) => void)[] = []
    const exitListeners: ((exit: EngineExit) => void)[] = []
    const early: ToEngine[] = []
    let port: PortLike | null = null
    launched.set(launchId, {
      attach(given) {
        port = given
        given.on('message', ({ data }) => messageListeners.forEach((listener) => listener(data as FromEngine)))
        given.start?.()
        for (const message of early.splice(0)) given.postMessage(message)
      },
      exited(exit) {
        launched.delete(launchId)
        // What it said last may still be on its way.
        setTimeout(() => exitListeners.forEach((listener) => listener(exit)), 50)
      }
    })
    send({ type: 'launch', launchId, args })
    return {
      send(message) {
        if (port) port.postMessage(message)
        else early.push(message)
      },
      onMessage: (listener) => void messageListeners.push(listener),
      onExit: (listener) => void exitListeners.push(listener),
      kill: () => send({ type: 'kill', launchId })
    }
  }
  return { launch, launched }
}

async function main(parent: PortLike) {
  const send = (message: WorkbenchToMain) => parent.postMessage(message)
  const { launch, launched } = brokeredLauncher(send)
  let workbench: Workbench | null = null
  let pauses: Pauses | null = null
  /** Pages that came before the workspace was open. */
  const waiting: PortLike[] = []

  async function open({ workspace, demo, logs }: Extract<MainToWorkbench, { type: 'open' }>) {
    try {
      workbench = await openWorkbench({ workspace, launch, shell: 'electron', logs })
    } catch (error) {
      send({ type: 'failed', message: messageOf(error) })
      return
    }
    const { hub, runs, context } = workbench
    pauses = openPauses(runs, () => activity.look())
    const activity = watchActivity(
      { hub, runs, jobs: context.jobs, paused: pauses.paused },
      { onActivity: (now) => send({ type: 'activity', activity: now }), onEnd: (end) => send({ type: 'run-ended', end }) }
    )
    for (const port of waiting.splice(0)) workbench.serve(portConnection(port))
    send({ type: 'ready', workspace: workbench.workspace.folder })
    say(`workspace: ${workbench.workspace.folder}`)
    if (demo) await startDemoIfEmpty(workbench, say).catch((error: unknown) => say(messageOf(error)))
  }

  async function close(within: number) {
    await workbench?.close(within)
    send({ type: 'closed' })
    // The message must be on its way before the process ends.
    setTimeout(() => process.exit(0), 100)
  }

  parent.on('message', ({ data, ports }) => {
    const message = data as MainToWorkbench
    if (message.type === 'open') void open(message)
    else if (message.type === 'connect') {
      const [port] = ports
      if (workbench) workbench.serve(portConnection(port))
      else waiting.push(port)
    } else if (message.type === 'engine-port') launched.get(message.launchId)?.attach(ports[0])
    else if (message.type === 'engine-exited') launched.get(message.launchId)?.exited(message)
    else if (message.type === 'pause') void pauses?.pause(message.why)
    else if (message.type === 'go-on') void pauses?.goOn(message.why)
    else if (message.type === 'close') void close(message.within)
  })
}

// A terminal and a session that ends signal every process at once; main hears it too and says `close`, so that what runs is checkpointed first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

const parent = parentPort()
if (parent) void main(parent)
else {
  say('this program is started by Saddlescope; see `saddlescope --help`')
  process.exitCode = 1
}
