// What stands in for a Hessian larger than memory: its spectral density with error bars and its extreme eigenpairs, from products alone, as .npy files with their checks.
import { join } from 'node:path'
import { densityOf } from '../engine/analyses/density'
import { orient, residualOf, roundingLimit } from '../engine/analyses/eigenpairs'
import { extremeEigenpairs } from '../engine/curvature/lanczos'
import { requireBytes } from '../engine/curvature/memory'
import type { BackendInfo, Linalg, Matrix } from '../engine/linalg'
import { rowOf } from '../engine/linalg/matrix'
import { dot } from '../engine/linalg/vectors'
import { randomStream } from '../engine/random'
import { analysisKinds } from '../shared/analyses/kinds'
import type { RunSpec } from '../shared/spec/schema'
import { finishFile, streamArray, translating, writeJson, type ArraySource, type Workspace } from '../store'
import { openFirstBatch, type Place } from './first-batch'

export interface HessianDensityRequest {
  readonly spec: RunSpec
  /** Folder for the files, made where it is missing. */
  readonly out: string
  readonly at?: Place
  readonly signal: AbortSignal
  readonly onNote?: (sentence: string) => void
  readonly onProgress: (fraction: number, phase: string) => void
}

export interface HessianDensityReport {
  readonly P: number
  readonly loss: number
  readonly backend: BackendInfo
  readonly options: Readonly<Record<string, unknown>>
  readonly figures: Readonly<Record<string, number | null>>
  readonly checks: Readonly<Record<string, { readonly value: number | null; readonly limit: number; readonly ok: boolean }>>
  readonly notes: readonly string[]
  readonly seconds: { readonly density: number; readonly extremes: number }
  readonly files: readonly string[]
}

/** Extreme pairs at each end. */
const atEachEnd = 8
/** The largest Krylov basis: it is one array, and no array reaches 2 GiB in Electron. */
const mostBasisBytes = 1.9e9

/** max |VVᵀ − I| over the rows of V. */
function orthogonality(vectors: Matrix): number {
  let worst = 0
  for (let i = 0; i < vectors.rows; i++)
    for (let j = 0; j <= i; j++) worst = Math.max(worst, Math.abs(dot(rowOf(vectors, i), rowOf(vectors, j)) - (i === j ? 1 : 0)))
  return worst
}

/** Columns in place of rows, some rows of the result at a time. */
function* turned({ data, rows, columns }: Matrix): Generator<Float64Array> {
  for (let i = 0; i < columns; i++) yield Float64Array.from({ length: rows }, (_, k) => data[k * columns + i])
}

/** Throws SpecFault, LinalgError (`out-of-memory` before anything is made) or StorageError. */
export async function computeHessianDensity(
  workspace: Workspace,
  linalg: Linalg,
  { spec, out, at, signal, onNote, onProgress }: HessianDensityRequest
): Promise<HessianDensityReport> {
  const { fileSystem } = workspace
  const files: string[] = []
  const write = async (name: string, source: ArraySource) => {
    await streamArray(fileSystem, join(out, name), source, 'float64')
    await finishFile(fileSystem, join(out, name))
    files.push(name)
  }
  onProgress(0, 'reading data')
  const { objective, parameters, problem } = await openFirstBatch(workspace, linalg, spec, { at, signal, onNote })
  try {
    const size = objective.parameterCount
    const wanted = Math.min(size, 2 * atEachEnd)
    const maxSteps = Math.min(size, 20 * wanted + 200, Math.max(2 * wanted, Math.floor(mostBasisBytes / (8 * size))))
    requireBytes(`a Lanczos basis of ${maxSteps} vectors of ${size} weights`, 8 * maxSteps * size, mostBasisBytes)
    await translating(`write ${out}`, () => fileSystem.makeFolder(out))
    const gradient = new Float64Array(size)
    const loss = await objective.gradient(parameters, gradient, { signal })
    await write('gradient.npy', { shape: [size], pieces: [gradient] })

    const { data: _, ...options } = analysisKinds.density.options.parse({})
    const product = await objective.products(parameters, 'hessian', { signal })
    let began = performance.now()
    const half = (from: number) => (fraction: number, phase: string) => onProgress(from + fraction / 2, phase)
    const density = await densityOf(linalg, product, size, options, { signal, onProgress: half(0) })
    const densitySeconds = (performance.now() - began) / 1000
    for (const [name, array] of Object.entries(density.arrays))
      if ('data' in array)
        await write(name === 'density' ? 'density.npy' : `density.${name}.npy`, { shape: array.shape, pieces: [array.data] })

    began = performance.now()
    const smallest = Math.ceil(wanted / 2)
    const extreme = await extremeEigenpairs(linalg, product, size, {
      random: randomStream(0, 'extremes'),
      smallest,
      largest: wanted - smallest,
      maxSteps,
      signal,
      onProgress: (fraction) => half(0.5)(fraction, 'Lanczos')
    })
    const { values, vectors, residuals, steps } = extreme
    orient(vectors)
    const scale = Math.max(...values.map(Math.abs))
    const residual = await residualOf({ objective, parameters }, values, vectors, scale, signal)
    const extremeSeconds = (performance.now() - began) / 1000
    await write('eigenvalues.extreme.npy', { shape: [wanted], pieces: [values] })
    await write('residuals.extreme.npy', { shape: [wanted], pieces: [residuals] })
    await write('eigenvectors.extreme.npy', { shape: [size, wanted], pieces: turned(vectors) })

    const judged = {
      ...density.checks,
      residual: { value: residual, limit: 1e-8 },
      orthogonality: { value: orthogonality(vectors), limit: roundingLimit(size) }
    }
    const report: HessianDensityReport = {
      P: size,
      loss,
      backend: linalg.info,
      options: { ...options, smallest, largest: wanted - smallest },
      figures: { ...density.figures, lambdaMin: values[0], lambdaMax: values[wanted - 1], lanczosSteps: steps },
      checks: Object.fromEntries(
        Object.entries(judged).map(([name, { value, limit }]) => [name, { value, limit, ok: value !== null && value <= limit }])
      ),
      notes: [...density.notes, 'Of an eigenvalue with several eigenvectors the extreme pairs show one.'],
      seconds: { density: densitySeconds, extremes: extremeSeconds },
      files: [...files, 'density.json']
    }
    await writeJson(fileSystem, join(out, 'density.json'), report)
    return report
  } finally {
    problem.dispose()
  }
}
