// What a run's screen says against the files: losses per sample, whose eigenvalues they are and of which step, and the line of a running run.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCount, formatNumber, formatPercent } from '../../src/renderer/app/format'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { figure, visit, waitForState } from './flows'
import { eventually, inPage, makeWorkspace, openBrowser, root, serve, watchConsole, type Served } from './support'

let browser: Browser
let page: Page
let served: Served
let complaints: string[]
const workspace = makeWorkspace()
const runFile = (id: string, ...names: string[]) => join(workspace.path, 'runs', id, ...names)

const samples = 103
/** Samples of the batches of one epoch, counted out by hand: the last has three. */
const batches = [20, 20, 20, 20, 20, 3]

function spec(name: string, optimizer: object, more: object = {}) {
  return {
    schemaVersion: 1,
    name,
    seed: 1,
    data: {
      dataset: 'mnist10',
      trainLimit: samples,
      testLimit: 100,
      transforms: [{ kind: 'affine', divide: 255, subtract: 0.5 }]
    },
    model: { layers: [null, 4, 10], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    batch: { size: 20 },
    optimizer,
    budget: { steps: 25 },
    evaluate: { everySteps: 5 },
    ...more
  }
}
const snapshots = { everySteps: 10, eigenvectors: 4 }

/** Trains a run with the built command line. */
function train(id: string, content: object) {
  mkdirSync(workspace.path, { recursive: true })
  const path = join(workspace.path, '..', `${id}.json`)
  writeFileSync(path, JSON.stringify(content))
  const words = [join(root, 'out', 'main', 'cli.js'), 'run', path, '--workspace', workspace.path, '--id', id]
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the run ${id} failed: ${stderr}`)
}

interface Line {
  readonly step: number
  readonly loss: number
  readonly testLoss?: number
  readonly testAccuracy?: number
  readonly lambdaMin?: number
  readonly lambdaMax?: number
  readonly index?: number
  readonly predictedDecrease?: number
}
const linesOf = (id: string) =>
  readFileSync(runFile(id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const perSample = ({ step, loss }: Line) => loss / batches[(step - 1) % batches.length]
const lowest = <Item>(items: readonly Item[], of: (item: Item) => number) =>
  items.reduce((best, item) => (of(item) < of(best) ? item : best))

/** Of a run's documents what these tests change. */
interface Changeable {
  trainingSamples?: number
  figures: Record<string, unknown>
  hashes: Record<string, string>
  budget: { steps: number }
  state: string
}
const change = (path: string, to: (value: Changeable) => void) => {
  const value = JSON.parse(readFileSync(path, 'utf8')) as Changeable
  to(value)
  writeFileSync(path, JSON.stringify(value))
}
/** As a version wrote it that recorded no numbers of samples. */
function makeOlder(id: string) {
  change(runFile(id, 'status.json'), (status) => {
    delete status.trainingSamples
    for (const name of Object.keys(status.figures)) if (/PerSample|curvature/.test(name)) delete status.figures[name]
  })
}

/** Extreme eigenvalues and index of a snapshot, from its file. */
function spectrum(id: string, step: number) {
  const file = runFile(id, 'snapshots', `step-${String(step).padStart(6, '0')}`, 'eigenvalues.full.npy')
  const values = toFloat64(parseNpy(readFileSync(file), file))
  const most = Math.max(...values.map(Math.abs))
  const limit = -values.length * 2 ** -52 * most
  return {
    lambdaMin: Math.min(...values),
    lambdaMax: Math.max(...values),
    index: values.filter((value) => value < limit).length / values.length
  }
}
const snapshotSteps = (id: string) => readdirSync(runFile(id, 'snapshots')).map((name) => Number(name.slice('step-'.length)))

beforeAll(async () => {
  train('sfn', spec('Shorter last batch', { kind: 'sfn' }, { seed: 4 }))
  train('krylov', spec('Krylov, snapshots', { kind: 'sfn-krylov', vectors: 20, learningRate: 0.1 }, { snapshots }))
  train('ritz', spec('Krylov, none', { kind: 'sfn-krylov', vectors: 20, learningRate: 0.1 }))
  train('adam', spec('Adam, snapshots', { kind: 'adam', learningRate: 0.01 }, { snapshots, budget: { steps: 45 } }))
  train('marquardt', spec('Levenberg–Marquardt, diagnosed', { kind: 'levenberg-marquardt' }, { diagnostics: { everySteps: 10 } }))
  train('mean', spec('A mean', { kind: 'adam' }, { loss: 'mse' }))
  train('older', spec('Older', { kind: 'gd', learningRate: 0.001 }))
  makeOlder('older')
  train('unknown', spec('Unknown samples', { kind: 'gd', learningRate: 0.001 }, { batch: { size: null } }))
  makeOlder('unknown')
  change(runFile('unknown', 'meta.json'), (meta) => (meta.hashes.dataset = '0'.repeat(64)))
  // A run that is far from its end, to be gone on with.
  train('live', spec('Goes on', { kind: 'sfn' }, { budget: { steps: 3 } }))
  change(runFile('live', 'spec.json'), (live) => (live.budget.steps = 20_000))
  change(runFile('live', 'status.json'), (status) => (status.state = 'paused'))
  browser = await openBrowser()
  served = await serve(workspace.path)
  page = await browser.newPage({ viewport: { width: 1024, height: 700 } })
  complaints = watchConsole(page)
  await page.goto(served.link)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await served?.stop()
  workspace.remove()
})

async function open(id: string) {
  await visit(page, `/run/${id}`)
  await eventually(
    `the screen of ${id}`,
    async () =>
      (await page
        .locator('.under code')
        .textContent()
        .catch(() => '')) === id
  )
}
async function noteOf(name: string) {
  const entry = page.locator('.figure').filter({ has: page.getByText(name, { exact: true }) })
  const notes = await entry.locator('.note').allTextContents()
  return notes.join(' ')
}
/** What a chart says of one of its series, in figures of four digits. */
async function series(title: RegExp, name: string) {
  const chart = page.getByRole('img', { name: title }).first()
  const text = await eventually(`${String(title)} shows ${name}`, async () => {
    const label = await chart.getAttribute('aria-label')
    return label?.includes(`${name}:`) ? label : null
  })
  const own = text.slice(text.indexOf(`${name}:`))
  const value = (word: string) => new RegExp(`${word} (−?\\d+(?:\\.\\d+)?(?:e−?\\d+)?)`).exec(own)?.[1]
  return {
    text,
    count: Number(/: ([\d\u202f]+) values/.exec(own)?.[1].replace(/\D/g, '')),
    lowest: value('lowest'),
    highest: value('highest'),
    last: value('last')
  }
}
const four = (value: number | undefined) => formatNumber(value)
const three = (value: number | undefined) => formatNumber(value, 3)

describe('losses', () => {
  it('of half-sse are per sample, also of a shorter last batch, whose smallest lies elsewhere than that of the sums', async () => {
    const lines = linesOf('sfn')
    const last = lines[lines.length - 1]
    const least = lowest(lines, perSample)
    // The case is worth its name: the smallest sum belongs to a batch of three.
    expect(lowest(lines, ({ loss }) => loss).step % 6).toBe(0)
    expect(least.step).not.toBe(lowest(lines, ({ loss }) => loss).step)
    await open('sfn')
    expect(await figure(page, 'Loss')).toBe(four(perSample(last)))
    expect(await noteOf('Loss')).toBe(`per sample · min ${three(perSample(least))} at ${least.step}`)
    expect(await figure(page, 'Test loss')).toBe(four(last.testLoss))
    expect(await noteOf('Test loss')).toBe('per sample')
    expect(await figure(page, 'Test accuracy')).toBe(formatPercent(last.testAccuracy))
    const best = lowest(
      lines.filter((line) => line.testAccuracy !== undefined),
      (line) => -(line.testAccuracy ?? 0)
    )
    expect(await noteOf('Test accuracy')).toBe(`best ${formatPercent(best.testAccuracy)} at ${best.step}`)

    const training = await series(/^Loss/, 'Training loss (batch)')
    expect(training.text).toContain('loss per sample over step')
    expect(training).toMatchObject({ count: 25, lowest: four(perSample(least)), last: four(perSample(last)) })
    const highest = lowest(lines, (line) => -perSample(line))
    expect(training.highest).toBe(four(perSample(highest)))
    const tests = lines.flatMap((line) => line.testLoss ?? [])
    expect(await series(/^Loss/, 'Test loss')).toMatchObject({ count: 5, lowest: four(Math.min(...tests)), last: four(tests.at(-1)) })
    await page.getByText('metrics.ndjson keeps the sum over the batch').first().waitFor()
  })

  it('that are means stay what they are', async () => {
    const lines = linesOf('mean')
    await open('mean')
    expect(await figure(page, 'Loss')).toBe(four(lines.at(-1)?.loss))
    expect((await series(/^Loss/, 'Training loss (batch)')).lowest).toBe(four(Math.min(...lines.map(({ loss }) => loss))))
    await page.getByText('squared error, mean over samples and outputs').first().waitFor()
  })

  it('of a run that recorded no number of samples are divided by what its lines say', async () => {
    const lines = linesOf('older')
    await open('older')
    expect(await figure(page, 'Loss')).toBe(four(perSample(lines[lines.length - 1])))
    const least = lowest(lines, perSample)
    expect(await noteOf('Loss')).toBe(`per sample · min ${three(perSample(least))} at ${least.step}`)
  })

  it('are the sum, and called so, where nothing says how many samples there are', async () => {
    const lines = linesOf('unknown')
    await open('unknown')
    expect(await figure(page, 'Loss')).toBe(four(lines.at(-1)?.loss))
    expect(await noteOf('Loss')).toContain('sum over the batch')
    const chart = await series(/^Loss: sum over the batch/, 'Batch loss as in metrics.ndjson')
    expect(chart.text).toContain('loss of the batch over step')
    expect(chart.last).toBe(four(lines.at(-1)?.loss))
    expect(chart.text).not.toContain('Test loss')
  })
})

describe('eigenvalue figures', () => {
  it('are those of the last step, and need no note', async () => {
    const last = linesOf('sfn').at(-1)
    await open('sfn')
    expect(await figure(page, 'λ min')).toBe(three(last?.lambdaMin))
    expect(await figure(page, 'λ max')).toBe(three(last?.lambdaMax))
    expect(await figure(page, 'Index')).toBe(formatPercent(last?.index))
    expect(await noteOf('λ min')).toBe('')
  })

  it('of a Krylov run are those of its newest snapshot, with its step; the curves tell estimates from exact ones', async () => {
    const lines = linesOf('krylov')
    const exact = spectrum('krylov', 20)
    const last = lines[lines.length - 1]
    // The estimates are others: there is something to mistake them for.
    expect(formatPercent(last.index)).not.toBe(formatPercent(exact.index))
    await open('krylov')
    expect(await figure(page, 'λ min')).toBe(three(exact.lambdaMin))
    expect(await figure(page, 'λ max')).toBe(three(exact.lambdaMax))
    expect(await figure(page, 'Index')).toBe(formatPercent(exact.index))
    for (const name of ['λ min', 'λ max', 'Index']) expect(await noteOf(name)).toBe('at step 20 (snapshot)')
    const title = /^Smallest eigenvalue \(Ritz value of 20 Lanczos vectors\)/
    expect((await series(title, 'λ min')).last).toBe(four(last.lambdaMin))
    const all = snapshotSteps('krylov').map((step) => spectrum('krylov', step))
    expect(await series(title, 'λ min, exact (snapshots)')).toMatchObject({
      count: all.length,
      lowest: four(Math.min(...all.map(({ lambdaMin }) => lambdaMin))),
      last: four(exact.lambdaMin)
    })
  })

  it('of a Krylov run without snapshots are called estimates of so many vectors', async () => {
    const last = linesOf('ritz').at(-1)
    await open('ritz')
    expect(await figure(page, 'λ min')).toBe(`≤ ${three(last?.lambdaMin)}`)
    expect(await figure(page, 'λ max')).toBe(`≥ ${three(last?.lambdaMax)}`)
    expect(await figure(page, 'Index')).toBe(formatPercent(last?.index))
    for (const name of ['λ min', 'λ max', 'Index']) expect(await noteOf(name)).toBe('20 Lanczos vectors')
    await page.locator('.figure').filter({ hasText: 'λ min' }).focus()
    await page.locator('.overlay-tooltip').filter({ hasText: 'not among all eigenvalues' }).first().waitFor()
  })

  it('of an optimizer that computes none are those of its snapshots, as points over the steps', async () => {
    const steps = snapshotSteps('adam')
    const newest = Math.max(...steps)
    const exact = spectrum('adam', newest)
    await open('adam')
    expect(newest).toBe(40)
    expect(await figure(page, 'λ min')).toBe(three(exact.lambdaMin))
    expect(await figure(page, 'λ max')).toBe(three(exact.lambdaMax))
    expect(await figure(page, 'Index')).toBe(formatPercent(exact.index))
    expect(await noteOf('Index')).toBe('at step 40 (snapshot)')
    const all = steps.map((step) => spectrum('adam', step))
    for (const [title, base] of [
      [/^Smallest eigenvalue \(snapshots\)/, 'lambdaMin'],
      [/^Largest eigenvalue \(snapshots\)/, 'lambdaMax'],
      [/^Index: fraction of negative eigenvalues \(snapshots\)/, 'index']
    ] as const) {
      const name = { lambdaMin: 'λ min', lambdaMax: 'λ max', index: 'Index' }[base]
      const values = all.map((one) => one[base])
      expect(await series(title, `${name}, exact (snapshots)`)).toMatchObject({
        count: values.length,
        lowest: four(Math.min(...values)),
        highest: four(Math.max(...values)),
        last: four(exact[base])
      })
    }
  })

  it('older than the run say of which step they are; rounding is not coloured as negative curvature', async () => {
    const lines = linesOf('marquardt')
    const own = lines.filter((line) => line.lambdaMin !== undefined).at(-1)
    expect(own?.step).toBe(20)
    await open('marquardt')
    expect(await figure(page, 'λ max')).toBe(three(own?.lambdaMax))
    expect(await noteOf('λ max')).toBe('Gauss–Newton, at step 20')
    expect(await figure(page, 'Index')).toBe(formatPercent(own?.index))
    const colour = async (name: string) =>
      page
        .locator('.figure')
        .filter({ has: page.getByText(name, { exact: true }) })
        .locator('dd')
        .first()
        .evaluate(inPage<string>('return getComputedStyle(element).color'))
    expect(await colour('λ min')).toBe(await colour('λ max'))
    await open('sfn')
    expect(Number(linesOf('sfn').at(-1)?.index)).toBeGreaterThan(0)
    expect(await colour('λ min')).not.toBe(await colour('λ max'))
  })
})

describe('the head', () => {
  it.each([
    [1024, 700],
    [1440, 900]
  ])('has every figure whole and apart from the others at %i × %i', async (width, height) => {
    await page.setViewportSize({ width, height })
    for (const id of ['krylov', 'sfn', 'marquardt']) {
      await open(id)
      const faults = await page.locator('.figures').evaluate(
        inPage<string[]>(`
        const cells = [...element.querySelectorAll('.figure')]
        const boxes = cells.map((cell) => cell.getBoundingClientRect())
        const faults = []
        boxes.forEach((a, i) => {
          if (a.right > innerWidth || a.left < 0) faults.push(cells[i].textContent + ' lies outside')
          boxes.slice(i + 1).forEach((b, j) => {
            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
              faults.push(cells[i].textContent + ' covers ' + cells[i + 1 + j].textContent)
          })
        })
        for (const text of element.querySelectorAll('dt, dd'))
          if (text.scrollWidth > text.clientWidth + 1) faults.push(text.textContent + ' is cut off')
        return faults`)
      )
      expect(faults).toEqual([])
    }
    await page.setViewportSize({ width: 1024, height: 700 })
  })
})

/** "1.5 s", "3 min 20 s", "2 h 05 min" in seconds. */
function secondsOf(text: string): number {
  const units: Record<string, number> = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 }
  return [...text.matchAll(/([\d.]+)\s(ms|s|min|h|d)(?![a-z])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * units[unit], 0)
}

describe('a running run', () => {
  it('shows its rate and its end, consistent with each other and with the file; nothing stays when it is paused', async () => {
    await open('live')
    await page.getByRole('button', { name: 'Resume' }).click()
    await waitForState(page, /running/)
    const line = page.getByRole('status', { name: 'What the run is doing' })
    const read = () =>
      line.evaluate(
        inPage<{ rate: string; left: string; doing: string; step: string }>(`
        const text = (selector) => element.querySelector(selector)?.textContent ?? ''
        return { rate: text('.rate'), left: text('.left'), doing: text('.doing'), step: document.querySelector('.figure dd').textContent }`)
      )
    const seen = await eventually('rate and end', async () => {
      const now = await read().catch(() => null)
      const step = Number(now?.step.split('/')[0].replace(/\D/g, ''))
      return now && step >= 10 && now.rate !== '' && now.left !== '' ? { ...now, step } : null
    })
    expect(seen.doing).toMatch(/^(Working on step|Step) [\d\u202f]+/)
    const rate = /steps\/s/.test(seen.rate)
      ? parseFloat(seen.rate.replace(/\u202f/g, ''))
      : 1 / secondsOf(seen.rate.replace(/\u202f/g, ' '))
    const left = secondsOf(seen.left.replace(/\u202f/g, ' '))
    expect(rate).toBeGreaterThan(0)
    const remaining = 20_000 - seen.step
    expect((left * rate) / remaining).toBeGreaterThan(0.9)
    expect((left * rate) / remaining).toBeLessThan(1.1)
    // The pace of the file's last lines: the same within what a busy machine changes from step to step.
    const steps = readFileSync(runFile('live', 'metrics.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .slice(-30)
      .map((text) => JSON.parse(text) as { seconds: number; wallSeconds?: number; step: number })
    const clock = (of: (typeof steps)[number]) => of.wallSeconds ?? of.seconds
    const pace = (clock(steps[steps.length - 1]) - clock(steps[0])) / (steps[steps.length - 1].step - steps[0].step)
    expect(rate * pace).toBeGreaterThan(0.2)
    expect(rate * pace).toBeLessThan(5)

    await page.getByRole('button', { name: 'Pause' }).click()
    await waitForState(page, /paused/)
    expect(await line.count()).toBe(0)
    const last = linesOf('live').at(-1)
    await eventually('the last step', async () => (await figure(page, 'Step')) === `${formatCount(last?.step)} / ${formatCount(20_000)}`)
    expect(await figure(page, 'Loss')).toBe(four(last && perSample(last)))
  })

  it('complains of nothing on the console', () => expect(complaints).toEqual([]))
})
