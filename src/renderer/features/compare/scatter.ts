// A setting of the specs against a figure of the runs: the pairs, and what cannot be paired.
import { spearman } from '../../../shared/run/correlation'
import { leaves } from '../../../shared/spec/leaves'

/** Settings that are numbers in any of the specs; those that differ first. */
export function numericPaths(specs: readonly unknown[]): string[] {
  const all = specs.map((spec) => leaves(spec))
  const isNumber = (json: string | undefined) => json !== undefined && /^-?\d/.test(json)
  const paths = [...new Set(all.flatMap((one) => [...one].flatMap(([path, json]) => (isNumber(json) ? [path] : []))))]
  const differs = (path: string) => all.some((one) => one.get(path) !== all[0].get(path))
  const kept = paths.filter((path) => path !== 'schemaVersion')
  return [...kept.filter(differs), ...kept.filter((path) => !differs(path))]
}

export interface Pairs {
  /** Places of the runs that have both. */
  readonly places: readonly number[]
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** Spearman's ρ; null where it says nothing. */
  readonly correlation: number | null
}

export function pairsOf(specs: readonly unknown[], path: string, values: ArrayLike<number>): Pairs {
  const numbers = specs.map((spec) => Number(leaves(spec).get(path) ?? NaN))
  const places = numbers.flatMap((value, place) => (Number.isFinite(value) && Number.isFinite(values[place]) ? [place] : []))
  const x = places.map((place) => numbers[place])
  const y = places.map((place) => values[place])
  return { places, x, y, correlation: spearman(x, y) }
}
