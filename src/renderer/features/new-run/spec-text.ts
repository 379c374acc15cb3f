// The text of one or several specs.
import { functionFields, networkFields, type Field } from '../../../shared/spec/fields'
import { formatJson } from '../../app/json'
import { readJson, type JsonFault } from './json-text'
import { isObject, withoutDefaults } from './spec-edit'

/** One spec stands alone, several as a list. */
export function textOfSpecs(specs: readonly unknown[]): string {
  return formatJson(specs.length === 1 ? specs[0] : specs)
}

export interface ParsedSpecs {
  readonly specs: readonly unknown[]
  readonly fault: JsonFault | null
  /** Whether the text is a list, also of one. */
  readonly listed: boolean
}

/** Reads one spec or a list of specs. */
export function parseSpecs(text: string): ParsedSpecs {
  if (text.trim() === '') return { specs: [], fault: null, listed: false }
  const read = readJson(text)
  if ('fault' in read) return { specs: [], fault: read.fault, listed: false }
  return { specs: Array.isArray(read.value) ? read.value : [read.value], fault: null, listed: Array.isArray(read.value) }
}

/** The fields of a spec of this kind: of a function where it names a problem and no data. */
export function fieldsFor(spec: unknown): readonly Field[] {
  return isObject(spec) && 'problem' in spec && !('data' in spec) ? functionFields : networkFields
}

/** Complete specs, as presets and runs have them, with the defaults left out. */
export const briefText = (specs: readonly unknown[]) => textOfSpecs(specs.map((spec) => withoutDefaults(fieldsFor(spec), spec)))

/** Specs to begin with where there is none. */
export const blankSpecs = {
  network: {
    schemaVersion: 1,
    name: 'My run',
    data: { dataset: 'mnist10', transforms: [{ kind: 'affine', divide: 256, subtract: 0 }] },
    model: { layers: [null, 10, 10], activation: { kind: 'tanh' }, bias: true },
    loss: 'softmax-cross-entropy',
    optimizer: { kind: 'sfn' },
    budget: { steps: 20 }
  },
  function: {
    schemaVersion: 1,
    name: 'My function',
    problem: { kind: 'function', function: 'rosenbrock' },
    optimizer: { kind: 'sfn' },
    budget: { steps: 50 }
  }
} as const
