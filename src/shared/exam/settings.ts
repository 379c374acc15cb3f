// What each optimizer may try before it is graded: the same number of settings for all, on logarithmic grids around its own defaults.
import { optimizerSchema, type OptimizerInput, type OptimizerKind } from '../spec/schema'
import { setValue } from '../spec/settings'

/** Settings an optimizer. */
export const settingsEach = 9
/** Runs a setting is tuned on; none of them is graded. */
export const tuningSeeds: readonly number[] = [1, 2]
export const gradingSeeds: readonly number[] = [101, 102, 103, 104, 105]

/** `count` values `centre` · 10^(k · decades), k from −(count − 1)/2 on; `below`: the largest is the centre. */
interface Grid {
  readonly path: string
  readonly count: 3 | 9
  readonly decades: number
  /** Where the default is 0, or is to lie at the end of the grid. */
  readonly centre?: number
  readonly below?: true
}

/** Options that are no default: what functions and small problems need to have the rule at all. */
const fixed: Readonly<Partial<Record<OptimizerKind, Readonly<Record<string, unknown>>>>> = {
  'l-bfgs': { lineSearch: 'strong-wolfe' },
  soap: { precondition1d: true }
}

const rate: Grid = { path: 'learningRate', count: 9, decades: 0.75 }
/** A step of 1 goes to the model's own minimum: less is tried, not more. */
const newtonRate: Grid = { path: 'learningRate', count: 3, decades: 0.5, centre: 1, below: true }
const damping: Grid = { path: 'damping.value', count: 3, decades: 2 }

const gridsByKind: Readonly<Partial<Record<OptimizerKind, readonly Grid[]>>> = {
  sfn: [newtonRate, damping],
  'damped-newton': [newtonRate, damping],
  'levenberg-marquardt': [newtonRate, damping],
  'sfn-krylov': [newtonRate, damping],
  'k-fac': [newtonRate, damping],
  'series-newton': [newtonRate, { ...damping, centre: 0.1 }],
  ar3: [newtonRate, { path: 'sigma', count: 3, decades: 2 }],
  'fd-newton': [{ ...newtonRate, count: 9, decades: 0.25 }]
}

const gridsOf = (kind: OptimizerKind) => gridsByKind[kind] ?? [rate]

function valuesOf({ path, count, decades, centre, below }: Grid, defaults: OptimizerInput): number[] {
  const start = centre ?? path.split('.').reduce<unknown>((place, key) => (place as Record<string, unknown>)[key], defaults)
  if (typeof start !== 'number') throw new Error(`exam: the default of ${path} is no number`)
  const first = below ? count - 1 : (count - 1) / 2
  return Array.from({ length: count }, (_, k) => Number((start * 10 ** (decades * (k - first))).toPrecision(3)))
}

/** The settings of a kind, in the order in which they are tried. */
export function settingsOf(kind: OptimizerKind): OptimizerInput[] {
  const defaults = optimizerSchema.parse({ kind, ...fixed[kind] })
  return gridsOf(kind).reduce<OptimizerInput[]>(
    (settings, grid) => {
      const values = valuesOf(grid, defaults)
      return settings.flatMap((setting) => values.map((value) => setValue(setting, grid.path, value) as OptimizerInput))
    },
    [defaults]
  )
}

/** "learning rate 0.1, damping 0.001": what was varied of a setting. */
export function settingText(setting: OptimizerInput): string {
  const name = { learningRate: 'rate', 'damping.value': 'damping', sigma: 'σ' } as Readonly<Record<string, string>>
  return gridsOf(setting.kind)
    .map(({ path }) => {
      const value = path.split('.').reduce<unknown>((place, key) => (place as Record<string, unknown>)[key], setting)
      return `${name[path]} ${String(value)}`
    })
    .join(', ')
}

/** True where a value of this setting lies at the end of its grid beyond which there would be others. */
export function atEdge(kind: OptimizerKind, place: number): boolean {
  let rest = place
  return [...gridsOf(kind)].reverse().some(({ count, below }) => {
    const k = rest % count
    rest = Math.floor(rest / count)
    return k === 0 || (k === count - 1 && below !== true)
  })
}
