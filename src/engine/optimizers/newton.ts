// Steps with exact curvature: saddle-free Newton (Dauphin et al. 2014), damped Newton, Levenberg–Marquardt; scopes, damping rules and ways to choose the damping.
import type { Scope } from '../../shared/spec/schema'
import type { CurvatureKind, Objective } from '../objective'
import { chooseDamping, lossCost, type DampingChoice, type Trial } from './adapt'
import { blockSolver, type BlockSolution, type BlockSolver } from './block-solver'
import { curvatureMemory, type CurvatureMemory } from './curvature-memory'
import { assemblyGradients, countFlipped, spectrumFigures } from './figures'
import type {
  DampingKind,
  Optimizer,
  OptimizerFactory,
  OptimizerState,
  SolvePath,
  SpectrumFigures,
  StepDiagnostics,
  StepInput
} from './interface'
import { cosineToDescent, dot } from '../linalg/vectors'

interface NewtonOptions extends DampingChoice {
  readonly scope: Scope
  readonly kind: CurvatureKind
  readonly rule: DampingKind
}

/** Blocks that give the same update as the scope's own, but cheaper: where outputs do not mix, a layer alone at the end splits by output unit. */
function cheapestScope(scope: Scope, objective: Objective): Scope {
  if (objective.outputsDecouple !== true) return scope
  if (scope === 'layer-blocks' || (scope === 'full' && objective.blocks.length === 1)) return 'unit-blocks'
  return scope
}

async function trialAt(solvers: ReadonlyMap<string, readonly [BlockSolver, number]>, damping: number, input: StepInput): Promise<Trial> {
  const direction = new Float64Array(input.parameters.length)
  const path: Record<string, SolvePath> = {}
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

async function newtonStep(options: NewtonOptions, memory: CurvatureMemory, state: OptimizerState, input: StepInput) {
  const { rule, adapt } = options
  const { linalg, signal, onPhase, onProgress, curvatureObjective, parameters, gradient, wantSpectrum } = input
  const seconds: Record<string, number> = { assembly: 0, decomposition: 0, solve: 0 }
  const scope = cheapestScope(options.scope, curvatureObjective)

  onPhase?.('curvature')
  const began = performance.now()
  const reuse = memory.blocks
  const blocks = await curvatureObjective.curvature(parameters, { scope, kind: options.kind, reuse, signal, onProgress })
  memory.keep(linalg, blocks)
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
    const choice = await chooseDamping(options, attempt, state.numbers.damping, input)
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
      extraGradients: assemblyGradients(blocks, parameters.length) + choice.losses * lossCost,
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
