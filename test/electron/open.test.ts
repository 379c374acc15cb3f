// Opening things in the desktop app: files of the command line, of a second start, dropped and chosen; the native menu; windows; workspaces.
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNpy, parseNpy } from '../../src/shared/npy'
import { openKinds, whatIsKnown } from '../../src/shared/open-kinds'
import { pageCommandIds, shellCommandIds } from '../../src/shared/shell/commands'
import { screens } from '../../src/shared/shell/screens'
import { currentStep, startPreset, visit, waitForState } from '../e2e/flows'
import { eventually, makeWorkspace } from '../e2e/support'
import { electronArguments, electronPath, electronVersion } from './support'

let app: ElectronApplication
let page: Page
let workspace: ReturnType<typeof makeWorkspace>
const outside = (...parts: string[]) => join(dirname(workspace.path), ...parts)
const shots = process.env.SADDLESCOPE_SHOTS
const shot = async (name: string) => {
  if (shots) await page.screenshot({ path: join(shots, `${name}.png`) })
}

/** A diagonal matrix: its eigenvalues are what was written. */
function writeMatrix(path: string, ...diagonal: number[]): string {
  const n = diagonal.length
  const data = new Float64Array(n * n)
  diagonal.forEach((value, i) => (data[i * n + i] = value))
  writeFileSync(path, formatNpy({ shape: [n, n], data }))
  return path
}
function writeTable(path: string, rows: number): string {
  writeFileSync(path, `a,b,label\n${Array.from({ length: rows }, (_, i) => `${i},${i * i},${i % 2}`).join('\n')}\n`)
  return path
}
/** What the import of a run left on the disk. */
async function eigenvaluesOf(run: string, where = workspace.path): Promise<number[]> {
  const file = join(where, 'runs', run, 'snapshots', 'step-000000', 'eigenvalues.full.npy')
  await eventually(file, () => existsSync(file))
  return [...(parseNpy(readFileSync(file), file).data as Float64Array)]
}

async function start(words: string[], named = true): Promise<void> {
  const all = electronArguments(workspace.path, words)
  const place = all.indexOf('--workspace')
  const args = named ? all : [...all.slice(0, place), ...all.slice(place + 2)]
  const { SADDLESCOPE_WORKSPACE: _, ...env } = process.env as Record<string, string>
  const launch = () => _electron.launch({ executablePath: electronPath, args, timeout: 60_000, env })
  // Playwright sometimes does not get hold of an old Electron's first page. A start that was given files may have imported them all the same.
  app = words.length > 1 ? await launch() : await launch().catch(launch)
  page = await app.firstWindow()
  await page.getByText('Connected', { exact: true }).waitFor()
}
async function quit() {
  const child = app.process()
  const ended = new Promise((done) => child.once('exit', done))
  await app.evaluate(({ app: electronApp }) => electronApp.quit()).catch(() => undefined)
  await ended
}

/** Ends with the first instance's answer. */
async function startAgain(folder: string, ...words: string[]) {
  const second = spawn(electronPath, electronArguments(workspace.path, ['--no-demo', ...words]), { cwd: folder, stdio: 'ignore' })
  expect(await new Promise((done) => second.once('exit', done))).toBe(0)
}

/** Answers native dialogs as a person would, and keeps what was asked. */
const answer = (paths: string[], response = 0) =>
  app.evaluate(
    ({ dialog }, { filePaths, button }) => {
      const asked: string[] = []
      Object.assign(globalThis, { asked })
      const text = (options: { title?: string; message?: string; detail?: string }) =>
        [options.title, options.message, options.detail].filter(Boolean).join(' | ')
      dialog.showOpenDialog = ((...words: unknown[]) => {
        asked.push(text(words[words.length - 1] as { title?: string }))
        return Promise.resolve({ canceled: filePaths.length === 0, filePaths })
      }) as typeof dialog.showOpenDialog
      dialog.showMessageBox = ((...words: unknown[]) => {
        asked.push(text(words[words.length - 1] as { message?: string }))
        return Promise.resolve({ response: button, checkboxChecked: false })
      }) as typeof dialog.showMessageBox
    },
    { filePaths: paths, button: response }
  )
const asked = () => app.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)

const click = (id: string) =>
  app.evaluate(({ Menu }, wanted) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(wanted)
    if (!item) throw new Error(`the menu has no item ${wanted}`)
    item.click()
  }, id)
const item = (id: string) =>
  app.evaluate(({ Menu }, wanted) => {
    const found = Menu.getApplicationMenu()?.getMenuItemById(wanted)
    return found
      ? {
          enabled: found.enabled,
          checked: found.checked,
          label: found.label,
          accelerator: found.accelerator,
          registers: found.registerAccelerator
        }
      : null
  }, id)

const hash = () => new URL(page.url()).hash

/** Waits for a notice, returns its text and puts it away. */
async function notice(pattern: RegExp): Promise<string> {
  const found = page.locator('.overlay-toast').filter({ hasText: pattern }).first()
  const text = (await found.locator('.overlay-toast-text').textContent({ timeout: 30_000 })) ?? ''
  await found.getByRole('button', { name: 'Dismiss' }).click()
  return text
}

/** Drags real files over the window and drops them there, as the system does. */
async function drag(files: string[], beforeDrop = async () => {}) {
  const session = await page.context().newCDPSession(page)
  const at = { x: 400, y: 300, data: { items: [], files, dragOperationsMask: 1 } }
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at })
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at })
  await beforeDrop()
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at })
}

async function firstStart() {
  workspace = makeWorkspace()
  mkdirSync(outside('elsewhere'), { recursive: true })
  await start(['--no-demo', writeMatrix(outside('first.npy'), 1, 2, 5), '--', writeTable(outside('--points.csv'), 30)])
}
beforeAll(async () => {
  // The second try has a workspace of its own.
  await firstStart().catch(async () => {
    workspace.remove()
    await firstStart()
  })
})
afterAll(async () => {
  const child = app.process()
  if (child.exitCode === null) {
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await ended
  }
  workspace.remove()
})

describe(`opening in Electron ${electronVersion}`, () => {
  it('the first start takes files of its command line, also behind --', async () => {
    expect(await notice(/imported as run first/)).toBe('Import first.npy: imported as run first')
    expect(await eigenvaluesOf('first')).toEqual([1, 2, 5])
    await page.getByRole('list', { name: 'Chosen files' }).getByText('--points.csv').waitFor()
    await page.getByRole('button', { name: 'Install', exact: true }).click()
    await page.locator('.understood').getByText('imported as points: 30 training and 0 test samples').waitFor()
    await notice(/imported as points/)
  })

  it('a second start brings a hidden window back and hands over files relative to its own folder; one run is shown itself', async () => {
    await visit(page, '#/')
    writeMatrix(outside('elsewhere', 'second.npy'), -1, 4)
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].hide())
    await startAgain(outside('elsewhere'), 'second.npy')
    expect(await eigenvaluesOf('second')).toEqual([-1, 4])
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((window) => window.isVisible()))).toEqual([true])
    await eventually('the run on screen', () => hash() === '#/run/second/spectrum')
    await shot('second-start')
    await notice(/imported as run second/)
  })

  it('a second start brings a minimised window back, without files too', async () => {
    const calls = () => app.evaluate(() => (globalThis as unknown as { calls: string[] }).calls)
    await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      const made: string[] = []
      // A display without a window manager minimises nothing.
      window.isMinimized = () => !made.includes('restore')
      window.restore = () => void made.push('restore')
      window.focus = () => void made.push('focus')
      Object.assign(globalThis, { calls: made })
    })
    await startAgain(outside('elsewhere'))
    await eventually('the window back', async () => (await calls()).includes('focus'))
    expect((await calls()).slice(0, 2)).toEqual(['restore', 'focus'])
    expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
    await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows() as unknown as Record<string, unknown>[]
      for (const name of ['isMinimized', 'restore', 'focus']) delete window[name]
    })
  })

  it('files and folders are dropped by their paths, and the window says what will become of them', async () => {
    await visit(page, '#/settings')
    const box = page.locator('.overlay-drop-box')
    await drag([writeMatrix(outside('dropped.npy'), 3, 7, 9)], async () => {
      await box.getByText('Drop the file to import it').waitFor()
      const text = (await box.innerText()).toLowerCase()
      for (const { called, comesAs } of Object.values(openKinds)) expect(text).toContain(`${called}: ${comesAs}`.toLowerCase())
      await shot('drop-overlay')
    })
    await box.waitFor({ state: 'detached' })
    expect(await eigenvaluesOf('dropped')).toEqual([3, 7, 9])
    expect(hash()).toBe('#/')
    await page.locator('[data-row="dropped"]').waitFor()
    await shot('dropped-toast')
    await notice(/imported as run dropped/)

    cpSync(join(workspace.path, 'runs', 'first'), outside('copied-run'), { recursive: true })
    await drag([outside('copied-run')])
    expect(await notice(/imported as run copied-run/)).toBe('Import copied-run: imported as run copied-run')
    expect(await eigenvaluesOf('copied-run')).toEqual([1, 2, 5])
    expect(existsSync(join(workspace.path, 'uploads'))).toBe(false)
  })

  it('the system’s “open with” (open-file on a Mac) arrives the same way', async () => {
    const path = writeMatrix(outside('by-system.npy'), 11, 13)
    await app.evaluate(({ app: electronApp }, file) => void electronApp.emit('open-file', { preventDefault: () => undefined }, file), path)
    await notice(/imported as run by-system/)
    expect(await eigenvaluesOf('by-system')).toEqual([11, 13])
  })

  it('what is not known is refused with what is', async () => {
    writeFileSync(outside('photo.jpg'), 'no picture either')
    await drag([outside('photo.jpg')])
    await shot('unknown-toast')
    expect(await notice(/photo\.jpg/)).toBe(`photo.jpg is nothing that can be opened here. What can be: ${whatIsKnown()}.`)
    await drag([workspace.path])
    expect(await notice(/is a workspace/)).toContain('“Open another workspace…” opens it')
    expect(readdirSync(join(workspace.path, 'runs')).sort()).toEqual(['by-system', 'copied-run', 'dropped', 'first', 'second'])
  })

  it('Open…, a folder, and the paths of a form are chosen in native dialogs', async () => {
    await visit(page, '#/settings')
    await answer([writeMatrix(outside('chosen.npy'), 6, 8)])
    await page.keyboard.press('Control+o')
    expect(await eigenvaluesOf('chosen')).toEqual([6, 8])
    // The key is the page's alone: the menu's item only shows it.
    expect(await asked()).toEqual(['Open | Open'])
    await notice(/imported as run chosen/)
    await answer([outside('copied-run')])
    await click('open-folder')
    await notice(/imported as run copied-run-2/)

    await visit(page, '#/datasets')
    await page.getByRole('button', { name: 'Import…' }).click()
    await answer([outside('--points.csv')])
    await page.getByRole('button', { name: 'Browse…' }).click()
    const field = page.getByRole('textbox', { name: /Path of an archive/ })
    await eventually('the path', async () => (await field.inputValue()) === outside('--points.csv'))
    await shot('browse')
    await answer([])
    await page.getByRole('button', { name: 'Folder…' }).click()
    await eventually('the question', async () => (await asked()).length === 1)
    expect(await field.inputValue()).toBe(outside('--points.csv'))

    await visit(page, '#/new?preset=sfn-mnist10')
    const model = page.locator('[data-section=model]')
    await model.getByRole('combobox', { name: /^Start weights/ }).selectOption({ label: 'From an .npz file' })
    await answer([outside('weights.npz')])
    await model.getByRole('button', { name: 'Browse…' }).click()
    const spec = page.getByRole('textbox', { name: 'Run spec as JSON' })
    await eventually('the path in the spec', async () => {
      const { model: written } = JSON.parse(await spec.inputValue()) as { model: { init?: { path?: string } } }
      return written.init?.path === outside('weights.npz')
    })
    expect(await asked()).toEqual(['Choose the start weights | Choose the start weights'])
    await model.scrollIntoViewIfNeeded()
    await shot('browse-weights')
  })
})

describe('the native menu', () => {
  it('has every command of the one list, and each does what the page’s key does', async () => {
    const label = (id: string) => item(id).then((found) => found?.label ?? `no item ${id}`)
    for (const id of pageCommandIds) expect(await label(id)).not.toMatch(/^no item/)
    for (const id of shellCommandIds) expect(await label(id)).not.toMatch(/^no item/)
    for (const { name, path, shortcut, label: called } of screens) {
      await click(`screen:${name}`)
      await eventually(`the screen ${name}`, () => hash() === `#${path}`)
      expect(await label(`screen:${name}`)).toBe(`${called} [${shortcut}]`)
    }
    await click('gallery')
    await eventually('the gallery', () => hash() === '#/gallery')
    await click('new')
    await eventually('a new run', () => hash() === '#/new')
    await click('palette')
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor()
    await shot('palette')
    await page.keyboard.press('Escape')
    await click('shortcuts')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await shot('shortcuts')
    await page.keyboard.press('Escape')
    await visit(page, '#/')
    await eventually('the filter’s command', async () => (await item('filter'))?.enabled)
    await click('filter')
    await eventually('the filter', () => page.evaluate(`document.activeElement?.type === 'search'`))
    const theme = () => page.evaluate('document.documentElement.dataset.theme')
    for (const chosen of ['dark', 'light']) {
      await click(`theme:${chosen}`)
      await eventually(`the ${chosen} theme`, async () => (await theme()) === chosen && (await item(`theme:${chosen}`))?.checked)
    }
  })

  it('shows the page’s keys without hearing them, and offers only what can be done', async () => {
    expect(await item('open')).toMatchObject({ accelerator: 'CmdOrCtrl+O', registers: false })
    expect(await item('palette')).toMatchObject({ accelerator: 'CmdOrCtrl+K', registers: false })
    expect(await item('new-window')).toMatchObject({ accelerator: 'CmdOrCtrl+Shift+N', registers: true })
    await visit(page, '#/settings')
    await eventually('no list to filter', async () => (await item('filter'))?.enabled === false)
    expect((await item('open'))?.enabled).toBe(true)
    const roles = await app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items.map(({ role }) => role?.toLowerCase()) ?? [])
    )
    for (const role of [
      'undo',
      'redo',
      'cut',
      'copy',
      'paste',
      'selectall',
      'minimize',
      'close',
      'quit',
      'togglefullscreen',
      'zoomin',
      'resetzoom',
      'reload'
    ])
      expect(roles).toContain(role)
  })
})

describe('windows', () => {
  it('a second one is beside the first on the same workspace, and ends alone', async () => {
    const bounds = () =>
      app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows()
          .map((window) => window.getBounds())
          .sort((a, b) => a.x - b.x)
      )
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].setBounds({ x: 20, y: 40, width: 800, height: 560 }))
    await expect.poll(bounds).toEqual([{ x: 20, y: 40, width: 800, height: 560 }])
    const [second] = await Promise.all([app.waitForEvent('window'), click('new-window')])
    await second.getByText('Connected', { exact: true }).waitFor()
    await second.locator('[data-row="first"]').waitFor()
    await expect.poll(bounds).toEqual([
      { x: 20, y: 40, width: 800, height: 560 },
      { x: 48, y: 68, width: 800, height: 560 }
    ])
    await second.close()
    await expect.poll(bounds).toHaveLength(1)
    await visit(page, '#/')
    await page.locator('[data-row="first"]').waitFor()
  })

  it('opens where it was; beyond the displays, or after a torn file, at its usual size', async () => {
    const file = join(`${workspace.path}-user-data`, 'window-state.json')
    const bounds = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getBounds())
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].setBounds({ x: 30, y: 50, width: 820, height: 570 }))
    await quit()
    const state = JSON.parse(readFileSync(file, 'utf8')) as { places: { place: { bounds: { x: number } } }[] }
    expect(state.places).toMatchObject([
      { place: { bounds: { x: 30, y: 50, width: 820, height: 570 }, maximized: false, fullScreen: false } }
    ])
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith('.partial'))).toEqual([])
    await start(['--no-demo'])
    expect(await bounds()).toEqual({ x: 30, y: 50, width: 820, height: 570 })
    await quit()
    state.places[0].place.bounds.x = 90_000
    writeFileSync(file, JSON.stringify(state))
    await start(['--no-demo'])
    const usual = await bounds()
    expect(usual.x).toBeLessThan(5000)
    expect(usual.width).not.toBe(820)
    await quit()
    writeFileSync(file, '{"version": 1, "pla')
    await start(['--no-demo'])
    expect(await bounds()).toEqual(usual)
  })
})

describe('workspaces', () => {
  const other = () => outside('other-workspace')
  const title = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].getTitle())
  const recent = () =>
    app.evaluate(({ Menu }) =>
      Menu.getApplicationMenu()
        ?.getMenuItemById('recent')
        ?.submenu?.items.map(({ label, enabled }) => `${label}${enabled ? '' : ' -'}`)
    )
  const clickRecent = (folder: string) =>
    app.evaluate(({ Menu }, wanted) => {
      Menu.getApplicationMenu()
        ?.getMenuItemById('recent')
        ?.submenu?.items.find(({ label }) => label === wanted)
        ?.click()
    }, folder)
  const shown = () =>
    page
      .getByTestId('workspace')
      .allTextContents()
      .catch((): string[] => [])
  /** The page is loaded anew some time after the title is another. */
  async function seesWorkspace(folder: string) {
    await eventually(
      `${folder} in title and page`,
      async () => {
        if (!(await title()).includes(` ${basename(folder)} – Saddlescope`)) return false
        await page.evaluate(`window.location.hash = '#/settings'`).catch(() => undefined)
        return (await shown()).includes(folder)
      },
      90
    )
    await page.getByText('Connected', { exact: true }).waitFor()
  }

  it('another one opens while a run trains, after a question; the run is checkpointed and waits', async () => {
    mkdirSync(other())
    await visit(page, '#/new')
    const run = await startPreset(page, 'Saddle-free Newton on small digits')
    await eventually('a few steps', async () => (await currentStep(page)) >= 3)
    await answer([other()], 1)
    await click('open-workspace')
    await eventually('the question', async () => (await asked()).length === 2)
    expect((await asked())[1]).toMatch(/^A run is still training \| .*checkpointed and interrupted/)
    expect(existsSync(join(other(), 'runs'))).toBe(false)

    await answer([other()], 0)
    await click('open-workspace')
    await seesWorkspace(other())
    const status = () =>
      JSON.parse(readFileSync(join(workspace.path, 'runs', run, 'status.json'), 'utf8')) as { state: string; step: number }
    expect(status().state).toMatch(/paused|interrupted|queued/)
    expect(readdirSync(join(workspace.path, 'runs', run, 'checkpoints'))).toContain(`step-${String(status().step).padStart(6, '0')}`)
    expect(readdirSync(join(other(), 'runs'))).toEqual([])
    await shot('other-workspace')
    await eventually('the recent one', async () => (await recent())?.[0] === workspace.path)

    // What is opened goes to the workspace that is open now.
    await startAgain(outside(), '--workspace', other(), 'chosen.npy')
    expect(await eigenvaluesOf('chosen', other())).toEqual([6, 8])

    await clickRecent(workspace.path)
    await seesWorkspace(workspace.path)
    await visit(page, `#/run/${run}`)
    await waitForState(page, /paused|interrupted|queued/)
  })

  it('one that cannot be opened is refused with a sentence, and the one before is there again', async () => {
    await answer(['/proc/self'], 0)
    await click('open-workspace')
    await eventually('the refusal', async () => (await asked()).some((text) => text.startsWith('The workspace was not opened')), 60)
    expect((await asked())[1]).toMatch(/^self is no workspace yet/)
    expect((await asked()).at(-1)).toContain('the workspace /proc/self cannot be written')
    await seesWorkspace(workspace.path)
    expect((await recent())?.some((label) => label.includes('/proc'))).toBe(false)
  })

  it('the one that was chosen last opens at the next start, unless another is named', async () => {
    await answer([other()], 0)
    await click('open-workspace')
    await seesWorkspace(other())
    await quit()
    await start(['--no-demo'], false)
    await seesWorkspace(other())
    await quit()
    await start(['--no-demo'])
    await seesWorkspace(workspace.path)
    expect(await recent()).toEqual([other(), '', 'Clear'].map((label) => label))
  })
})
