// A Hessian of 7,558² (457 MB) in the desktop app: computed by an engine process, stored, browsed by tiles, its entries those of the file; and what every process takes.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNumber } from '../../src/renderer/app/format'
import { npyDataOffset, parseNpyHeader } from '../../src/shared/npy/header'
import { visit } from '../e2e/flows'
import { eventually, inPage, makeWorkspace, root } from '../e2e/support'
import { electronVersion, launchApp } from './support'

const P = 100 * 68 + 68 + 68 * 10 + 10
let app: ElectronApplication
let page: Page
let child: ReturnType<ElectronApplication['process']>
let workspace: ReturnType<typeof makeWorkspace>

beforeAll(async () => {
  workspace = makeWorkspace()
  mkdirSync(dirname(workspace.path), { recursive: true })
  const spec = {
    schemaVersion: 1,
    name: 'Large Hessian',
    data: { dataset: 'mnist10' },
    batch: { size: 32 },
    model: { layers: [100, 68, 10], activation: { kind: 'tanh' }, bias: true },
    loss: 'softmax-cross-entropy',
    optimizer: { kind: 'gd', learningRate: 0.1 },
    budget: { steps: 1 }
  }
  const file = join(dirname(workspace.path), 'large.json')
  writeFileSync(file, JSON.stringify(spec))
  const words = [join(root, 'out', 'main', 'cli.js'), 'run', file, '--id', 'large', '--workspace', workspace.path]
  execFileSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  app = await launchApp(workspace.path)
  child = app.process()
  page = await app.firstWindow()
  await page.getByText('Connected').waitFor()
})
afterAll(async () => {
  const ended = new Promise((done) => child.once('exit', done))
  await app.close().catch(() => undefined)
  await ended
  workspace.remove()
})

interface Metric {
  readonly name: string
  readonly megabytes: number
}
/** What each process holds now: private and shared together, as the system counts it. */
const memory = () =>
  app.evaluate(({ app: electronApp }) =>
    electronApp.getAppMetrics().map(({ type, name, serviceName, memory: { workingSetSize } }): Metric => ({
      name: serviceName === 'node.mojom.NodeService' ? (name ?? 'utility') : (name ?? type),
      megabytes: Math.round(workingSetSize / 1024)
    }))
  )
const said = (metrics: readonly Metric[]) => metrics.map(({ name, megabytes }) => `${name} ${megabytes} MB`).join(', ')

/** Entries of the stored matrix, read from their places in the file. */
function entryOf(path: string, row: number, column: number): number {
  const file = openSync(path, 'r')
  try {
    const start = new Uint8Array(128)
    readSync(file, start, 0, start.length, 0)
    expect(parseNpyHeader(start, path).shape).toEqual([P, P])
    const dataOffset = npyDataOffset(start, path)
    const value = new Float64Array(1)
    readSync(file, new Uint8Array(value.buffer), 0, 8, dataOffset + 8 * (row * P + column))
    return value[0]
  } finally {
    closeSync(file)
  }
}

describe(`a large Hessian in Electron ${electronVersion}`, () => {
  it('is computed, stored and browsed, and its entries are those of the file', { timeout: 1_200_000 }, async () => {
    const idle = await memory()
    console.log(`memory, idle: ${said(idle)}`)
    await visit(page, '#/run/large/hessian')
    await page.getByRole('button', { name: 'Compute a Hessian…' }).click()
    const compute = page.getByRole('dialog').getByRole('button', { name: 'Compute', exact: true })
    // Of so many parameters the layers are offered first.
    await page.getByRole('dialog').getByLabel('Scope').selectOption({ label: 'Full matrix' })
    await page.getByRole('dialog').getByLabel('Eigenvectors kept').selectOption({ index: 0 })
    await eventually('the button to be ready', async () => !(await compute.isDisabled()))
    const began = Date.now()
    await compute.click()
    const peak = new Map<string, number>()
    const heading = page.getByRole('heading', { name: /^Hessian full after step 1: 7[\s\u202f,]?558 × 7[\s\u202f,]?558$/ })
    await eventually(
      'the Hessian',
      async () => {
        for (const { name, megabytes } of await memory()) peak.set(name, Math.max(megabytes, peak.get(name) ?? 0))
        return heading.isVisible()
      },
      1100
    )
    console.log(`a Hessian of ${P}² with its eigenvalues: ${((Date.now() - began) / 1000).toFixed(0)} s`)
    console.log(`memory, at most: ${said([...peak].map(([name, megabytes]) => ({ name, megabytes })))}`)

    const path = join(workspace.path, 'runs', 'large', 'snapshots', 'step-000001', 'hessian.full.npy')
    expect(statSync(path).size).toBe(128 + 8 * P * P)
    for (const [row, column] of [
      [0, 0],
      [3000, 3000],
      [3000, 6990],
      [7557, 7557],
      [P - 10, P - 3]
    ]) {
      await page.getByPlaceholder('row').fill(String(row))
      await page.getByPlaceholder('column').fill(String(column))
      await page.getByPlaceholder('column').press('Enter')
      const shown = await eventually(`entry (${row}, ${column})`, async () => {
        const text = (await page.locator('.entry').textContent()) ?? ''
        return text.includes(`(${row}, ${column})`) && !text.includes('…')
          ? ((await page.locator('.entry strong').textContent()) ?? '').trim()
          : null
      })
      expect(shown).toBe(formatNumber(entryOf(path, row, column), 9))
    }
    // Tiles are drawn: the canvas has more than one colour, far in and from afar.
    const colours = inPage<number>(`
      const context = element.getContext('2d')
      const { data } = context.getImageData(0, 0, element.width, element.height)
      const found = new Set()
      for (let i = 0; i < data.length; i += 4) found.add(data[i] * 65536 + data[i + 1] * 256 + data[i + 2])
      return found.size`)
    const canvas = page.locator('canvas').first()
    await eventually('the tiles around the entry', async () => (await canvas.evaluate(colours)) > 8)
    await page.getByRole('button', { name: 'Whole matrix' }).click()
    await eventually('the whole matrix', async () => (await canvas.evaluate(colours)) > 8)

    const after = await memory()
    console.log(`memory, while it is browsed: ${said(after)}`)
    const of = (name: RegExp, from: readonly Metric[]) =>
      Math.max(0, ...from.filter((one) => name.test(one.name)).map((one) => one.megabytes))
    // The matrix passes through the engine process alone: neither main, the page nor the workbench ever holds it.
    const others = [...peak].filter(([name]) => !/engine/i.test(name)).map(([name, megabytes]) => ({ name, megabytes }))
    for (const { name, megabytes } of [...others, ...after.filter((one) => !/engine/i.test(one.name))])
      expect(megabytes, name).toBeLessThan(400)
    expect(
      of(
        /engine/i,
        [...peak].map(([name, megabytes]) => ({ name, megabytes }))
      )
    ).toBeLessThan(6000)
  })
})
