// What tests of the app's life share: runs to be caught in the middle, what main told the system, and what the files of a run say.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ElectronApplication } from 'playwright-core'
import { eventually, root } from '../e2e/support'

/** `sfn` has steps of seconds, `gd` of milliseconds. */
export const spec = (name: string, kind: 'gd' | 'sfn', budget: object, learningRate = 1e-5) => ({
  schemaVersion: 1,
  name,
  data: {
    dataset: 'mnist10',
    trainLimit: kind === 'gd' ? 8000 : 4000,
    testLimit: 100,
    transforms: [{ kind: 'affine', divide: 256, subtract: 0 }]
  },
  model: { layers: [100, 15, 10], activation: { kind: 'tanh' }, bias: true },
  loss: 'half-sse',
  optimizer:
    kind === 'gd' ? { kind, learningRate } : { kind, scope: 'full', damping: { kind: 'abs-of-shifted', value: 0.1 }, learningRate: 0.1 },
  budget,
  checkpoints: { everySteps: 100_000 }
})

/** Seconds: a machine that does other things too is slow, not wrong. */
export const patience = 120

/** Begins a run by the command line and stops it at once: the app finds it interrupted and can resume it. */
export async function prepareRun(workspace: string, id: string, wanted: object) {
  mkdirSync(dirname(workspace), { recursive: true })
  const file = join(dirname(workspace), `${id}.json`)
  writeFileSync(file, JSON.stringify(wanted))
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'run', file, '--id', id, '--workspace', workspace], {
    stdio: 'ignore'
  })
  const ended = new Promise((done) => child.once('exit', done))
  await eventually(
    'the run has its first checkpoint',
    () => existsSync(join(workspace, 'runs', id, 'checkpoints', 'step-000000')),
    patience
  )
  child.kill('SIGINT')
  await ended
}

export interface RunFiles {
  readonly state: string
  readonly step: number
  readonly error: string | null
  /** Steps in metrics.ndjson, in order. */
  readonly steps: readonly number[]
  readonly checkpoints: readonly string[]
}

export function runFiles(workspace: string, id: string): RunFiles {
  const folder = join(workspace, 'runs', id)
  const { state, step, error } = JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8')) as RunFiles
  const text = existsSync(join(folder, 'metrics.ndjson')) ? readFileSync(join(folder, 'metrics.ndjson'), 'utf8') : ''
  // What stands behind the last line's end is being written.
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  const steps = lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { step: number }).step)
  return { state, step, error, steps, checkpoints: readdirSync(join(folder, 'checkpoints')) }
}

/** What main told the system, and was asked to show. */
export interface Told {
  readonly progress: { readonly value: number; readonly mode: string }[]
  readonly notices: { readonly title: string; readonly body: string }[]
  readonly questions: { readonly message: string; readonly detail: string; readonly buttons: string[] }[]
  readonly tips: string[]
  readonly blockers: number[]
  readonly opened: string[]
}

/** Records in main what is otherwise shown by the system, and answers its questions with `answers`, one after the other. */
export async function record(app: ElectronApplication) {
  await app.evaluate((electron) => {
    const { BrowserWindow, dialog, powerSaveBlocker, shell } = electron
    const told = { progress: [], notices: [], questions: [], tips: [], blockers: [], opened: [] } as unknown as { [key: string]: unknown[] }
    const kept = { told, answers: [] as { response: number; checkboxChecked: boolean }[], notices: [] as object[], menu: null as unknown }
    Object.assign(globalThis, { kept })
    const setProgressBar = BrowserWindow.prototype.setProgressBar
    BrowserWindow.prototype.setProgressBar = function (value, options) {
      told.progress.push({ value, mode: options?.mode ?? '' })
      setProgressBar.call(this, value, options)
    }
    // Nobody looks at a window, however the display without a window manager sees that.
    BrowserWindow.getFocusedWindow = () => null
    /** Their methods are each one's own, and Electron's classes cannot be replaced: each is caught when main first listens to it. */
    const watch = <Made extends NodeJS.EventEmitter>(prototype: Made, change: (made: Made) => void) => {
      const { on } = prototype
      prototype.on = function (this: Made, ...words: Parameters<typeof on>) {
        change(this)
        return on.apply(this, words)
      } as typeof on
    }
    watch<Electron.Notification>(electron.Notification.prototype, (notice) => {
      notice.show = () => {
        kept.notices.push(notice)
        told.notices.push({ title: notice.title, body: notice.body })
      }
    })
    watch<Electron.Tray>(electron.Tray.prototype, (tray) => {
      const { setToolTip, setContextMenu } = tray
      tray.setToolTip = (text) => {
        told.tips.push(text)
        setToolTip.call(tray, text)
      }
      tray.setContextMenu = (menu) => {
        kept.menu = menu
        setContextMenu.call(tray, menu)
      }
    })
    dialog.showMessageBox = ((...words: unknown[]) => {
      const { message, detail, buttons } = words[words.length - 1] as { message: string; detail: string; buttons: string[] }
      told.questions.push({ message, detail, buttons })
      const answer = kept.answers.shift()
      return answer ? Promise.resolve(answer) : new Promise(() => undefined)
    }) as typeof dialog.showMessageBox
    const start = powerSaveBlocker.start.bind(powerSaveBlocker)
    powerSaveBlocker.start = (type) => {
      const id = start(type)
      told.blockers.push(id)
      return id
    }
    shell.openPath = (path) => Promise.resolve((told.opened.push(path), ''))
  })
}

type Kept = {
  readonly told: Told
  readonly answers: unknown[]
  readonly notices: { emit(name: string): void }[]
  readonly menu: Electron.Menu | null
}
declare global {
  // What `record` keeps in main.
  var kept: Kept
}

export const told = (app: ElectronApplication): Promise<Told> => app.evaluate(() => globalThis.kept.told)

export const answerNext = (app: ElectronApplication, response: number, checkboxChecked = false) =>
  app.evaluate((_electron, answer) => void globalThis.kept.answers.push(answer), { response, checkboxChecked })

export const clickTray = (app: ElectronApplication, id: string) =>
  app.evaluate((_electron, wanted) => globalThis.kept.menu?.getMenuItemById(wanted)?.click(), id)

export const trayItems = (app: ElectronApplication) =>
  app.evaluate(() => globalThis.kept.menu?.items.map(({ id, label, enabled }) => ({ id, label, enabled })) ?? [])

/** Closes the first window as its frame's button does. */
export const closeWindow = (app: ElectronApplication) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())

export const windowCount = (app: ElectronApplication) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

/** In the page of the first window, also one that a test driver has lost; null when it does not answer, as one that crashes meanwhile never does. */
export const inFirstPage = <Value>(app: ElectronApplication, code: string): Promise<Value | null> =>
  app.evaluate(({ BrowserWindow }, text) => {
    const answer = BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(text) as Promise<unknown> | undefined
    return Promise.race([answer?.catch(() => null) ?? null, new Promise<null>((done) => setTimeout(() => done(null), 2000))])
  }, code) as Promise<Value | null>

/** A folder for PATH with the tool that asks the session bus for a tray; here it says that there is one, or none. */
export function fakeBus(folder: string, hasTray: boolean): string {
  mkdirSync(folder, { recursive: true })
  const tool = join(folder, 'gdbus')
  writeFileSync(tool, `#!/bin/sh\necho "(<${hasTray}>,)"\n`)
  chmodSync(tool, 0o755)
  return `${folder}:${process.env.PATH}`
}
