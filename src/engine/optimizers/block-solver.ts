// Applies a damped inverse of one curvature block to the gradient: by Cholesky where that is exactly the damping rule's result, on the tridiagonal form of large ones, by eigendecomposition otherwise (docs/numerics-curvature.md).
import { LinalgError, type CallOptions, type Linalg, type Matrix, type SymmetricEigen } from '../linalg'
import { column } from '../linalg/matrix'
import { createPacer } from '../linalg/pacer'
import { tridiagonalFrom } from '../../shared/spec/optimizers'
import type { CurvatureBlock } from '../objective'
import { dot, norm, scaled } from '../linalg/vectors'
import { dampedInverse, hasPole, zerosOnPole } from './damped-inverse'
import type { DampingKind, SolvePath } from './interface'
import { tridiagonalSolver, type TridiagonalSolver } from './tridiagonal-solver'

export interface BlockSolution {
  /** x, in the order of the block's parameters. */
  readonly direction: Float64Array
  /** xᵀ H x. */
  readonly curvature: number
  readonly path: SolvePath
}

export interface BlockSolver {
  /** The block's damped inverse times the gradient, for any number of dampings. */
  solve(damping: number): Promise<BlockSolution>
  /** All eigenvalues (of all units). Call last: it may use the block's memory up. */
  eigenvalues(): Promise<Float64Array>
  /** Gives the decomposition's memory back. */
  release(): void
}

export interface SolverOptions extends CallOptions {
  readonly rule: DampingKind
  /** True when many dampings will be asked for: decompose at once. */
  readonly decompose?: boolean
  /** Matrices with so many rows and more are brought to tridiagonal form only, where no eigenvalue lies on a pole of the rule. */
  readonly tridiagonalFrom?: number
  readonly onPhase?: (phase: string) => void
  /** Adds to the seconds of a phase. */
  readonly spend?: (phase: 'decomposition' | 'solve', seconds: number) => void
  /** Memory of at least `length` numbers, kept between steps; null when there is not enough. */
  readonly scratch: (length: number) => Float64Array | null
}

interface UnitSolver {
  solve(damping: number): Promise<BlockSolution>
  eigenvalues(): Promise<Float64Array>
  release(): void
}

function addToDiagonal(data: Float64Array, size: number, shift: number): void {
  for (let i = 0; i < size; i++) data[i * size + i] += shift
}

/** Copies in pieces of some milliseconds: a whole Hessian at once would keep the process from hearing "stop". */
async function copySlowly(from: Float64Array, to: Float64Array, signal?: AbortSignal): Promise<void> {
  const pace = createPacer(signal)
  const piece = 1 << 21
  for (let start = 0; start < from.length; start += piece) {
    const pause = pace()
    if (pause) await pause
    to.set(from.subarray(start, start + piece), start)
  }
}

/** A positive definite matrix has no diagonal entry ≤ 0: a cheap look before a factorization is tried. */
function diagonalAllows(a: Matrix, shift: number): boolean {
  for (let i = 0; i < a.rows; i++) if (!(a.data[a.offset + i * (a.stride + 1)] + shift > 0)) return false
  return true
}

/** At most ‖A‖, and near it where one eigenvalue is far larger than most: five steps of power iteration from g. */
async function normBelow(linalg: Linalg, a: Matrix, g: Float64Array, signal?: AbortSignal): Promise<number> {
  let x = g
  let found = norm(g)
  for (let step = 0; step < 5 && found > 0; step++) {
    const image = new Float64Array(g.length)
    await linalg.symv(a, scaled(1 / found, x), image, { signal })
    x = image
    found = norm(image)
  }
  return found
}

/** One symmetric matrix and its right-hand side. */
function unitSolver(
  linalg: Linalg,
  a: Matrix,
  g: Float64Array,
  semidefinite: boolean,
  mayOverwrite: boolean,
  options: SolverOptions
): UnitSolver {
  const { rule, signal, onProgress, spend } = options
  const size = a.rows
  let eigen: { readonly decomposition: SymmetricEigen; readonly coefficients: Float64Array } | null = null
  let reduced: TridiagonalSolver | null = null

  const timed = async <Result>(phase: 'decomposition' | 'solve', work: () => Promise<Result>): Promise<Result> => {
    const began = performance.now()
    try {
      return await work()
    } finally {
      spend?.(phase, (performance.now() - began) / 1000)
    }
  }
  /** Factor of A + shift·I, or null when that is not positive definite. */
  const factor = async (shift: number): Promise<Matrix | null> => {
    if (!diagonalAllows(a, shift)) return null
    options.onPhase?.('Cholesky factorization')
    const work = options.scratch(size * size)
    if (work === null) return null
    const data = work.subarray(0, size * size)
    await copySlowly(a.data.subarray(a.offset, a.offset + size * size), data, signal)
    addToDiagonal(data, size, shift)
    const lower: Matrix = { data, rows: size, columns: size, offset: 0, stride: size }
    const { positiveDefinite } = await timed('decomposition', () => linalg.choleskyInPlace(lower, { signal, onProgress }))
    return positiveDefinite ? lower : null
  }
  /** The factor of the matrix whose inverse the rule amounts to, where a factorization proves that it does. */
  const exactFactor = async (damping: number): Promise<{ lower: Matrix; shift: number } | null> => {
    let shift = damping
    if (rule === 'shifted-abs' && !semidefinite && (await factor(0)) === null) return null
    if (rule === 'clamp') {
      if (damping > 0 && (await factor(-damping)) === null) return null
      shift = 0
    }
    const lower = await factor(shift)
    return lower === null ? null : { lower, shift }
  }
  const decompose = async () => {
    if (eigen === null) options.onPhase?.('eigendecomposition')
    eigen ??= await timed('decomposition', async () => {
      const decomposition = await linalg.eigenSymmetric(a, { signal, onProgress, overwrite: mayOverwrite })
      const coefficients = new Float64Array(size)
      try {
        await linalg.gemm(decomposition.vectors, column(g), column(coefficients), { transposeA: 'transpose', signal })
      } catch (error) {
        decomposition.release()
        throw error
      }
      return { decomposition, coefficients }
    })
    return eigen
  }
  /** The tridiagonal form beside the matrix, which eigenvectors may still be wanted of; over it where there is no memory for both. */
  const reduce = async () => {
    if (reduced === null) options.onPhase?.('tridiagonalization')
    reduced ??= await timed('decomposition', async () => {
      const over = (overwrite: boolean) => tridiagonalSolver(linalg, a, g, { signal, onProgress, overwrite })
      try {
        return await over(false)
      } catch (error) {
        if (!mayOverwrite || !(error instanceof LinalgError) || error.code !== 'out-of-memory') throw error
        return over(true)
      }
    })
    return reduced
  }
  return {
    async solve(damping) {
      if (options.decompose !== true && eigen === null && reduced === null) {
        const found = await exactFactor(damping)
        if (found !== null) {
          const direction = g.slice()
          await timed('solve', () => linalg.solveCholeskyInPlace(found.lower, column(direction), { signal }))
          return { direction, curvature: dot(direction, g) - found.shift * dot(direction, direction), path: 'cholesky' }
        }
      }
      const large = eigen === null && size >= (options.tridiagonalFrom ?? tridiagonalFrom)
      // Where zeros lie on the pole a reduction would be made in vain.
      if (large && (reduced !== null || !hasPole(rule) || !zerosOnPole(await normBelow(linalg, a, g, signal), damping))) {
        const form = await reduce()
        if (form.separates(rule, damping)) {
          const solved = await timed('solve', () => form.solve(rule, damping, { signal }))
          return { ...solved, path: 'tridiagonal' }
        }
        if (form.overwrites)
          throw new LinalgError(
            'out-of-memory',
            `an eigenvalue lies on a pole of ${rule} with damping ${damping}: this step needs eigenvectors, for which there is no memory; another damping, shifted-abs or a scope with smaller blocks would do`
          )
        form.release()
        reduced = null
      }
      const { decomposition, coefficients } = await decompose()
      return timed('solve', async () => {
        const weights = coefficients.map((c, i) => c * dampedInverse(rule, decomposition.values[i], damping))
        const direction = new Float64Array(size)
        await linalg.gemm(decomposition.vectors, column(weights), column(direction), { signal })
        const curvature = weights.reduce((sum, weight, i) => sum + decomposition.values[i] * weight * weight, 0)
        return { direction, curvature, path: 'eigen' as const }
      })
    },
    async eigenvalues() {
      if (eigen !== null) return eigen.decomposition.values
      if (reduced !== null) return reduced.values
      options.onPhase?.('eigenvalues')
      return timed('decomposition', () => linalg.eigenvalues(a, { signal, onProgress, overwrite: mayOverwrite }))
    },
    release() {
      eigen?.decomposition.release()
      reduced?.release()
      eigen = null
      reduced = null
    }
  }
}

/** Of a block's units the one that took most. */
const dearer = (one: SolvePath, other: SolvePath): SolvePath =>
  (['eigen', 'tridiagonal'] as const).find((path) => path === one || path === other) ?? 'cholesky'

/** A solver for all units of a block; `gradient` is the whole gradient. The block's memory must stay untouched until `release`. */
export function blockSolver(linalg: Linalg, block: CurvatureBlock, gradient: Float64Array, options: SolverOptions): BlockSolver {
  const { size, units, offset, data, name } = block
  const { onProgress } = options
  let phase = ''
  // Units take turns at the same work: only a change is news.
  const onPhase = (next: string) => {
    if (next === phase) return
    phase = next
    options.onPhase?.(`${next} ${name}`)
  }
  const solvers = Array.from({ length: units }, (_, j) => {
    const a: Matrix = { data, rows: size, columns: size, offset: j * size * size, stride: size }
    const g = Float64Array.from({ length: size }, (__, i) => gradient[offset + i * units + j])
    const progress = onProgress === undefined ? undefined : (fraction: number) => onProgress((j + fraction) / units)
    return unitSolver(linalg, a, g, block.positiveSemidefinite, units === 1, { ...options, onPhase, onProgress: progress })
  })
  return {
    async solve(damping) {
      const direction = new Float64Array(size * units)
      let curvature = 0
      let path: SolvePath = 'cholesky'
      for (const [j, solver] of solvers.entries()) {
        const solution = await solver.solve(damping)
        for (let i = 0; i < size; i++) direction[i * units + j] = solution.direction[i]
        curvature += solution.curvature
        path = dearer(path, solution.path)
      }
      return { direction, curvature, path }
    },
    async eigenvalues() {
      const all = new Float64Array(size * units)
      for (const [j, solver] of solvers.entries()) all.set(await solver.eigenvalues(), j * size)
      return all
    },
    release: () => solvers.forEach((solver) => solver.release())
  }
}
