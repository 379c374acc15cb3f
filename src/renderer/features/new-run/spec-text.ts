// The text of one or several specs, and which of them a fault belongs to.
import { optimizerKinds, optimizers } from '../../../shared/spec/optimizers'
import { formatJson } from '../../app/json'

/** One spec stands alone, several as a list. */
export function textOfSpecs(specs: readonly unknown[]): string {
  return formatJson(specs.length === 1 ? specs[0] : specs)
}

export interface ParsedSpecs {
  readonly specs: readonly unknown[]
  /** A JSON fault, with its line when the parser names a place. */
  readonly fault: string | null
}

/** Reads one spec or a list of specs. */
export function parseSpecs(text: string): ParsedSpecs {
  try {
    const value: unknown = JSON.parse(text)
    return { specs: Array.isArray(value) ? value : [value], fault: null }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const place = /position (\d+)/.exec(message)
    const line = place ? text.slice(0, Number(place[1])).split('\n').length : null
    return { specs: [], fault: `This is not JSON yet${line ? ` (line ${line})` : ''}: ${message}` }
  }
}

/** The optimizers offered for a face-off, in their order. */
export const alternatives = optimizerKinds
  .flatMap((kind) => {
    const { label, faceOff: place } = optimizers[kind]
    return place === null ? [] : [{ kind, label, place }]
  })
  .sort((a, b) => a.place - b.place)

/** Copies of one spec, one for each optimizer: same data order, same initial weights, names told apart. */
export function faceOff(spec: Record<string, unknown>, optimizers: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  return optimizers.map((optimizer) => ({ ...spec, name: `${String(spec.name ?? 'run')} · ${String(optimizer.kind)}`, optimizer }))
}
