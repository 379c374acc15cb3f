// The axes of a map: which numbers of a spec or of its start they vary, over what range, and the spec of a pixel. Pure, the same for engine and page.
import type { z } from 'zod'
import { functionSpecSchema, isFunctionSpec, networkSpecSchema, type RunSpec } from '../spec/schema'
import { setValue } from '../spec/settings'
import type { map } from './map'

type MapOptions = z.output<typeof map.options>

export interface MapAxis {
  readonly path: string
  readonly scale: 'linear' | 'log'
  /** Null: ± the length of the weights, which only the engine knows. */
  readonly range: readonly [number, number] | null
  readonly count: number
}

/** What a path leads to: a number of the spec, one coordinate of the start, or a distance along a direction from it. */
export type MapTarget =
  | { readonly kind: 'spec' }
  | { readonly kind: 'coordinate'; readonly index: number }
  | { readonly kind: 'random' }
  | { readonly kind: 'eigenvector'; readonly index: number | 'smallest' | 'largest' }

type Default = Omit<MapAxis, 'count'>
type View = readonly [readonly [number, number], readonly [number, number]] | null

const around = (path: string, value: number, factor = 100): Default => ({ path, scale: 'log', range: [value / factor, value * factor] })
const random: Default = { path: 'start.random', scale: 'linear', range: null }

/** Paths into a spec that training depends on and data do not. */
const openPaths = /^(optimizer\.|model\.init\.(?!kind|path|run|step)|model\.activation\.slope$|regularization\.l2$)/

/** Two hyperparameters worth a look by the kind of optimizer. */
function hyperparameters(spec: RunSpec): [Default, Default] {
  const { optimizer } = spec
  if (optimizer.kind === 'gd' && (optimizer.layerRates?.length ?? 0) >= 2)
    return [
      { path: 'optimizer.layerRates.0', scale: 'log', range: [1e-3, 1e6] },
      { path: 'optimizer.layerRates.1', scale: 'log', range: [1e-3, 1e6] }
    ]
  const rate = typeof optimizer.learningRate === 'number' && optimizer.learningRate > 0 ? optimizer.learningRate : 0.1
  const x = around('optimizer.learningRate', rate)
  if ('damping' in optimizer) {
    const { value } = optimizer.damping
    return [x, around('optimizer.damping.value', typeof value === 'number' && value > 0 ? value : 0.1)]
  }
  if ('momentum' in optimizer) return [x, { path: 'optimizer.momentum', scale: 'linear', range: [0, 0.99] }]
  if ('beta1' in optimizer) return [x, { path: 'optimizer.beta1', scale: 'linear', range: [0, 0.99] }]
  if (!isFunctionSpec(spec) && spec.model.init.kind === 'fan-in-normal') return [x, around('model.init.gain', spec.model.init.gain, 10)]
  return [x, random]
}

function defaults(spec: RunSpec, of: MapOptions['of'], variables: readonly string[], view: View): [Default, Default] {
  if (of === 'trainability') return hyperparameters(spec)
  if (isFunctionSpec(spec) && variables.length === 2) {
    const [x, y] =
      view ??
      ([
        [-2, 2],
        [-2, 2]
      ] as const)
    return [
      { path: `start.${variables[0]}`, scale: 'linear', range: x },
      { path: `start.${variables[1]}`, scale: 'linear', range: y }
    ]
  }
  return [random, random]
}

/** `variables`, `view`: of a function; empty and null for a network. */
export function mapAxes(
  options: Pick<MapOptions, 'of' | 'x' | 'y'>,
  spec: RunSpec,
  variables: readonly string[],
  view: View
): readonly [MapAxis, MapAxis] {
  const chosen = defaults(spec, options.of, variables, view)
  const axes = [options.x, options.y].map((asked, k): MapAxis => {
    const usual = chosen[k]
    const path = asked.path ?? usual.path
    const known = chosen.find((one) => one.path === path)
    const [from, to] = [asked.from ?? known?.range?.[0] ?? null, asked.to ?? known?.range?.[1] ?? null]
    const scale = asked.scale ?? known?.scale ?? (path.startsWith('start.') || !(from !== null && from > 0) ? 'linear' : 'log')
    return { path, scale, range: from === null || to === null ? null : [from, to], count: asked.count }
  })
  return [axes[0], axes[1]]
}

/** Null where the path leads nowhere; a coordinate beyond the last is for the engine to refuse. */
export function mapTarget(path: string, variables: readonly string[]): MapTarget | null {
  if (!path.startsWith('start.')) return openPaths.test(path) ? { kind: 'spec' } : null
  const rest = path.slice('start.'.length)
  if (variables.includes(rest)) return { kind: 'coordinate', index: variables.indexOf(rest) }
  if (/^\d{1,9}$/.test(rest)) return { kind: 'coordinate', index: Number(rest) }
  if (rest === 'random') return { kind: 'random' }
  const which = /^eigenvector\.(smallest|largest|\d{1,9})$/.exec(rest)?.[1]
  if (which === undefined) return null
  return { kind: 'eigenvector', index: which === 'smallest' || which === 'largest' ? which : Number(which) }
}

/** From the first to the last, at equal distances or equal factors. */
export function axisValues({ scale, count }: Pick<MapAxis, 'scale' | 'count'>, [from, to]: readonly [number, number]): Float64Array {
  const values = Float64Array.from({ length: count }, (_, k) => {
    const place = k / (count - 1)
    return scale === 'log' ? from * (to / from) ** place : from + (to - from) * place
  })
  values[count - 1] = to
  return values
}

/** Why an axis cannot be, one sentence; null when it can. `spec` has both paths' values at their ends tried. */
export function axisFault(which: 'x' | 'y', { path, scale, range }: MapAxis, spec: RunSpec, variables: readonly string[]): string | null {
  const target = mapTarget(path, variables)
  if (target === null)
    return `${which}.path: "${path}" must be a number of the spec that training depends on (optimizer.…, model.init.…, regularization.l2) or of the start (start.random, start.eigenvector.0, start.7${variables.length > 0 ? `, start.${variables[0]}` : ''})`
  if (range === null)
    return target.kind === 'spec' || target.kind === 'coordinate'
      ? `${which}: from and to must be given for ${path}`
      : scale === 'log'
        ? `${which}.scale: distances along ${path} are on both sides of 0, must be linear`
        : null
  const [from, to] = range
  if (!(from < to)) return `${which}: from must be below to, got ${from} and ${to}`
  if (scale === 'log' && !(from > 0)) return `${which}: from must be above 0 on a logarithmic axis, got ${from}`
  if (target.kind !== 'spec') return null
  const schema = isFunctionSpec(spec) ? functionSpecSchema : networkSpecSchema
  for (const value of range) {
    const changed = schema.safeParse(specOf(spec, path, value))
    if (!changed.success) return `${which}: ${path} = ${value} cannot be: ${changed.error.issues[0].message}`
    if (at(changed.data, path) !== value) return `${which}.path: the spec has no number ${path}`
  }
  return null
}

function at(spec: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((here, key) => (here === null || here === undefined ? undefined : (here as Record<string, unknown>)[key]), spec)
}

export function specOf<Spec extends RunSpec>(spec: Spec, path: string, value: number): Spec {
  return setValue(spec, path, value) as Spec
}
