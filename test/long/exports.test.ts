// What runs are exported as, read by the programs it is for: TensorBoard's own loader, Jupyter, matplotlib. Needs a Python with them: SADDLESCOPE_PYTHON.
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { histogramBins, type HistogramLine } from '../../src/shared/run/schema'
import { metricsOf, smallSpec, writeSpec } from '../integration/cli/saddlescope'

const program = join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js')
const scripts = join(import.meta.dirname, '..', 'reference', 'exports')
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-exports-'))
const workspace = join(folder, 'workspace')
const candidates = [process.env['SADDLESCOPE_PYTHON'], 'python3'].filter((name) => name !== undefined)
/** The first Python that has these modules; undefined where none has. */
const pythonWith = (modules: string) => candidates.find((name) => spawnSync(name, ['-c', `import ${modules}`]).status === 0)
const run = promisify(execFile)
const saddlescope = (...args: string[]) => run(process.execPath, [program, ...args, '--workspace', workspace], { maxBuffer: 64e6 })
const runs = ['first', 'second']

beforeAll(async () => {
  const evaluate = { everySteps: 7, histograms: true }
  for (const [k, id] of runs.entries()) {
    const spec = smallSpec({ name: `_run $${k}_1`, seed: k + 1, evaluate })
    await saddlescope('run', writeSpec(folder, spec, `${id}.json`), '--id', id)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Loaded {
  readonly scalars: Readonly<Record<string, [step: number, value: number, wallTime: number][]>>
  readonly histograms: Readonly<Record<string, [step: number, count: number, min: number, max: number, counts: number[]][]>>
}

const tensorboard = pythonWith('tensorboard')
test.skipIf(!tensorboard)("TensorBoard's own loader reads every loss, accuracy and histogram of both runs", async () => {
  const out = join(folder, 'events')
  await saddlescope('export', ...runs, '--format', 'tensorboard', '--out', out)
  const { stdout } = await run(tensorboard ?? '', [join(scripts, 'read_tensorboard.py'), out], { maxBuffer: 64e6 })
  const loaded = JSON.parse(stdout) as Record<string, Loaded>
  expect(Object.keys(loaded)).toEqual(runs)
  for (const id of runs) {
    const { scalars, histograms } = loaded[id]
    const lines = metricsOf(join(workspace, 'runs', id)) as Record<string, number>[]
    for (const tag of ['loss', 'gradNorm', 'stepNorm', 'lambdaMax', 'lambdaMin'])
      expect(scalars[tag].map(([step, value]) => [step, value])).toEqual(lines.map((line) => [line.step, Math.fround(line[tag])]))
    const evaluated = lines.filter((line) => line.testLoss !== undefined)
    // The start's evaluation stands at step 0.
    expect(scalars.testLoss.map(([step, value]) => [step, value]).slice(1)).toEqual(
      evaluated.map((line) => [line.step, Math.fround(line.testLoss)])
    )
    expect(scalars.testLoss[0][0]).toBe(0)
    const times = scalars.loss.map(([, , time]) => time)
    expect([...times].sort((a, b) => a - b)).toEqual(times)
    const kept = readFileSync(join(workspace, 'runs', id, 'histograms.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as HistogramLine)
    for (const [k, { step, layers }] of kept.entries()) {
      const [at, count, min, max, counts] = histograms['weights/W1'][k]
      const { weights } = layers.W1
      expect([at, count, min, max]).toEqual([step, weights.count, weights.min, weights.max])
      // The loader may put an empty bin in front.
      expect(counts.slice(-histogramBins)).toEqual(weights.counts)
    }
  }
})

const jupyter = pythonWith('nbclient, nbformat, ipykernel, matplotlib, numpy')
test.skipIf(!jupyter)('the notebook runs from its first cell to its last and draws loss, spectrum and a waterfall a run', async () => {
  const out = join(folder, 'notebook')
  await saddlescope('export', ...runs, '--format', 'notebook', '--out', out)
  const { stdout } = await run(jupyter ?? '', [join(scripts, 'run_notebook.py'), join(out, 'notebook.ipynb')], { maxBuffer: 64e6 })
  expect(JSON.parse(stdout)).toEqual([0, 1, 1, 2])
})

const matplotlib = pythonWith('matplotlib, numpy')
test.skipIf(!matplotlib)('the script writes its pictures', async () => {
  const out = join(folder, 'script')
  await saddlescope('export', ...runs, '--format', 'matplotlib', '--out', out)
  await run(matplotlib ?? '', [join(out, 'figures.py')], { env: { ...process.env, MPLBACKEND: 'Agg' } })
  for (const name of ['loss', 'spectrum', 'waterfall-first', 'waterfall-second'])
    for (const ending of ['pdf', 'svg']) {
      const path = join(out, `${name}.${ending}`)
      expect(existsSync(path) && statSync(path).size).toBeGreaterThan(3000)
    }
})
