// `report dauphin` at its tiny scale: killed in the middle and called again, every run exactly once; its tables against the runs' own files, its page against its tables.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import {
  metricsOf,
  removeFolder,
  saddlescope,
  smallSpec,
  start,
  statusOf,
  temporaryFolder,
  writeSpec
} from '../integration/cli/saddlescope'

const prefix = 'dauphin-tiny-mnist10-tanh-2'
const [sfn, newton] = [`${prefix}-sfn-1`, `${prefix}-damped-newton-1`]
const all = [newton, sfn, `${prefix}-sgd-1-1`, `${prefix}-sgd-2-1`].sort()

let folder: string
let workspace: string
let page: string
beforeAll(() => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  page = join(folder, 'out', 'dauphin.html')
})
afterAll(() => removeFolder(folder))

const call = ['report', 'dauphin', '--scale', 'tiny', '--json']
const again = () => saddlescope(...call, '--out', page, '--workspace', workspace)
const runFolder = (id: string) => join(workspace, 'runs', id)
const data = (name: string) => join(folder, 'out', 'dauphin-data', name)

/** Rows of a CSV file without quoted line breaks. */
function rowsOf(name: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(data(name), 'utf8').trim().split('\r\n')
  const columns = head.split(',')
  return lines.map((line) => Object.fromEntries(line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).map((cell, k) => [columns[k], cell])))
}

describe('a report', () => {
  test('that is killed again and again ends with every run exactly once', async () => {
    // Killed as soon as the second run's folder, then the first analysis is there: in the middle of something each time.
    for (const sign of [runFolder(newton), join(runFolder(sfn), 'analyses')]) {
      const running = start([...call, '--out', page, '--workspace', workspace])
      await expect.poll(() => existsSync(sign), { timeout: 120_000, interval: 20 }).toBe(true)
      running.kill('SIGKILL')
      // A machine on which this process waits for seconds may have let it finish.
      const { signal, status } = await running.ended
      expect(signal ?? status).toBe(existsSync(page) ? 0 : 'SIGKILL')
    }
    const { status, stdout, stderr } = await again()
    expect(status, stderr).toBe(0)
    const answer = JSON.parse(stdout) as { runs: { id: string; state: string }[]; findings: string[]; data: string[] }
    expect(answer.runs.map(({ id }) => id).sort()).toEqual(all)
    expect(answer.findings.length).toBeGreaterThan(3)
    expect(readdirSync(join(workspace, 'runs')).sort()).toEqual(all)
    for (const id of all) {
      const lines = metricsOf(runFolder(id))
      const { budget } = JSON.parse(readFileSync(join(runFolder(id), 'spec.json'), 'utf8')) as { budget: { steps: number } }
      expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: budget.steps }, (_, k) => k + 1))
      expect(statusOf(runFolder(id)).state).toBe('done')
    }
    expect(
      readdirSync(join(runFolder(sfn), 'analyses'))
        .filter((name) => !name.startsWith('.'))
        .sort()
    ).toEqual(['critical-points-0', 'critical-points-6'])
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['dauphin-data', 'dauphin.html'])
    expect(answer.data.sort()).toEqual(
      readdirSync(join(folder, 'out', 'dauphin-data'))
        .filter((name) => name !== 'report.json')
        .sort()
    )
  })

  test('has tables that hold what the runs hold', () => {
    const course = rowsOf('course.csv')
    const curvature = rowsOf('curvature.csv')
    let compared = 0
    for (const id of [sfn, newton]) {
      const lines = metricsOf(runFolder(id))
      // A step over all of the data: its line has the loss and the spectrum at the weights before it.
      for (const row of course.filter(({ run, epoch }) => run === id && Number(epoch) < lines.length)) {
        expect(Number(row.loss) / Number(lines[Number(row.epoch)].loss)).toBeCloseTo(1, 12)
        compared++
      }
      for (const row of curvature.filter(({ run }) => run === id)) {
        expect([row.lambdaMin, row.lambdaMax].map(Number)).toEqual([lines[Number(row.epoch)].lambdaMin, lines[Number(row.epoch)].lambdaMax])
        compared++
      }
    }
    expect(compared).toBe(24)
    for (const row of rowsOf('runs.csv')) {
      expect(Number(row.seconds)).toBe(statusOf(runFolder(row.run)).seconds)
      const own = course.filter(({ run }) => run === row.run)
      expect(row.loss).toBe(own[own.length - 1].loss)
    }
    const spectra = rowsOf('spectra.csv')
    const points = new Set(spectra.map(({ point }) => point))
    for (const point of points)
      expect(spectra.filter((row) => row.point === point).reduce((sum, { count }) => sum + Number(count), 0)).toBe(2 * 111 + 10)
    for (const row of rowsOf('critical.csv')) {
      const analysis = join(runFolder(sfn), 'analyses', `critical-points-${row.step}`)
      const array = (name: string) => toFloat64(parseNpy(readFileSync(join(analysis, `${name}.npy`)), name))
      expect([row.loss, row.gradNorm, row.flatness, row.index].map(Number)).toEqual(
        ['loss', 'gradNorm', 'flatness', 'index'].map((name) => array(name)[0])
      )
      const values = array('eigenvalues')
      expect(Number(row.index)).toBe(values.filter((value) => value < -1e-8 * Math.max(...values.map(Math.abs))).length / values.length)
      const manifest = JSON.parse(readFileSync(join(analysis, 'manifest.json'), 'utf8')) as {
        checks: { product: { ok: boolean } }
        backend: { kind: string }
      }
      expect(manifest.checks.product.ok).toBe(true)
      expect(manifest.backend.kind).toMatch(/wasm|lapack/)
    }
  })

  test('has a page without script whose figures have a mark for every row of the table', () => {
    const html = readFileSync(page, 'utf8')
    expect(html).not.toMatch(/<script|https?:/)
    const figures = html.split('<figure>').slice(1)
    const scatter = figures.find((figure) => figure.includes('Index against training error')) ?? ''
    const marks = [...scatter.slice(scatter.indexOf('class="axis"')).matchAll(/class="mark/g)]
    expect(marks).toHaveLength(rowsOf('critical.csv').length)
    for (const [, address] of html.matchAll(/href="([^"]*)"/g)) expect(existsSync(join(folder, 'out', address)), address).toBe(true)
  })

  test('called again does nothing twice and writes the same', async () => {
    const files = ['runs.csv', 'summary.csv', 'course.csv', 'curvature.csv', 'critical.csv', 'spectra.csv']
    const before = files.map((name) => readFileSync(data(name), 'utf8'))
    const ended = all.map((id) => statSync(join(runFolder(id), 'metrics.ndjson')).mtimeMs)
    const { status } = await again()
    expect(status).toBe(0)
    expect(all.map((id) => statSync(join(runFolder(id), 'metrics.ndjson')).mtimeMs)).toEqual(ended)
    expect(files.map((name) => readFileSync(data(name), 'utf8'))).toEqual(before)
  })

  test('refuses a run of its own that has another spec, before anything runs, and what is no report', async () => {
    const other = join(folder, 'other')
    const made = await saddlescope('run', writeSpec(folder, smallSpec({ budget: { steps: 2 } })), '--id', newton, '--workspace', other)
    expect(made.status).toBe(0)
    const { status, stderr } = await saddlescope(...call, '--out', join(folder, 'refused.html'), '--workspace', other)
    expect(status).toBe(2)
    expect(stderr).toMatch(
      new RegExp(`there is a run "${newton}" with another spec: its [a-zA-Z.]+ is .*, the report's is .*; remove it \\(rm ${newton}\\)`)
    )
    expect(readdirSync(join(other, 'runs'))).toEqual([newton])
    const wrong = [
      [['report', 'dauphine', '--out', 'a.html'], /did you mean dauphin\?/],
      [['report', 'dauphin', '--out', 'a.pdf'], /--out: must be a file that ends in \.html/],
      [['report', 'dauphin', '--out', 'a.html', '--scale', 'huge'], /--scale: must be one of tiny, small, full/]
    ] as const
    for (const [words, pattern] of wrong) {
      const refused = await saddlescope(...words, '--workspace', other)
      expect([refused.status, pattern.test(refused.stderr)], refused.stderr).toEqual([2, true])
    }
  })

  test('stopped by Ctrl-C ends with 130 and goes on', async () => {
    const stopped = join(folder, 'stopped')
    const running = start([...call, '--out', join(folder, 'stopped.html'), '--workspace', stopped])
    await expect.poll(() => existsSync(join(stopped, 'runs', sfn, 'metrics.ndjson')), { timeout: 120_000, interval: 20 }).toBe(true)
    running.kill('SIGINT')
    expect((await running.ended).status).toBe(130)
    expect(existsSync(join(folder, 'stopped.html'))).toBe(false)
  })
})
