// The spec of a run that was never trained here: it cannot be run, and says what it is.
import { functionSpecSchema, type FunctionSpec } from '../../shared/spec/schema'

export const importedSpec = (name: string, steps: number): FunctionSpec =>
  functionSpecSchema.parse({
    schemaVersion: 1,
    name,
    tags: ['imported'],
    problem: { kind: 'function', function: 'imported' },
    optimizer: { kind: 'gd' },
    budget: { steps }
  })
