// The shading of a contour plot. Pale: at most 40 % of the colour, so that lines and paths stand out.
import { formatTick } from '../app/format'
import { themeVersion, token } from '../ui/theme-version'
import type { LevelKind, LevelScale } from './contours'
import { divergingMap, mapColours, type DivergingMap } from './diverging'
import type { ColourBar } from './export'

const signed = 0.34
const deepest = 0.4

/** Strength of colour, −1 to 1: with the sign on a symlog scale, else the deeper the lower; NaN for what is not finite. */
export function contourStrength(scale: LevelScale, value: number): number {
  if (!Number.isFinite(value)) return Number.NaN
  const place = scale.forward(value)
  return scale.kind === 'symlog'
    ? (signed * place) / Math.max(Math.abs(scale.low), Math.abs(scale.high))
    : deepest * (1 - (place - scale.low) / (scale.high - scale.low))
}

const maps = new Map<string, DivergingMap>()

/** In the colours of the present theme; the same map as long as that stays. */
export function contourMap(kind: LevelKind): DivergingMap {
  void themeVersion.value
  const ground = token('--surface')
  const colours = [kind === 'symlog' ? token('--plot-negative') : ground, ground, token('--plot-positive'), ground] as const
  const key = colours.join(' ')
  const map = maps.get(key) ?? divergingMap(...colours)
  maps.set(key, map)
  return map
}

export function contourBar(scale: LevelScale): ColourBar {
  const { low, high } = scale
  const value = (fraction: number) => scale.backward(low + fraction * (high - low))
  const [from, to] = [contourStrength(scale, value(0)), contourStrength(scale, value(1))]
  const parts = [0, 0.25, 0.5, 0.75, 1]
  const written = (digits: number) => parts.map((place) => formatTick(Number(value(place).toPrecision(digits))))
  // As many digits as tell them apart.
  const texts = written([2, 3, 4].find((digits) => new Set(written(digits)).size === parts.length) ?? 5)
  const kind = scale.kind === 'log' ? 'log above the lowest' : scale.kind
  return {
    label: `value (${kind})`,
    colours: mapColours(contourMap(scale.kind), from, to),
    ticks: parts.map((place, i) => ({ place, text: texts[i] }))
  }
}
