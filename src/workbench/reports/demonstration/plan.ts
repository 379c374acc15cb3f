// The runs behind the report: both programs as their presets have them, their rivals with a stated search of rates, and a narrow net whose whole Hessian is cheap.
import { presets } from '../../../shared/spec/presets'
import type { NetworkInput } from '../../../shared/spec/preset-parts'
import type { ReportScale } from '../context'
import type { PlannedRun } from '../runs'

export const programs = ['slow', 'fast'] as const
/** The slow net (saddle-free Newton by layers) and the fast one (finite-difference Newton) of Lee (2019). */
export type Program = (typeof programs)[number]

export const rivals = ['gd', 'momentum', 'adam', 'l-bfgs'] as const
export type Rival = (typeof rivals)[number]

/** Of an installed set: samples in all. */
export interface Installed {
  readonly train: number
  readonly test: number
}

export interface Size {
  /** Most training and test samples by program; null: all there are. */
  readonly limits: Readonly<Record<Program, Installed | null>>
  /** Width after the projection, and hidden units, of the slow net. */
  readonly width: number
  readonly hidden: number
  readonly steps: number
  /** The slow net's spectra by layer, and those of its whole Hessian: different steps, since a step has one snapshot. */
  readonly spectrumEvery: number
  readonly wholeAt: readonly number[]
  readonly narrow: { readonly width: number; readonly steps: number; readonly every: number }
  readonly fastEpochs: number
  /** How many rates each rival tries. */
  readonly tries: number
}

export const sizes: Readonly<Record<ReportScale, Size>> = {
  tiny: {
    limits: { slow: { train: 100, test: 50 }, fast: { train: 60, test: 50 } },
    width: 8,
    hidden: 6,
    steps: 6,
    spectrumEvery: 2,
    wholeAt: [6],
    narrow: { width: 4, steps: 4, every: 2 },
    fastEpochs: 3,
    tries: 2
  },
  small: {
    limits: { slow: { train: 1000, test: 1000 }, fast: { train: 2500, test: 1000 } },
    width: 50,
    hidden: 50,
    steps: 40,
    spectrumEvery: 10,
    wholeAt: [40],
    narrow: { width: 10, steps: 40, every: 4 },
    fastEpochs: 10,
    tries: 5
  },
  full: {
    limits: { slow: null, fast: null },
    width: 50,
    hidden: 50,
    steps: 2000,
    spectrumEvery: 100,
    wholeAt: [500, 1000, 2000],
    narrow: { width: 20, steps: 200, every: 10 },
    fastEpochs: 10,
    tries: 5
  }
}

/** Rates that were tried, from small to large; of fewer tries the middle ones. */
const ladders: Readonly<Record<Program, Readonly<Record<Rival, readonly number[]>>>> = {
  slow: {
    gd: [0.003, 0.01, 0.03, 0.1, 0.3],
    momentum: [0.001, 0.003, 0.01, 0.03, 0.1],
    adam: [0.0003, 0.001, 0.003, 0.01, 0.03],
    'l-bfgs': [0.001, 0.003, 0.01, 0.1, 1]
  },
  fast: {
    gd: [1e-6, 1e-5, 3e-5, 1e-4, 3e-4],
    momentum: [1e-6, 3e-6, 1e-5, 3e-5, 1e-4],
    adam: [0.00003, 0.0001, 0.0003, 0.001, 0.003],
    'l-bfgs': [0.001, 0.003, 0.01, 0.1, 1]
  }
}

export function ratesOf(program: Program, rival: Rival, { tries }: Pick<Size, 'tries'>): readonly number[] {
  const ladder = ladders[program][rival]
  const from = Math.floor((ladder.length - Math.min(tries, ladder.length)) / 2)
  return ladder.slice(from, from + tries)
}

function presetSpec(name: string): NetworkInput {
  const spec = presets.find((one) => one.name === name)?.specs[0]
  if (spec === undefined || !('data' in spec)) throw new Error(`there is no preset ${name}`)
  return spec
}

/** A limit is named only where the set has more: what a run says it used is then what it used. */
function limitsOf(limits: Installed | null, installed: Installed) {
  const of = (limit: number | undefined, there: number) => (limit !== undefined && limit < there ? limit : null)
  return { trainLimit: of(limits?.train, installed.train), testLimit: of(limits?.test, installed.test) }
}

/** Training samples that a program's runs work through. */
export const samplesOf = ({ limits }: Size, program: Program, installed: Installed) =>
  Math.min(limits[program]?.train ?? Infinity, installed.train)

export const idOf = (scale: ReportScale, ...parts: readonly (string | number)[]) => ['demonstration', scale, ...parts].join('-')

/** What all runs of a program share: data, projection, net, start weights and batches, all from seed 0. */
function base(program: Program, size: Size, installed: Installed): NetworkInput {
  const preset = presetSpec(program === 'slow' ? 'sfn-cifar100' : 'fd-newton-cifar100')
  const { data, model } = preset
  const limited = { ...data, ...limitsOf(size.limits[program], installed) }
  const bare = { ...preset, snapshots: { everySteps: null }, tags: ['demonstration'] }
  if (program === 'fast') return { ...bare, data: limited }
  const transforms = data.transforms?.map((one) => (one.kind === 'random-projection' ? { ...one, dim: size.width } : one))
  return { ...bare, data: { ...limited, transforms }, model: { ...model, layers: [size.width, size.hidden, 100] } }
}

const titles: Readonly<Record<Program, string>> = { slow: 'Saddle-free Newton', fast: 'Finite-difference Newton' }

/** The program itself, with its own settings: nothing of it was searched for. Its spectra are computed afterwards, so that its steps' times are theirs alone. */
export function programRun(scale: ReportScale, program: Program, installed: Installed): PlannedRun {
  const size = sizes[scale]
  const spec = base(program, size, installed)
  const budget = program === 'slow' ? { steps: size.steps } : { epochs: size.fastEpochs }
  const evaluate = program === 'slow' ? { everySteps: Math.max(1, Math.round(size.steps / 20)) } : { everyEpochs: 1 }
  const checkpoints = program === 'slow' ? { everySteps: size.spectrumEvery, keep: 1000 } : { everySteps: 20, keep: 1 }
  return { id: idOf(scale, program), spec: { ...spec, name: titles[program], budget, evaluate, checkpoints } }
}

/** A rival on the same batches for so many seconds of steps; with a place among the rates tried it is a run of the search. */
export function rivalRun(
  scale: ReportScale,
  program: Program,
  rival: Rival,
  { rate, seconds, attempt }: { readonly rate: number; readonly seconds: number; readonly attempt: number | null },
  installed: Installed
): PlannedRun {
  const optimizer = {
    kind: rival,
    learningRate: rate,
    ...(rival === 'l-bfgs' ? { lineSearch: 'strong-wolfe' } : {})
  } as NetworkInput['optimizer']
  const spec: NetworkInput = {
    ...base(program, sizes[scale], installed),
    name: `${rival} beside ${titles[program]}${attempt === null ? '' : `, try ${attempt + 1}`}`,
    optimizer,
    budget: { seconds },
    evaluate: attempt === null ? { everyEpochs: 1 } : {},
    checkpoints: { everySteps: 5000, keep: 1 }
  }
  return { id: idOf(scale, program, rival, ...(attempt === null ? [] : ['try', attempt + 1])), spec }
}

/** The slow net, but narrow, moved by its whole Hessian in place of its layers': there the absolute value has something to do. */
export function narrowRuns(scale: ReportScale, installed: Installed): readonly [PlannedRun, PlannedRun] {
  const { narrow, ...size } = sizes[scale]
  const { width, steps, every } = narrow
  const spec = base('slow', { ...size, narrow, width, hidden: width }, installed)
  const { optimizer } = spec
  if (optimizer.kind !== 'sfn') throw new Error('the preset of the slow net is no sfn')
  const of = (scope: 'full' | 'layer-blocks'): PlannedRun => ({
    id: idOf(scale, 'narrow', scope),
    spec: {
      ...spec,
      name: `Narrow net, ${scope === 'full' ? 'whole Hessian' : 'layer by layer'}`,
      optimizer: { ...optimizer, scope },
      budget: { steps },
      evaluate: { everySteps: every },
      snapshots: { everySteps: every, eigenvectors: 4 },
      checkpoints: { everySteps: every, keep: 1 }
    }
  })
  return [of('full'), of('layer-blocks')]
}
