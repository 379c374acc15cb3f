// One spec with several optimizers: the same data order and start weights, learning rates that were tuned where there are any, names that say what differs.
import { tunedOptions } from '../../../shared/spec/tuned'
import { optimizerKinds, optimizers } from '../../../shared/spec/optimizers'
import type { OptimizerKind } from '../../../shared/spec/schema'
import { valueAt } from './spec-edit'

type Json = Record<string, unknown>

export interface Contender {
  readonly kind: OptimizerKind
  readonly label: string
  readonly optimizer: Json
  /** Where its options come from, in words. */
  readonly from: string
}

/** Every kind of optimizer for a spec: its own options where it is the spec's, tuned ones where the data are known, else defaults. */
export function contenders(spec: unknown): Contender[] {
  const own = valueAt(spec, ['optimizer'])
  return optimizerKinds.map((kind) => {
    const { label } = optimizers[kind]
    if (valueAt(own, ['kind']) === kind) return { kind, label, optimizer: own as Json, from: 'as in the spec' }
    const tuned = tunedOptions(kind, spec)
    if (tuned) return { kind, label, optimizer: { kind, ...tuned.options }, from: `tuned on ${tuned.on}` }
    return { kind, label, optimizer: { kind }, from: 'default' }
  })
}

const flat = (value: unknown, path = ''): Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).flatMap(([key, member]) => Object.entries(flat(member, path ? `${path}.${key}` : key))))
    : { [path]: JSON.stringify(value) }

/** What tells each optimizer from the others: its label, and among those of one kind the options that differ. */
export function distinguishing(list: readonly Json[]): string[] {
  const flats = list.map((one) => flat(one))
  return list.map((one, place) => {
    const kind = String(one.kind)
    const label = Object.hasOwn(optimizers, kind) ? optimizers[kind as OptimizerKind].label : kind
    const alike = flats.filter((_, other) => list[other].kind === one.kind)
    if (alike.length === 1) return label
    const keys = [...new Set(alike.flatMap((other) => Object.keys(other)))].filter(
      (key) => new Set(alike.map((other) => other[key])).size > 1
    )
    const own = keys.map((key) => `${key} ${flats[place][key] ?? 'default'}`)
    return own.length === 0 ? label : `${label}, ${own.join(', ')}`
  })
}

/** Copies of one spec, one for each optimizer, named by what differs. */
export function faceOff(spec: Json, list: readonly Json[]): Json[] {
  const names = distinguishing(list)
  const base = String(spec.name ?? '').trim()
  const before = valueAt(spec, ['optimizer', 'kind'])
  return list.map((optimizer, place) => ({
    ...spec,
    name: base === '' ? names[place] : `${base}: ${names[place]}`,
    // A tag that names the optimizer goes along.
    ...(Array.isArray(spec.tags) ? { tags: spec.tags.map((tag: unknown) => (tag === before ? optimizer.kind : tag)) } : {}),
    optimizer
  }))
}
