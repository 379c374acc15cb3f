// Analyses of every kind that has a picture of its own, written into a run's folder as the workbench writes them: small, from formulas, so that what is drawn is known.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatNpyHeader } from '../../src/shared/npy'

interface Made {
  readonly kind: string
  readonly name: string
  readonly options: Record<string, unknown>
  readonly arrays: Record<string, { readonly shape: readonly number[]; readonly data: readonly number[] }>
  readonly figures?: Record<string, number | null>
  readonly checks?: Record<string, { value: number | null; limit: number; ok: boolean }>
  readonly notes?: readonly string[]
}

export function writeAnalysis(runFolder: string, { kind, name, options, arrays, figures = {}, checks = {}, notes = [] }: Made): string {
  const folder = join(runFolder, 'analyses', name)
  mkdirSync(folder, { recursive: true })
  const files: { name: string; bytes: number; sha256: string }[] = []
  const described: Record<string, unknown> = {}
  for (const [array, { shape, data }] of Object.entries(arrays)) {
    const bytes = Buffer.concat([formatNpyHeader('f8', [...shape]), new Uint8Array(Float64Array.from(data).buffer)])
    writeFileSync(join(folder, `${array}.npy`), bytes)
    files.push({ name: `${array}.npy`, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
    described[array] = { file: `${array}.npy`, shape, meaning: `what ${array} means`, unit: array === 't' ? null : 'of the loss' }
  }
  const manifest = {
    schemaVersion: 1,
    kind,
    run: null,
    step: Number(/-(\d+)/.exec(name)?.[1] ?? 0),
    options,
    seconds: 1.25,
    backend: { kind: 'wasm', description: 'WebAssembly', threads: 2 },
    versions: { saddlescope: '0.0.0' },
    figures,
    arrays: described,
    checks,
    notes,
    createdAt: '2026-03-04T05:06:07.000Z',
    files
  }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return folder
}

const line = (count: number, from: number, to: number) => Array.from({ length: count }, (_, i) => from + (i / (count - 1)) * (to - from))

/** f(w + tq) = Σ aₙ tⁿ of three directions: a trough, a saddle direction, a fold. */
export const landau = {
  coefficients: [
    [1.5, 0, 1, 0, 0.25, 0, 0.01],
    [1.5, 0, -0.5, 0, 0.125, 0, 0.02],
    [1.5, 0, 0.01, 0.75, 0.5, 0.1, 0.05]
  ],
  eigenvalues: [2, -1, 0.02],
  indices: [63, 0, 20],
  class: [0, 1, 2],
  radii: [
    [0.5, 1.1, 1.6],
    [0.4, 0.9, 1.7],
    [0.02, 0.8, 1.2]
  ],
  t: line(81, -2, 2)
}
export const landauLoss = (direction: number, t: number) =>
  landau.coefficients[direction].reduce((sum, a, n) => sum + a * t ** n, 0) + 0.002 * t ** 8

export const epsilons = Array.from({ length: 33 }, (_, i) => 10 ** (-7 + i / 4))
/** Directions 0…3 eigenvectors, 4…6 random ones. */
export const kappa = (direction: number, epsilon: number) =>
  direction < 4 ? (direction + 1) * (1 - epsilon / 3) : 0.05 * (direction - 2) + 0.01 * Math.log10(epsilon)

export const plane = {
  size: 41,
  u: line(41, -1, 1),
  v: line(41, -2, 2),
  steps: [0, 2, 4, 6],
  path: [
    [0.8, -1.5],
    [0.5, -0.7],
    [0.2, -0.2],
    [0, 0]
  ]
}
export const planeLoss = (u: number, v: number) => 0.4 + u * u + 0.3 * v * v + 0.2 * u * v

/** Every kind with its own picture, and one that no version knows, for a run of `parameterCount` weights. */
export function writeAnalyses(runFolder: string, parameterCount: number): void {
  const { coefficients, eigenvalues, indices, radii, t } = landau
  const directions = 3
  writeAnalysis(runFolder, {
    kind: 'landau',
    name: 'landau-6',
    options: { vectors: 3, order: 6, coupling: 3, data: 'batch' },
    figures: { troughs: 1, saddles: 1, folds: 1, pitchforks: 0, largestOdd: 0.75 },
    checks: { quadratic: { value: 3e-13, limit: 1e-9, ok: true }, loss: { value: 2e-6, limit: 1e-7, ok: false } },
    notes: ['On the batch of step 7.'],
    arrays: {
      eigenvalues: { shape: [3], data: eigenvalues },
      indices: { shape: [3], data: indices },
      coefficients: { shape: [3, 7], data: coefficients.flat() },
      errors: { shape: [3, 7], data: coefficients.flat().map((a) => 1e-12 * (1 + Math.abs(a))) },
      radii: { shape: [3, 3], data: radii.flat() },
      class: { shape: [3], data: landau.class },
      t: { shape: [t.length], data: t },
      loss: { shape: [3, t.length], data: Array.from({ length: directions }, (_, k) => t.map((x) => landauLoss(k, x))).flat() },
      coupled: { shape: [3], data: indices },
      t3: { shape: [3, 3, 3], data: Array.from({ length: 27 }, (_, i) => Math.sin(i)) },
      t4: { shape: [3, 3, 3, 3], data: Array.from({ length: 81 }, (_, i) => Math.cos(i)) }
    }
  })
  writeAnalysis(runFolder, {
    kind: 'scales',
    name: 'scales-6',
    options: { directions: 'both', count: 4, from: 1e-7, to: 10, perDecade: 4 },
    figures: { signChanges: 3 },
    arrays: {
      epsilon: { shape: [33], data: epsilons },
      curvature: { shape: [7, 33], data: Array.from({ length: 7 }, (_, d) => epsilons.map((e) => kappa(d, e))).flat() },
      errors: { shape: [7, 33], data: Array.from({ length: 7 }, () => epsilons.map((e) => 1e-17 / e ** 2)).flat() },
      kind: { shape: [7], data: [0, 0, 0, 0, 1, 1, 1] },
      limits: { shape: [7], data: Array.from({ length: 7 }, (_, d) => kappa(d, 1e-7)) },
      control: {
        shape: [3, 33],
        data: [epsilons.map(() => 1), epsilons.map((e) => e ** -0.5), epsilons.map((e) => 2 + Math.sin(3 * Math.log(e)))].flat()
      },
      directions: { shape: [7, 1], data: [1, 2, 3, 4, 5, 6, 7] }
    }
  })
  const loss = plane.v.flatMap((v) => plane.u.map((u) => planeLoss(u, v)))
  const axis = (which: number) => Array.from({ length: parameterCount }, (_, i) => (i % 2 === which ? Math.sqrt(2 / parameterCount) : 0))
  writeAnalysis(runFolder, {
    kind: 'landscape',
    name: 'landscape-6',
    options: { plane: 'trajectory', size: 41, extent: null, data: 'batch' },
    figures: { centerLoss: 0.4, shareU: 0.8125, shareV: 0.125 },
    checks: { centre: { value: 0, limit: 1e-12, ok: true } },
    arrays: {
      loss: { shape: [41, 41], data: loss },
      u: { shape: [41], data: plane.u },
      v: { shape: [41], data: plane.v },
      path: { shape: [4, 2], data: plane.path.flat() },
      pathSteps: { shape: [4], data: plane.steps },
      pathLoss: { shape: [4], data: plane.path.map(([u, v]) => planeLoss(u, v) + 0.05) },
      axes: { shape: [2, parameterCount], data: [...axis(0), ...axis(1)] },
      center: { shape: [parameterCount], data: Array.from({ length: parameterCount }, (_, i) => 0.01 * Math.sin(i)) }
    }
  })
  const steps = [0, 2, 4, 6]
  writeAnalysis(runFolder, {
    kind: 'overlap',
    name: 'overlap-6',
    options: { vectors: 3, against: 'previous' },
    arrays: {
      steps: { shape: [4], data: steps },
      overlap: { shape: [4, 4], data: steps.flatMap((_, a) => steps.map((__, b) => Math.exp(-Math.abs(a - b) / 2))) },
      ipr: { shape: [4, 3], data: steps.flatMap((_, s) => [0.2 / (s + 1), 0.1, 0.05 * (s + 1)]) },
      iprByLayer: { shape: [4, 2], data: steps.flatMap((_, s) => [0.4 + 0.1 * s, 0.6 - 0.1 * s]) },
      eigenvalues: { shape: [4, 3], data: steps.flatMap((_, s) => [3 + s, 2, 1 - s]) }
    }
  })
  const kernel = Array.from({ length: 30 }, (_, i) => 50 * 0.7 ** i)
  writeAnalysis(runFolder, {
    kind: 'ntk',
    name: 'ntk-6',
    options: { samples: 30 },
    figures: { trace: kernel.reduce((a, b) => a + b), conditionNumber: kernel[0] / kernel[29], rank: 30 },
    arrays: { eigenvalues: { shape: [30], data: kernel }, ggn: { shape: [30], data: kernel.map((value) => value * (1 + 1e-13)) } }
  })
  const grid = line(101, -2, 6)
  const bell = grid.map((x) => Math.exp(-((x - 1) ** 2)) / Math.sqrt(Math.PI))
  writeAnalysis(runFolder, {
    kind: 'density',
    name: 'density-6',
    options: { probes: 8, vectors: 40 },
    arrays: {
      grid: { shape: [101], data: grid },
      density: { shape: [101], data: bell },
      error: { shape: [101], data: bell.map((value) => 0.08 * value + 0.01) }
    }
  })
  writeAnalysis(runFolder, {
    kind: 'sharpness',
    name: 'sharpness-6',
    options: { data: 'batch' },
    figures: { lambda: 3.5, gap: 0.25, gradientNorm: 12, progressive: -0.5 },
    arrays: {
      gradient: { shape: [parameterCount], data: Array.from({ length: parameterCount }, (_, i) => Math.sin(i * i) / (1 + (i % 7))) }
    }
  })
  writeAnalysis(runFolder, {
    kind: 'of-tomorrow',
    name: 'of-tomorrow-6',
    options: { colour: 'blue' },
    figures: { answer: 42 },
    arrays: {
      curve: { shape: [50], data: Array.from({ length: 50 }, (_, i) => Math.sin(i / 5)) },
      table: { shape: [6, 9], data: Array.from({ length: 54 }, (_, i) => i - 27) },
      cube: { shape: [2, 3, 4], data: Array.from({ length: 24 }, (_, i) => i) }
    }
  })
}
