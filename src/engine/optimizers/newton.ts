// Steps with exact curvature: saddle-free Newton (Dauphin et al. 2014), damped Newton, Levenberg–Marquardt; scopes, damping rules and ways to choose the damping.
import type { Scope } from '../../shared/spec/schema'
import type { CurvatureKind, Objective } from '../problem'
import { blockSolver, type BlockSolution, type BlockSolver } from './block-solver'
import { curvatureMemory, type CurvatureMemory } from './curvature-memory'
import { countFlipped, spectrumFigures } from './figures'
import type { DampingKind, Optimizer, OptimizerFactory, OptimizerState, SpectrumFigures, StepDiagnostics, StepInput } from './interface'
import { cosineToDescent, dot, plusScaled } from './vectors'

interface NewtonOptions {
  readonly scope: Scope
  readonly kind: CurvatureKind
  readonly rule: DampingKind
  readonly adapt: 'none' | 'levenberg' | 'best-of'
  readonly candidates: readonly number[]
}

/** A direction x (the step is −η x) with what the local model says of it. */
interface Trial {
  readonly damping: number
  readonly direction: Float64Array
  readonly update: Float64Array
  readonly predicted: number
  readonly path: Readonly<Record<string, 'cholesky' | 'eigen'>>
}

/** Blocks that give the same update as the scope's own, but cheaper: where outputs do not mix, a layer alone at the end splits by output unit. */
function cheapestScope(scope: Scope, objective: Objective): Scope {
  if (objective.outputsDecouple !== true) return scope
  if (scope === 'layer-blocks' || (scope === 'full' && objective.blocks.length === 1)) return 'unit-blocks'
  return scope
}

/** Cost of a loss in gradients: one product a layer beside the gradient's three. */
const lossCost = 1 / 3

/** Gradients that an assembly is worth by its flops: about N·P_b² a block against 6·N·P for the gradient. */
function assemblyCost(sizes: readonly { readonly size: number; readonly units: number }[], parameterCount: number): number {
  return sizes.reduce((sum, { size, units }) => sum + size * size * units, 0) / (6 * parameterCount)
}

/** Most trials of a Levenberg step before it gives up and stays where it is. */
const levenbergTrials = 12

async function trialAt(solvers: ReadonlyMap<string, readonly [BlockSolver, number]>, damping: number, input: StepInput): Promise<Trial> {
  const direction = new Float64Array(input.parameters.length)
  const path: Record<string, 'cholesky' | 'eigen'> = {}
  let curvature = 0
  for (const [name, [solver, offset]] of solvers) {
    const solution: BlockSolution = await solver.solve(damping)
    direction.set(solution.direction, offset)
    curvature += solution.curvature
    path[name] = solution.path
  }
  const { learningRate, gradient } = input
  const predicted = learningRate * dot(gradient, direction) - (learningRate * learningRate * curvature) / 2
  return { damping, direction, update: direction.map((x) => -learningRate * x), predicted, path }
}

interface Choice {
  readonly trial: Trial
  /** Damping for the next step when it is adapted. */
  readonly nextDamping: number | null
  readonly losses: number
  readonly notes: readonly string[]
}

/** Tries every candidate and keeps the one with the lowest loss after the step (Dauphin et al. 2014). */
async function bestOf(attempt: (damping: number) => Promise<Trial>, candidates: readonly number[], input: StepInput): Promise<Choice> {
  let best: { trial: Trial; loss: number } | null = null
  let first: Trial | null = null
  for (const damping of candidates) {
    const trial = await attempt(damping)
    first ??= trial
    const loss = await input.objective.loss(plusScaled(input.parameters, 1, trial.update), { signal: input.signal })
    if (Number.isFinite(loss) && (best === null || loss < best.loss)) best = { trial, loss }
  }
  const trial = best?.trial ?? first
  if (trial === null) throw new Error('optimizer.damping.candidates: must not be empty')
  return { trial, nextDamping: null, losses: candidates.length, notes: [] }
}

/**
 * Levenberg (1944), Marquardt (1963): a step that does not lower the loss is tried again with 4 δ; after it δ is divided by 3 when the model
 * was good (gain ratio above ¾) and doubled when it was poor (below ¼).
 */
async function levenberg(attempt: (damping: number) => Promise<Trial>, start: number, input: StepInput): Promise<Choice> {
  let damping = start
  for (let tries = 1; ; tries++) {
    const trial = await attempt(damping)
    const loss = await input.objective.loss(plusScaled(input.parameters, 1, trial.update), { signal: input.signal })
    const actual = input.loss - loss
    if (actual > 0) {
      const ratio = actual / trial.predicted
      const nextDamping = ratio > 0.75 ? damping / 3 : ratio < 0.25 ? 2 * damping : damping
      return { trial, nextDamping: Math.max(nextDamping, 1e-15), losses: tries, notes: [] }
    }
    if (tries === levenbergTrials) {
      const still = { ...trial, update: new Float64Array(trial.update.length), predicted: 0 }
      return { trial: still, nextDamping: 4 * damping, losses: tries, notes: [`no damping up to ${damping} lowered the loss: no step`] }
    }
    damping *= 4
  }
}

async function newtonStep(options: NewtonOptions, memory: CurvatureMemory, state: OptimizerState, input: StepInput) {
  const { rule, adapt } = options
  const { linalg, signal, onPhase, onProgress, curvatureObjective, parameters, gradient, wantSpectrum } = input
  const seconds: Record<string, number> = { assembly: 0, decomposition: 0, solve: 0 }
  const scope = cheapestScope(options.scope, curvatureObjective)

  onPhase?.('curvature')
  const began = performance.now()
  const reuse = memory.blocks
  const blocks = await curvatureObjective.curvature(parameters, { scope, kind: options.kind, reuse, signal, onProgress })
  memory.blocks = blocks
  seconds.assembly = (performance.now() - began) / 1000

  // A single layer taken apart by unit is still called by its scope's name.
  const nameOf = (name: string) => (options.scope === 'full' ? 'full' : name)
  const solvers = new Map(
    blocks.map((block) => {
      const solver = blockSolver(linalg, block, gradient, {
        rule,
        decompose: adapt === 'best-of',
        signal,
        onPhase,
        onProgress,
        spend: (phase, spent) => (seconds[phase] += spent),
        scratch: (length) => memory.scratch(linalg, length)
      })
      return [nameOf(block.name), [solver, block.offset] as const] as const
    })
  )
  try {
    const attempt = (damping: number) => trialAt(solvers, damping, input)
    const adapted = state.numbers.damping > 0 ? state.numbers.damping : input.damping
    const choice: Choice =
      adapt === 'best-of'
        ? await bestOf(attempt, options.candidates, input)
        : adapt === 'levenberg'
          ? await levenberg(attempt, adapted, input)
          : { trial: await attempt(input.damping), nextDamping: null, losses: 0, notes: [] }
    const { trial } = choice

    const spectrum: Record<string, SpectrumFigures> = {}
    const flipped: Record<string, number> = {}
    for (const block of blocks) {
      const name = nameOf(block.name)
      const [solver] = solvers.get(name) ?? []
      const rows = block.size * block.units
      if (solver === undefined || (!wantSpectrum && trial.path[name] === 'cholesky')) flipped[name] = 0
      else {
        const values = await solver.eigenvalues()
        flipped[name] = countFlipped(values, rows, rule, trial.damping)
        spectrum[name] = spectrumFigures(values, rows, flipped[name])
      }
    }
    const diagnostics: StepDiagnostics = {
      spectrum,
      flipped,
      path: trial.path,
      predictedDecrease: trial.predicted,
      cosine: cosineToDescent(trial.update, gradient),
      damping: trial.damping,
      seconds,
      extraGradients: assemblyCost(blocks, parameters.length) + choice.losses * lossCost,
      notes: choice.notes
    }
    return { update: trial.update, state: { arrays: {}, numbers: { damping: choice.nextDamping ?? 0 } }, diagnostics }
  } finally {
    for (const [solver] of solvers.values()) solver.release()
  }
}

function newton(options: NewtonOptions): Optimizer {
  const memory = curvatureMemory()
  return {
    secondOrder: true,
    // 0: not adapted yet, the spec's damping holds.
    init: () => ({ arrays: {}, numbers: { damping: 0 } }),
    step: (state, input) => newtonStep(options, memory, state, input),
    dispose: () => memory.release()
  }
}

/** s = −η |H|⁻¹ g with one of three dampings of |H|. */
export const saddleFreeNewton: OptimizerFactory<'sfn'> = ({ scope, damping }) =>
  newton({ scope, kind: 'hessian', rule: damping.kind, adapt: damping.adapt, candidates: damping.candidates })

/** s = −η (H + δ)⁻¹ g: goes to the nearest critical point, a saddle as well as a minimum. */
export const dampedNewton: OptimizerFactory<'damped-newton'> = ({ scope, damping }) =>
  newton({ scope, kind: 'hessian', rule: 'shifted', adapt: damping.adapt, candidates: damping.candidates })

/** s = −η (GGN + δ)⁻¹ g. */
export const levenbergMarquardt: OptimizerFactory<'levenberg-marquardt'> = ({ scope, damping }) =>
  newton({ scope, kind: 'ggn', rule: 'shifted', adapt: damping.adapt, candidates: damping.candidates })
