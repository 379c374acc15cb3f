// A stranger's first quarter of an hour, in Debian's Chromium over `serve`.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { currentStep, expectCurvesToMove, expectSpectrum, countFrames, startPreset, visit, waitForState } from './flows'
import { cifar100Files, madeSamples } from '../unit/store/formats/archives'
import { writeFiles } from '../unit/store/formats/folders'
import { engineProcesses, eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let complaints: string[]
let served: Served
let workspace: ReturnType<typeof makeWorkspace>

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  workspace = makeWorkspace()
  served = await serve(workspace.path)
  page = await browser.newPage()
  complaints = watchConsole(page)
})
afterEach(async () => {
  await page.close()
  await served.stop()
  workspace.remove()
})

describe('the workbench in a browser', () => {
  it('starts a preset, shows its curves live, stops, and finds it again after a reload and a restart', async () => {
    await page.goto(served.link)
    expect(page.url()).not.toContain('token')
    const id = await startPreset(page, 'Saddle-free Newton on small digits')
    await expectCurvesToMove(page)
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await waitForState(page, /interrupted/)
    const stoppedAt = await currentStep(page)

    await page.reload()
    await waitForState(page, /interrupted/)
    expect(await currentStep(page)).toBe(stoppedAt)
    await expectSpectrum(page, 565)
    expect(complaints).toEqual([])

    expect(await served.stop()).toBe(0)
    served = await serve(workspace.path)
    await page.goto(served.link)
    await page.getByRole('link', { name: 'SFN on small digits' }).click()
    await waitForState(page, /interrupted/)
    await page.getByRole('button', { name: 'Resume' }).click()
    await waitForState(page, /done/, 200)
    expect(await currentStep(page)).toBe(40)
    expect(existsSync(join(workspace.path, 'runs', id, 'checkpoints', 'step-000040'))).toBe(true)
    await expectSpectrum(page, 565)
    expect(complaints.filter((text) => !/WebSocket|ERR_CONNECTION/.test(text))).toEqual([])
  })

  it('survives the death of an engine process: the run is interrupted, the app lives, resuming works', async () => {
    await page.goto(served.link)
    await startPreset(page, 'Saddle-free Newton on small digits')
    await eventually('a few steps', async () => (await currentStep(page)) >= 3)
    const [engine] = engineProcesses(served.child.pid ?? 0)
    process.kill(engine, 'SIGKILL')
    await waitForState(page, /interrupted/)
    await page.getByRole('button', { name: 'Resume' }).click()
    await waitForState(page, /done/, 200)
    expect(await currentStep(page)).toBe(40)
  })

  it('heals without a reload when the server comes back, and says what to do when its link is no longer valid', async () => {
    await page.goto(served.link)
    await page.getByText('Connected').waitFor()
    served.child.kill('SIGKILL')
    await page.getByText(/connection to the workbench is lost/i).waitFor()
    const { link, port } = served
    served = await serve(workspace.path, ['--no-demo'], port)
    expect(served.link).toBe(link)
    await page.getByText('Connected').waitFor()
    served.child.kill('SIGKILL')
    await page.getByText(/connection to the workbench is lost/i).waitFor()
    served = await serve(workspace.path, ['--no-demo', '--new-token'], port)
    expect(served.link).not.toBe(link)
    await page.getByRole('heading', { name: /Open the link that the server printed/ }).waitFor()
    await page.goto('about:blank')
    await page.goto(served.link)
    await page.getByText('Connected').waitFor()
  })

  it('shows a run that the command line works on as it goes, to its last step', async () => {
    await page.goto(served.link)
    await page.getByText('Connected').waitFor()
    const spec = {
      schemaVersion: 1,
      name: 'From the command line',
      data: { dataset: 'xor' },
      model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true },
      loss: 'half-sse',
      optimizer: { kind: 'sfn', learningRate: 0.01 },
      checkpoints: { everySteps: 100 },
      budget: { steps: 1_000_000 }
    }
    const path = join(dirname(workspace.path), 'spec.json')
    writeFileSync(path, JSON.stringify(spec))
    const words = ['run', path, '--id', 'theirs', '--workspace', workspace.path]
    const cli = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), ...words], { stdio: 'ignore' })
    try {
      await page.getByRole('link', { name: 'From the command line' }).click({ timeout: 30_000 })
      await waitForState(page, /running/)
      await expectCurvesToMove(page)
      await page.getByText(/^about .* left$/).waitFor()
    } finally {
      cli.kill('SIGINT')
    }
    await waitForState(page, /interrupted/)
    const lines = readFileSync(join(workspace.path, 'runs', 'theirs', 'metrics.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
    await eventually('the last step', async () => (await currentStep(page)) === lines.length)
    expect(complaints).toEqual([])
  })

  it('a page without a session shows nothing but how to get one', async () => {
    await page.goto(`http://127.0.0.1:${served.port}/`)
    await page.getByRole('heading', { name: /Open the link that the server printed/ }).waitFor()
  })

  it('a run whose name is markup stays text on every screen', async () => {
    const name = '<img src=x onerror="window.hacked=1">'
    await page.goto(served.link)
    await page.getByRole('link', { name: 'New run' }).first().click()
    const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Saddle-free Newton on small digits' }) })
    await card.getByRole('button', { name: 'Edit first' }).click()
    const editor = page.getByRole('textbox', { name: 'Run spec as JSON' })
    const spec = JSON.parse(await eventually('the spec', () => editor.inputValue())) as { name: string; budget: object }
    await editor.fill(JSON.stringify({ ...spec, name, tags: [name], budget: { steps: 5 } }, null, 2))
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.waitForURL(/#\/run\//)
    await waitForState(page, /done/, 200)
    const route = new URL(page.url()).hash.split('?')[0]
    for (const tab of ['overview', 'spectrum', 'hessian', 'steps', 'config', 'files', 'log']) {
      await visit(page, `${route}?tab=${tab}`)
      await page.getByText(name).first().waitFor()
      for (const plot of await page.locator('canvas').all()) {
        const box = await plot.boundingBox()
        if (box) await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      }
    }
    for (const screen of ['#/']) {
      await visit(page, screen)
      await page.getByText(name).first().waitFor()
      const canvas = page.locator('canvas').first()
      if (await canvas.count()) await canvas.hover({ force: true }).catch(() => undefined)
    }
    expect(await page.evaluate(`'hacked' in window`)).toBe(false)
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('shows the pixels of a CIFAR file, each in its place and colour', async () => {
    const train = madeSamples(5, 100, 3)
    const source = writeFiles(join(dirname(workspace.path), 'cifar-100-binary'), cifar100Files(train, madeSamples(2, 100, 4)).binary)
    const words = [join(root, 'out', 'main', 'cli.js'), 'datasets', 'import', source, '--id', 'made-up', '--workspace', workspace.path]
    await new Promise((done) => spawn(process.execPath, words, { stdio: 'ignore' }).on('close', done))
    await page.goto(served.link)
    await visit(page, '#/datasets')
    await page.getByRole('button', { name: /\b7 samples/ }).click()
    for (const sample of [0, 4]) {
      const picture = page.getByRole('img', { name: new RegExp(`^Training sample ${sample + 1}:`) })
      await picture.waitFor()
      const drawn = await picture.evaluate(
        inPage<number[]>(`return [element.width, element.height, ...element.getContext('2d').getImageData(0, 0, 32, 32).data]`)
      )
      // The file holds 1024 red values, row by row, then green, then blue.
      const plane = (channel: number, pixel: number) => train.x[sample * 3072 + channel * 1024 + pixel]
      const wanted = Array.from({ length: 1024 }, (_, pixel) => [plane(0, pixel), plane(1, pixel), plane(2, pixel), 255]).flat()
      expect(drawn).toEqual([32, 32, ...wanted])
    }
  })

  it('stays quick while a run makes ten thousand tiny steps', async () => {
    await page.goto(served.link)
    await visit(page, '#/new')
    const editor = page.getByRole('textbox', { name: 'Run spec as JSON' })
    const spec = {
      schemaVersion: 1,
      name: 'tiny steps',
      data: { dataset: 'xor' },
      model: { layers: [2, 4, 2], activation: { kind: 'tanh' }, bias: true },
      loss: 'softmax-cross-entropy',
      optimizer: { kind: 'gd', learningRate: 0.1 },
      budget: { steps: 10_000 },
      checkpoints: { everySteps: 5000 }
    }
    await editor.fill(JSON.stringify(spec))
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.waitForURL(/#\/run\//)
    expect(await countFrames(page, 8)).toBeGreaterThan(8)
    await waitForState(page, /done/, 200)
    expect(await currentStep(page)).toBe(10_000)
  })

  it('trains the demonstration on an empty workspace, also when nobody looks', async () => {
    await served.stop()
    served = await serve(workspace.path, [])
    await eventually('the checks of the demonstration', () => /checks of the spectrum at step 40 passed/.test(served.output()), 200)
    expect(readdirSync(join(workspace.path, 'runs'))).toHaveLength(1)
    expect(await served.stop()).toBe(0)
    served = await serve(workspace.path, [])
    await page.goto(served.link)
    await page.getByRole('link', { name: 'SFN on small digits' }).click()
    await waitForState(page, /done/)
    await expectSpectrum(page, 565)
    expect(readdirSync(join(workspace.path, 'runs'))).toHaveLength(1)
  })
})
