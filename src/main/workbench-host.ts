// Keeps the workbench process alive, gives it the engine processes it asks for, brokers ports between it and the pages, and ends it in good manners.
import { join } from 'node:path'
import { app, dialog, MessageChannelMain, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron'
import type { Activity, MainToWorkbench, PauseCause, RunEnd, WorkbenchToMain } from '../workbench/main-protocol'
import { exitSentence, nothingAtWork, within as recent } from './decisions'
import { engineProcesses, killNow, type EngineProcess } from './engine-processes'
import { log, logStream } from './logs'

export interface WorkbenchHost {
  /** A fresh port to the workbench, the other end served by it. */
  openPort(): MessagePortMain
  /** The open workspace's folder; null until the workbench has opened it. */
  workspace(): string | null
  /** Called each time that a workspace has been opened. */
  onOpened(listener: (folder: string) => void): void
  /** Ends what runs in good manners and opens another workspace. Rejects with one sentence when that cannot be opened; the one before is open again then. */
  switchWorkspace(folder: string): Promise<void>
  /** What it does right now, as last heard. */
  activity(): Activity
  onActivity(listener: (activity: Activity) => void): void
  onRunEnd(listener: (end: RunEnd) => void): void
  /** Ports handed out before are dead. `cause`: how the process ended; null when another workspace was opened. */
  onLost(listener: (cause: string | null) => void): void
  pause(why: PauseCause): void
  goOn(why: PauseCause): void
  /** Checkpoints what runs and ends the workbench, in so many milliseconds at most and little more; asked again with less it hurries. */
  close(within?: number): Promise<void>
}

const restartPauses = [0, 200, 1000, 3000]
const crashSpan = 60_000
/** A step in hand has two seconds; checkpoints and what was computed for a snapshot must reach the disk. */
const closeGrace = 20_000
/** The workbench kills what has not ended; after that so long, main ends all that is left. */
const killGrace = 2000

export interface WorkbenchOptions {
  readonly workspace: string | null
  readonly demo: boolean
}

/** One life of the workbench process, with the engine processes it asked for, by its own launch numbers. */
interface Life {
  readonly workbench: UtilityProcess
  readonly engines: Map<number, EngineProcess>
  /** Asked to end; resolves when everything of it has. */
  ending: { readonly all: Deferred<void>; timer: ReturnType<typeof setTimeout> } | null
  /** It has said that everything is closed, or is gone. */
  over: boolean
  gone: boolean
}

interface Deferred<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(error: Error): void
}

function deferred<Value>(): Deferred<Value> {
  let [resolve, reject]: [(value: Value) => void, (error: Error) => void] = [() => undefined, () => undefined]
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes
    reject = no
  })
  // Whoever waits for it hears of it.
  promise.catch(() => undefined)
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) }
}

const listeners = <Value>() => {
  const all: ((value: Value) => void)[] = []
  return {
    add: (listener: (value: Value) => void) => void all.push(listener),
    tell: (value: Value) => all.forEach((listener) => listener(value))
  }
}

function send(life: Life, message: MainToWorkbench, ports: MessagePortMain[] = []) {
  if (!life.gone) life.workbench.postMessage(message, ports)
}

export function hostWorkbench(options: WorkbenchOptions): WorkbenchHost {
  const [lost, active, runEnd, openedNews] = [listeners<string | null>(), listeners<Activity>(), listeners<RunEnd>(), listeners<string>()]
  let crashes: number[] = []
  let closing = false
  let wanted = options.workspace
  let opened: string | null = null
  /** While another workspace is opened: resolves when it is, rejects when it cannot be. */
  let opening: Deferred<void> | null = null
  let activity = nothingAtWork
  const engines = engineProcesses(() => settle(current))
  let current = start(options.demo)

  function setActivity(next: Activity) {
    activity = next
    active.tell(next)
  }

  function start(demo: boolean): Life {
    const workbench = utilityProcess.fork(join(__dirname, 'workbench.js'), [], { serviceName: 'Saddlescope workbench', stdio: 'pipe' })
    const life: Life = { workbench, engines: new Map(), ending: null, over: false, gone: false }
    logStream('workbench', workbench.stdout)
    logStream('workbench', workbench.stderr)
    workbench.on('message', (message: WorkbenchToMain) => receive(life, message))
    workbench.once('exit', (code) => onExit(life, code))
    send(life, { type: 'open', workspace: wanted, version: app.getVersion(), logs: app.getPath('logs'), demo })
    return life
  }

  function launch(life: Life, launchId: number, args: readonly string[]) {
    const engine = engines.launch(args, ({ code, output }) => {
      life.engines.delete(launchId)
      send(life, { type: 'engine-exited', launchId, code, signal: null, output })
    })
    life.engines.set(launchId, engine)
    send(life, { type: 'engine-port', launchId }, [engine.port])
  }

  function receive(life: Life, message: WorkbenchToMain) {
    if (message.type === 'launch') launch(life, message.launchId, message.args)
    else if (message.type === 'kill') life.engines.get(message.launchId)?.kill()
    else if (message.type === 'activity') setActivity(message.activity)
    else if (message.type === 'run-ended') runEnd.tell(message.end)
    else if (message.type === 'ready') {
      opened = message.workspace
      opening?.resolve()
      openedNews.tell(message.workspace)
    } else if (message.type === 'closed') {
      life.over = true
      settle(life)
    } else if (message.type === 'failed') {
      log(message.message)
      if (opening) return opening.reject(new Error(message.message))
      dialog.showErrorBox('Saddlescope cannot open its workspace', message.message)
      app.exit(1)
    }
  }

  /** Engine processes whose workbench is gone notice that their port closed, and checkpoint by themselves: they are waited for too. */
  function settle(life: Life) {
    if (life.ending && life.over && engines.count() === 0) life.ending.all.resolve()
  }

  function onExit(life: Life, code: number) {
    life.over = life.gone = true
    if (life.ending) return settle(life)
    const now = Date.now()
    crashes = [...recent(crashes, now, crashSpan), now]
    const cause = exitSentence(code)
    log(`the workbench process ended unexpectedly ${cause}`)
    setActivity(nothingAtWork)
    setTimeout(() => life.engines.forEach((engine) => engine.kill()), closeGrace).unref()
    if (crashes.length > restartPauses.length) {
      dialog.showErrorBox(
        'Saddlescope',
        `The workbench process keeps ending unexpectedly (the last time ${cause}). The runs on disk are safe; please start the app again. What the processes said is in ${app.getPath('logs')}.`
      )
      return app.exit(1)
    }
    setTimeout(
      () => {
        if (life.ending) return
        current = start(false)
        lost.tell(cause)
      },
      restartPauses[crashes.length - 1]
    )
  }

  async function end(life: Life, within: number) {
    const giveUp = () => {
      log(`what had not ended ${within + killGrace} ms after it was asked to was killed`)
      engines.killAll()
      killNow(life.workbench)
      life.ending?.all.resolve()
    }
    if (life.ending) clearTimeout(life.ending.timer)
    const timer = setTimeout(giveUp, within + killGrace)
    life.ending = { all: life.ending?.all ?? deferred(), timer }
    send(life, { type: 'close', within })
    settle(life)
    await life.ending.all.promise
    clearTimeout(life.ending.timer)
  }

  async function reopen(folder: string | null) {
    const now = (opening = deferred<void>())
    wanted = folder
    current = start(false)
    lost.tell(null)
    await now.promise.finally(() => (opening = null))
  }

  return {
    openPort() {
      const { port1, port2 } = new MessageChannelMain()
      send(current, { type: 'connect' }, [port1])
      return port2
    },
    workspace: () => opened,
    onOpened: openedNews.add,
    async switchWorkspace(folder) {
      const before = opened ?? wanted
      await end(current, closeGrace)
      setActivity(nothingAtWork)
      if (closing) return
      try {
        await reopen(folder)
      } catch (error) {
        if (closing) return
        // It has nothing open.
        await end(current, 0)
        await reopen(before)
        throw error
      }
    },
    activity: () => activity,
    onActivity: active.add,
    onRunEnd: runEnd.add,
    onLost: lost.add,
    pause: (why) => send(current, { type: 'pause', why }),
    goOn: (why) => send(current, { type: 'go-on', why }),
    close(within = closeGrace) {
      closing = true
      return end(current, within)
    }
  }
}
