// `study` with analyses: made of every run that ends, judged by, in the tables, taken up where they were interrupted, and settled where they cannot be made.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { removeFolder, temporaryFolder, writeSpec } from './saddlescope'
import { csv, json, study, studied, sweep } from './studies'

const folder = temporaryFolder()
afterAll(() => removeFolder(folder))
const workspace = join(folder, 'workspace')
const here = ['--workspace', workspace]
const analysesOf = (run: string) => {
  const path = join(workspace, 'runs', run, 'analyses')
  return existsSync(path) ? readdirSync(path).sort() : []
}
/** On x² + 3y², whose Hessian is diag(2, 6) everywhere. */
const exponents = (rate: number) => [Math.log(Math.abs(1 - 2 * rate)), Math.log(Math.abs(1 - 6 * rate))].sort((a, b) => b - a)

const spec = (name: string, changes: Record<string, unknown> = {}) =>
  writeSpec(
    folder,
    sweep({
      name,
      axes: [{ path: 'optimizer.learningRate', values: [0.1, 0.2, 0.3] }],
      analyse: [{ kind: 'lyapunov', options: { steps: 50 } }],
      select: { metric: 'lyapunov.largest', goal: 'min' },
      ...changes
    }),
    `${name}.json`
  )

describe('a study judged by an exponent', () => {
  test('has the exponents of every rate in its tables and in the runs, and the lowest wins', async () => {
    const { status, stdout, stderr } = await studied(spec('rates'), ...here)
    expect([status, stderr]).toEqual([0, expect.stringContaining('judged by lyapunov.largest, lowest of the analysis; training')])
    expect(stderr).toMatch(/rates-0001-0: lyapunov made/)
    expect(stderr).toMatch(/rates-0001-0: done after step 5, lyapunov\.largest −?-?0\.51/)
    expect(stdout).toMatch(/best: cell 1 \(learningRate 0\.2\)/)
    const results = csv(join(workspace, 'studies', 'rates', 'results.csv'))
    const summary = csv(join(workspace, 'studies', 'rates', 'summary.csv'))
    for (const [k, rate] of [0.1, 0.2, 0.3].entries()) {
      const [largest, second] = exponents(rate)
      const run = `rates-000${k}-0`
      expect(analysesOf(run)).toEqual(['lyapunov-5'])
      const { figures } = json<{ figures: Record<string, number> }>(join(workspace, 'runs', run, 'analyses', 'lyapunov-5', 'manifest.json'))
      expect(figures.largest).toBeCloseTo(largest, 10)
      expect(results[k]).toMatchObject({
        run,
        metric: 'lyapunov.largest',
        at: 'last',
        on: 'training',
        value: String(figures.largest),
        step: '5',
        'lyapunov.largest': String(figures.largest),
        'lyapunov.twoOverEta': String(figures.twoOverEta)
      })
      expect(Number(results[k]['lyapunov.sum'])).toBeCloseTo(largest + second, 10)
      expect(Number(results[k]['lyapunov.sharpness'])).toBeCloseTo(6, 9)
      expect(Number(results[k]['lyapunov.twoOverEta'])).toBeCloseTo(2 / rate, 12)
      expect([summary[k].mean, summary[k]['lyapunov.largest'], summary[k]['lyapunov.largest.std']]).toEqual([
        String(figures.largest),
        String(figures.largest),
        ''
      ])
    }
    // The same call again makes nothing twice.
    const again = await studied(join(folder, 'rates.json'), ...here)
    expect([again.status, again.stderr]).toEqual([0, expect.not.stringContaining('made')])
    expect(analysesOf('rates-0000-0')).toEqual(['lyapunov-5'])
  })

  test('is made by several processes at once, of the start as well', async () => {
    const file = spec('several', { analyse: [{ kind: 'lyapunov', at: 'start', options: { steps: 20, exponents: 1 } }] })
    expect((await studied(file, ...here, '--jobs', '2')).status).toBe(0)
    const results = csv(join(workspace, 'studies', 'several', 'results.csv'))
    expect(results.map((row) => row.step)).toEqual(['0', '0', '0'])
    // A quadratic's exponents are the same from everywhere; the first axis is that of the smaller curvature.
    for (const [k, rate] of [0.1, 0.2, 0.3].entries()) {
      expect(analysesOf(`several-000${k}-0`)).toEqual(['lyapunov-0'])
      expect(Number(results[k].value)).toBeCloseTo(Math.log(Math.abs(1 - 2 * rate)), 10)
    }
  })

  test('goes on with an analysis that was interrupted', { timeout: 120_000 }, async () => {
    const file = spec('long', {
      axes: [{ path: 'optimizer.learningRate', values: [0.1] }],
      seeds: 2,
      analyse: [{ kind: 'lyapunov', options: { steps: 150_000 } }]
    })
    const begun = study(file, ...here)
    const status = join(workspace, 'runs', 'long-0000-0', 'status.json')
    await expect.poll(() => existsSync(status) && /"state": "done"/.test(readFileSync(status, 'utf8')), { timeout: 60_000 }).toBe(true)
    begun.kill('SIGINT')
    const ended = await begun.ended
    expect([ended.status, ended.stderr]).toEqual([130, expect.stringContaining('the same command goes on')])
    expect(analysesOf('long-0000-0').filter((name) => name.startsWith('lyapunov'))).toEqual([])
    expect((await studied('show', 'long', ...here)).stdout).toContain('1 analysis of runs that came to their end is still to be made')
    const again = await studied(file, ...here)
    expect(again.status).toBe(0)
    expect(analysesOf('long-0000-0')).toEqual(['lyapunov-5'])
    expect(analysesOf('long-0000-1')).toEqual(['lyapunov-5'])
  })
})

describe('what cannot be made', () => {
  test('is refused before anything runs where the spec says so', async () => {
    const file = spec('layers', { analyse: [{ kind: 'depth' }], select: { metric: 'depth.largest', goal: 'min' } })
    const { status, stderr } = await studied(file, ...here)
    expect([status, stderr]).toEqual([2, expect.stringMatching(/depth: it looks through the layers of a net: a function has none/)])
  })

  test('is said in one sentence and ends with 1, also when the study is called again; the others are made', async () => {
    // Finite for the run's five steps, and not for fifty more.
    const file = spec('steep', { axes: [{ path: 'optimizer.learningRate', values: [0.1, 1e6] }] })
    for (const call of [1, 2]) {
      const { status, stderr } = await studied(file, ...here)
      expect([call, status, stderr]).toEqual([
        call,
        1,
        expect.stringMatching(/^an analysis could not be made, such as of steep-0001-0: .+$/m)
      ])
    }
    expect([analysesOf('steep-0000-0'), analysesOf('steep-0001-0')]).toEqual([['lyapunov-5'], []])
  })
})
