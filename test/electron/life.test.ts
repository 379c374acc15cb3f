// The life of the app in a real Electron: closing, quitting, crashes, and what it tells of its work; what is shown is compared with the files of the run.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { currentStep, visit, waitForState } from '../e2e/flows'
import { engineProcesses, eventually as within, makeWorkspace } from '../e2e/support'
import {
  answerNext,
  clickTray,
  closeWindow,
  fakeBus,
  inFirstPage,
  patience,
  prepareRun,
  record,
  runFiles,
  spec,
  told,
  trayItems,
  windowCount
} from './life-support'
import { electronArguments, electronPath, electronVersion, launchApp } from './support'

let app: ElectronApplication
let appProcess: ReturnType<ElectronApplication['process']> | null = null
let page: Page
let workspace: ReturnType<typeof makeWorkspace>
const path = process.env.PATH
const eventually: typeof within = (what, check, seconds = patience) => within(what, check, seconds)

async function open(hasTray = false) {
  process.env.PATH = fakeBus(join(dirname(workspace.path), hasTray ? 'with-tray' : 'without-tray'), hasTray)
  app = await launchApp(workspace.path)
  appProcess = app.process()
  page = await app.firstWindow()
  await page.getByText('Connected').waitFor()
  await record(app)
}

async function resume(id: string, steps = 3) {
  await visit(page, `#/run/${id}`)
  await page.getByRole('button', { name: 'Resume' }).click()
  await eventually('a few steps', async () => (await currentStep(page)) >= steps)
}

const files = (id: string) => runFiles(workspace.path, id)
const exitOf = (child: ReturnType<ElectronApplication['process']>) =>
  new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
const log = () => readFileSync(join(`${workspace.path}-user-data`, 'logs', 'saddlescope.log'), 'utf8')
const oneUpTo = (step: number) => Array.from({ length: step }, (_, k) => k + 1)

/** Interrupted after its last whole step, which has a checkpoint and is the last of the metrics; nothing works on it. */
function expectCheckpointed(id: string) {
  const { state, step, steps, checkpoints } = files(id)
  expect(state).toBe('interrupted')
  expect(step).toBeGreaterThan(0)
  expect(steps).toEqual(oneUpTo(step))
  expect(checkpoints).toContain(`step-${String(step).padStart(6, '0')}`)
  return step
}

beforeEach(() => {
  workspace = makeWorkspace()
})
afterEach(async () => {
  process.env.PATH = path
  const child = appProcess
  if (child && child.exitCode === null && child.signalCode === null) {
    const ended = exitOf(child)
    child.kill('SIGKILL')
    await ended
  }
  workspace.remove()
})

describe(`the life of the app in Electron ${electronVersion}`, () => {
  it('asks before its last window closes while a run trains; without a tray it checkpoints and quits, says so, and the run goes on after the return', async () => {
    await prepareRun(workspace.path, 'slow', spec('Slow run', 'sfn', { steps: 1000 }))
    await open()
    await resume('slow', 1)

    // Progress and power are told while it trains: the bar is the step over the budget.
    const { progress, blockers } = await eventually('the progress of the first step', async () => {
      const now = await told(app)
      return now.progress.some(({ value }) => value > 0) && now
    })
    expect(progress.filter(({ mode }) => mode === 'normal').map(({ value }) => Math.round(value * 1000) / 1000)).toEqual(
      expect.arrayContaining([0.001])
    )
    expect(blockers).toHaveLength(1)
    const blocks = () => app.evaluate(({ powerSaveBlocker }, id) => powerSaveBlocker.isStarted(id), blockers[0])
    expect(await blocks()).toBe(true)

    await answerNext(app, 1)
    await closeWindow(app)
    const [question] = await eventually('the question', async () => {
      const { questions } = await told(app)
      return questions.length > 0 && questions
    })
    expect(question.message).toBe('1 run is training.')
    expect(question.detail).toContain('no tray')
    expect(question.buttons).toEqual(['Checkpoint and quit', 'Cancel'])
    expect(await windowCount(app)).toBe(1)
    expect(files('slow').state).toBe('running')

    // In the middle of a step, and on with it: the window stays, and says what it waits for.
    await answerNext(app, 0)
    const ended = exitOf(app.process())
    const saying = page.getByText(/Saddlescope is closing.*1 run finishes its step and writes a checkpoint first/).waitFor()
    const began = Date.now()
    await closeWindow(app)
    await saying
    expect(await ended).toBe(0)
    console.log(`closed ${Date.now() - began} ms after the answer, with a step of seconds in hand`)
    expect(engineProcesses(appProcess?.pid ?? 0)).toEqual([])
    const step = expectCheckpointed('slow')
    expect(log()).toMatch(/quits: the last window was closed[\s\S]*everything is closed/)

    await open()
    await visit(page, '#/run/slow')
    await waitForState(page, /interrupted/, patience)
    expect(await currentStep(page)).toBe(step)
    await page.getByRole('button', { name: 'Resume' }).click()
    await eventually('one more step', async () => (await currentStep(page)) > step)
    // Nothing was done twice.
    const { steps } = files('slow')
    expect(steps).toEqual(oneUpTo(steps.length))
  })

  it('checkpoints when every process is told to end at once, as a session that ends does', async () => {
    await prepareRun(workspace.path, 'quick', spec('Quick run', 'gd', { steps: 1_000_000 }))
    await open()
    await resume('quick')
    const ended = exitOf(app.process())
    const utilities = await app.evaluate(({ app: electronApp }) =>
      electronApp
        .getAppMetrics()
        .flatMap(({ pid, name, serviceName }) => ((name ?? serviceName ?? '').startsWith('Saddlescope') ? [pid] : []))
    )
    expect(utilities).toHaveLength(2)
    for (const pid of [appProcess?.pid ?? 0, ...utilities]) process.kill(pid, 'SIGTERM')
    expect(await ended).toBe(0)
    expectCheckpointed('quick')
    expect(log()).toContain('quits: SIGTERM')
  })

  it('pauses everything before the computer sleeps and goes on after; on shutdown it checkpoints and ends', async () => {
    await prepareRun(workspace.path, 'quick', spec('Quick run', 'gd', { steps: 1_000_000 }))
    await open()
    await resume('quick')
    const [blocker] = (await told(app)).blockers
    const emit = (name: string) =>
      app.evaluate(({ powerMonitor }, event) => void powerMonitor.emit(event, { preventDefault: () => undefined }), name)
    await emit('suspend')
    await waitForState(page, /interrupted/, patience)
    const slept = expectCheckpointed('quick')
    expect(await currentStep(page)).toBe(slept)
    await eventually('the power is free again', () => app.evaluate(({ powerSaveBlocker }, id) => !powerSaveBlocker.isStarted(id), blocker))
    expect((await told(app)).progress.at(-1)).toEqual({ value: -1, mode: 'none' })
    await emit('resume')
    await waitForState(page, /running/, patience)
    await eventually('more steps', async () => (await currentStep(page)) > slept)
    expect((await told(app)).blockers).toHaveLength(2)

    const ended = exitOf(app.process())
    const began = Date.now()
    await emit('shutdown')
    expect(await ended).toBe(0)
    console.log(`ended ${Date.now() - began} ms after the notice of a shutdown`)
    expect(expectCheckpointed('quick')).toBeGreaterThan(slept)
  })

  it('says what happened to an engine process, the workbench and the page, and lives on', async () => {
    await prepareRun(workspace.path, 'quick', spec('Quick run', 'gd', { steps: 1_000_000 }))
    await open()
    await resume('quick')
    const pidOf = (name: string) =>
      eventually(`a process named ${name}`, () =>
        app.evaluate(
          ({ app: electronApp }, wanted) =>
            electronApp.getAppMetrics().find((metric) => metric.name === wanted || metric.serviceName === wanted)?.pid ?? null,
          name
        )
      )

    // The engine.
    process.kill(await pidOf('Saddlescope engine'), 'SIGKILL')
    await waitForState(page, /interrupted/, patience)
    const { error, state } = files('quick')
    expect(state).toBe('interrupted')
    expect(error).toMatch(/the engine process (was killed \(SIGKILL\)|ended without a word, as one that is killed does)/)
    await page
      .getByText(error ?? '')
      .first()
      .waitFor()
    await eventually('the failure on the icon', async () => (await told(app)).progress.some(({ mode }) => mode === 'error'))

    // The page: back at the same address, told what happened, and the run goes on meanwhile.
    await page.getByRole('button', { name: 'Resume' }).click()
    await waitForState(page, /running/, patience)
    await visit(page, '#/run/quick/log')
    const crash = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.forcefullyCrashRenderer())
    const text = async () => (await inFirstPage<string>(app, 'document.body.innerText')) ?? ''
    const back = () =>
      eventually('the page is back', async () =>
        /The page’s process ended|The page's process ended at .* It was loaded again/.test(await text())
      )
    await crash()
    await back()
    expect(await inFirstPage(app, 'location.hash')).toBe('#/run/quick/log')
    await eventually('it is connected', async () => /Connected/.test(await text()))
    expect(files('quick').state).toBe('running')
    await crash()
    await back()
    expect((await told(app)).questions).toHaveLength(0)
    await crash()
    const [question] = await eventually('a question instead of a loop', async () => {
      const { questions } = await told(app)
      return questions.length > 0 && questions
    })
    expect(question.message).toBe('The page keeps ending')
    expect(question.buttons).toEqual(['Load it again', 'Quit'])
    await eventually('the log has all three', () => log().match(/the page's process is gone/g)?.length === 3)
    // Nobody answers the question here: loaded again as its first button does.
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].webContents.reload())
    await back()

    // The workbench.
    const before = await pidOf('Saddlescope workbench')
    process.kill(before, 'SIGKILL')
    await eventually('it is explained', async () =>
      /The workbench process ended unexpectedly at .* \((by SIGKILL|without a word, as one that is killed does)\)/.test(await text())
    )
    await eventually('a new workbench', async () => (await pidOf('Saddlescope workbench')) !== before)
    await eventually('the run is interrupted', () => files('quick').state === 'interrupted')
    const step = expectCheckpointed('quick')
    await eventually('the page shows it', async () => (await text()).includes('interrupted'))
    expect(log()).toMatch(/the workbench process ended unexpectedly (by SIGKILL|without a word, as one that is killed does)/)
    expect(step).toBeGreaterThan(3)
  })

  it('keeps training without a window, says so in the tray, pauses and goes on there, comes back by a second start, and tells the end', async () => {
    await prepareRun(workspace.path, 'long', spec('Long run', 'gd', { seconds: 62 }))
    await open(true)
    await resume('long')
    await answerNext(app, 0, true)
    await visit(page, '#/run/long/time')
    await closeWindow(app)
    await eventually('no window', async () => (await windowCount(app)) === 0)
    const { questions } = await told(app)
    expect(questions.map(({ buttons }) => buttons)).toEqual([['Keep training', 'Checkpoint and quit', 'Cancel']])
    expect(JSON.parse(readFileSync(join(`${workspace.path}-user-data`, 'desktop.json'), 'utf8'))).toEqual({ whenClosed: 'keep' })

    const left = files('long').steps.length
    await eventually('steps without a window', () => files('long').steps.length > left + 10)
    const tip = await eventually(
      'the tip',
      async () => (await told(app)).tips.find((text) => /Long run: step \d+ \(\d+ %\)/.test(text)) ?? null
    )
    expect(tip).toMatch(/^Saddlescope\nLong run: step \d+ \(\d+ %\)/)

    await clickTray(app, 'pause')
    await eventually('it is paused', () => files('long').state === 'paused')
    const paused = files('long')
    expect(paused.checkpoints).toContain(`step-${String(paused.step).padStart(6, '0')}`)
    await eventually('the tray offers to go on', async () => (await trayItems(app)).some(({ id }) => id === 'go-on'))
    expect(await trayItems(app)).toEqual(expect.arrayContaining([expect.objectContaining({ label: '1 run paused', enabled: false })]))
    await clickTray(app, 'go-on')
    await eventually('it goes on', () => files('long').steps.length > paused.step + 3)

    const second = spawn(electronPath, electronArguments(workspace.path, ['--no-demo']), { stdio: 'ignore' })
    expect(await new Promise((done) => second.on('exit', done))).toBe(0)
    await eventually('the window is back', async () => (await windowCount(app)) === 1)
    await eventually('its page too', async () => /Connected/.test((await inFirstPage<string>(app, 'document.body.innerText')) ?? ''))

    // What was remembered is not asked again, and the tray's own way back leads to where the window was.
    const address = await inFirstPage<string>(app, "location.hash = '#/run/long/steps'")
    await eventually('there', async () => (await inFirstPage<string>(app, 'location.hash')) === address)
    await closeWindow(app)
    await eventually('no window again', async () => (await windowCount(app)) === 0)
    expect((await told(app)).questions).toHaveLength(1)
    await clickTray(app, 'show')
    await eventually('back where it was', async () => (await inFirstPage<string>(app, 'location.hash')) === '#/run/long/steps')
    await closeWindow(app)
    await eventually('no window at the end', async () => (await windowCount(app)) === 0)

    await eventually('the run is done', () => files('long').state === 'done')
    const done = files('long')
    // An icon belongs to a window: the one that comes back has nothing to show any more.
    await clickTray(app, 'show')
    const last = await eventually('the icon is clear', async () => {
      const { progress } = await told(app)
      return progress.at(-1)?.mode === 'none' && progress.at(-1)
    })
    expect(last).toEqual({ value: -1, mode: 'none' })
    expect(done.steps).toEqual(oneUpTo(done.step))
    expect(
      await app.evaluate(({ powerSaveBlocker }) => globalThis.kept.told.blockers.map((id) => powerSaveBlocker.isStarted(id)))
    ).not.toContain(true)
  })

  it('tells the end of a run of over a minute when nobody looks, and shows the run at a click', async () => {
    await prepareRun(workspace.path, 'minute', spec('A minute', 'gd', { seconds: 61 }))
    await open(true)
    await resume('minute')
    await answerNext(app, 0)
    await closeWindow(app)
    await eventually('the notice', async () => (await told(app)).notices.length > 0, 200)
    const { state, step } = files('minute')
    expect(state).toBe('done')
    const [{ title, body }] = (await told(app)).notices
    expect(title).toBe('A minute: done')
    expect(body).toMatch(new RegExp(`^at step ${step} after (6\\d|7\\d|8\\d|9\\d) s|^at step ${step} after \\d+ min`))
    await app.evaluate(() => globalThis.kept.notices[0].emit('click'))
    await eventually('the run on screen', async () => (await inFirstPage<string>(app, 'location.hash')) === '#/run/minute')
    await eventually('its step', async () =>
      ((await inFirstPage<string>(app, 'document.body.innerText')) ?? '').replace(/\D/g, '').includes(String(step))
    )
  })

  it('shows its versions, licences and logs', async () => {
    await open()
    const help = (id: string) => app.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id)
    await help('about')
    const about = page.getByRole('dialog', { name: 'About Saddlescope' })
    await about.getByText('Linear algebra').waitFor()
    const text = (await about.textContent()) ?? ''
    const versions = await app.evaluate(({ app: electronApp }) => ({ ...process.versions, own: electronApp.getVersion() }))
    for (const version of [versions.own, versions.electron, versions.chrome, versions.node, versions.v8]) expect(text).toContain(version)
    expect(text).toContain(workspace.path)
    await page.keyboard.press('Escape')
    await help('licences')
    const licences = about.locator('pre')
    const all = await eventually('the licences', async () => {
      const found = (await licences.textContent().catch(() => '')) ?? ''
      return found.length > 1000 && found
    })
    for (const name of ['vue', 'echarts', 'koffi', 'zod']) expect(all).toMatch(new RegExp(`${name} \\d+\\.\\d+`))
    await page.keyboard.press('Escape')
    await help('show-logs')
    await eventually('the folder', async () => (await told(app)).opened.length === 1)
    const [folder] = (await told(app)).opened
    expect(existsSync(join(folder, 'saddlescope.log'))).toBe(true)
    expect(log()).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z main +Saddlescope .* starts/)
    expect(log()).toContain(`workspace: ${workspace.path}`)

    // The choice of the settings is the file's.
    await visit(page, '#/settings')
    await page.getByRole('combobox', { name: /When the last window is closed/ }).selectOption({ label: 'Checkpoint and quit' })
    const file = join(`${workspace.path}-user-data`, 'desktop.json')
    await eventually(
      'the choice is kept',
      () => existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { whenClosed: string }).whenClosed === 'quit'
    )
  })
})
