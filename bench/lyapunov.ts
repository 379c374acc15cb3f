// All Lyapunov exponents of 1,000 steps of gradient descent on the net of sfn-mnist10 with 100 samples, beside the plain way: P Hessian-vector products and a Householder QR a step.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lyapunov } from '../src/engine/analyses/lyapunov'
import { stepper } from '../src/engine/analyses/lyapunov/follow'
import type { AnalysisSource } from '../src/engine/analyses'
import { matrix, openLinalg, type Linalg } from '../src/engine/linalg'
import { drawParameters } from '../src/engine/nn/parameters'
import { randomStream } from '../src/engine/random'
import { initialState, networkOf, openProblem, stepParts, type StepParts, type TrainingState } from '../src/engine/training'
import { analysisKinds } from '../src/shared/analyses/kinds'
import { presets } from '../src/shared/spec/presets'
import { networkSpecSchema, type NetworkSpec } from '../src/shared/spec/schema'
import { readWorkspace } from '../src/store'
import { openDataset, prepareData } from '../src/store/datasets'
import type { Bench, BenchOptions, Row } from './bench'

const steps = 1000
/** Of the plain way; a step of it takes as long as any other. */
const plainSteps = 10

function specOf(): NetworkSpec {
  const preset = presets.find(({ name }) => name === 'sfn-mnist10')
  const spec = networkSpecSchema.parse(preset?.specs[0])
  const optimizer = { kind: 'gd', learningRate: 0.5, layerRates: null } as const
  return { ...spec, data: { ...spec.data, trainLimit: 100 }, optimizer, snapshots: { ...spec.snapshots, everySteps: null } }
}

async function sourceOf(
  linalg: Linalg,
  folder: string
): Promise<AnalysisSource & { readonly parts: StepParts; readonly state: TrainingState }> {
  const spec = specOf()
  const data = await prepareData(await openDataset(readWorkspace(folder), spec.data.dataset), spec.data, { seed: spec.seed, linalg })
  const { init } = spec.model
  if (init.kind !== 'fan-in-normal') throw new Error(`the preset starts otherwise: ${init.kind}`)
  const parameters = drawParameters(networkOf(spec, data), init, randomStream(spec.seed, 'init'))
  const parts = await stepParts(linalg, spec, openProblem({ linalg }, spec, data))
  const state = initialState(spec, parameters)
  return {
    parts,
    state,
    run: null,
    step: 0,
    spec,
    linalg,
    steps: [0],
    checkpoints: [0],
    point: () => Promise.reject(new Error('no point is asked for')),
    parametersAt: async () => parameters.slice(),
    training: async () => ({ parts, state }),
    recordedLoss: async () => null,
    storedSpectrum: async () => null
    // All that this kind asks of a source.
  } as unknown as AnalysisSource & { readonly parts: StepParts; readonly state: TrainingState }
}

/** Σ ln R_ii of the first steps, by products and a QR factorization a step. */
async function plainly(linalg: Linalg, parts: StepParts, start: TrainingState, signal: AbortSignal): Promise<number> {
  const step = stepper(parts, signal)
  const size = start.parameters.length
  let state = start
  let rows = matrix(size, size)
  for (let i = 0; i < size; i++) rows.data[i * (size + 1)] = 1
  let sum = 0
  for (let n = 0; n < plainSteps; n++) {
    const { objective, before, after, learningRate } = await step(state)
    const products = await (await objective.products(before.parameters, 'hessian', { signal }))(rows, { signal })
    const columns = matrix(size, size)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) columns.data[j * size + i] = rows.data[i * size + j] - learningRate * products.data[i * size + j]
    const { q, r, release } = await linalg.qr(columns, { signal })
    rows = matrix(size, size)
    for (let i = 0; i < size; i++) {
      sum += Math.log(r.data[r.offset + i * (r.stride + 1)])
      for (let j = 0; j < size; j++) rows.data[j * size + i] = q.data[q.offset + i * q.stride + j]
    }
    release()
    state = after
  }
  return sum / plainSteps
}

async function ofBackend(backend: 'wasm' | 'lapack', folder: string, { signal: asked, report }: BenchOptions): Promise<Row[]> {
  const linalg = await openLinalg({ backend })
  const signal = asked ?? new AbortController().signal
  try {
    const source = await sourceOf(linalg, folder)
    const rows: Row[] = []
    const measure = async (
      way: string,
      count: number,
      work: () => Promise<{ readonly sum: number | null; readonly largest: number | null }>
    ) => {
      const began = performance.now()
      const { sum, largest } = await work()
      const seconds = (performance.now() - began) / 1000
      const common = { backend, way, P: source.state.parameters.length, steps: count, seconds }
      const row = { ...common, msAStep: (1000 * seconds) / count, secondsOf1000: (1000 * seconds) / count, sum, largest }
      rows.push(row)
      report(row)
    }
    const follow = (options: Record<string, unknown>) => async () => {
      const { figures } = await lyapunov.work(source, analysisKinds.lyapunov.options.parse(options), {
        signal,
        onProgress: () => undefined
      })
      return { sum: figures.sum, largest: figures.largest }
    }
    await measure('this analysis', steps, follow({ steps }))
    await measure('this analysis', plainSteps, follow({ steps: plainSteps }))
    await measure('products, QR a step', plainSteps, async () => ({
      sum: await plainly(linalg, source.parts, source.state, signal),
      largest: null
    }))
    source.parts.problem.dispose()
    return rows
  } finally {
    await linalg.dispose()
  }
}

export const lyapunovBench: Bench = {
  describe:
    'all 565 Lyapunov exponents of 1,000 steps of gradient descent, and of 10 beside Hessian-vector products and a QR factorization a step',
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), 'saddlescope-bench-'))
    try {
      const rows: Row[] = []
      for (const backend of ['lapack', 'wasm'] as const)
        try {
          rows.push(...(await ofBackend(backend, folder, options)))
        } catch (error) {
          options.signal?.throwIfAborted()
          options.note(`${backend}: ${error instanceof Error ? error.message : String(error)}`)
        }
      return rows
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
