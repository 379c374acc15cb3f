// What the report on the landscape runs: the net of sfn-mnist10, its leaky-ReLU twin, the CIFAR-100 net, and two functions whose answers are known.
import { presets } from '../../../shared/spec/presets'
import { halfSlope, type NetworkInput, type RunSpecInput } from '../../../shared/spec/preset-parts'
import type { ReportScale } from '../context'
import type { PlannedRun } from '../runs'

export interface Place extends PlannedRun {
  /** For people. */
  readonly title: string
  readonly role: 'net' | 'control'
  /** Steps that are looked at. */
  readonly steps: readonly number[]
  readonly vectors: number
  /** Directions of each kind across the scales. */
  readonly directions: number
}

interface Size {
  readonly samples: number
  readonly hidden: number
  readonly steps: number
  readonly looked: readonly number[]
  readonly vectors: number
  readonly directions: number
  readonly cifar: {
    readonly samples: number
    readonly width: number
    readonly steps: number
    readonly looked: readonly number[]
    readonly vectors: number
    readonly directions: number
  }
}

export const sizes: Readonly<Record<ReportScale, Size>> = {
  tiny: {
    samples: 60,
    hidden: 2,
    steps: 4,
    looked: [0, 4],
    vectors: 6,
    directions: 3,
    cifar: { samples: 40, width: 4, steps: 2, looked: [2], vectors: 4, directions: 2 }
  },
  small: {
    samples: 1000,
    hidden: 5,
    steps: 40,
    looked: [0, 10, 40],
    vectors: 32,
    directions: 16,
    cifar: { samples: 1000, width: 50, steps: 40, looked: [0, 40], vectors: 16, directions: 8 }
  },
  full: {
    samples: 10_000,
    hidden: 5,
    steps: 200,
    looked: [0, 10, 40, 100, 200],
    vectors: 64,
    directions: 32,
    cifar: { samples: 10_000, width: 50, steps: 2000, looked: [0, 200, 2000], vectors: 32, directions: 16 }
  }
}

function presetSpec(name: string): NetworkInput {
  const found = presets.find((preset) => preset.name === name)?.specs[0]
  if (found === undefined || !('model' in found)) throw new Error(`there is no preset ${name} of a network`)
  return found
}

/** Every looked-at step must have its checkpoint: one each so many steps, all kept. */
function stored(spec: NetworkInput, looked: readonly number[], steps: number): NetworkInput {
  const everySteps = [...looked, steps].reduce((a, b) => {
    while (b > 0) [a, b] = [b, a % b]
    return a
  })
  return {
    ...spec,
    budget: { steps },
    evaluate: { everySteps: null },
    snapshots: { everySteps: null },
    checkpoints: { everySteps, keep: steps / everySteps + 1 }
  }
}

const control = (id: string, title: string, expression: string): Place => {
  const spec: RunSpecInput = {
    schemaVersion: 1,
    name: title,
    problem: { kind: 'function', function: expression, start: [0, 0, 0] },
    optimizer: { kind: 'gd', learningRate: 1e-3 },
    budget: { steps: 1 }
  }
  return { id, title, role: 'control', spec, steps: [0], vectors: 3, directions: 3 }
}

/** What is run at a scale; the CIFAR-100 net only where the data are. */
export function plannedPlaces(scale: ReportScale, cifar: boolean): Place[] {
  const size = sizes[scale]
  const digits = presetSpec('sfn-mnist10')
  const digitsSpec = (name: string, activation: NetworkInput['model']['activation']) =>
    stored(
      {
        ...digits,
        name,
        tags: [],
        diagnostics: { everySteps: null },
        data: { ...digits.data, trainLimit: size.samples, testLimit: 10 },
        model: { ...digits.model, layers: [100, size.hidden, 10], activation }
      },
      size.looked,
      size.steps
    )
  const { vectors, directions, looked: steps } = size
  const nets: Place[] = [
    {
      id: `landscape-${scale}-tanh`,
      title: 'tanh net on small digits',
      role: 'net',
      spec: digitsSpec('tanh net', { kind: 'tanh' }),
      steps,
      vectors,
      directions
    },
    {
      id: `landscape-${scale}-leaky`,
      title: 'its leaky-ReLU twin',
      role: 'net',
      spec: digitsSpec('leaky-ReLU twin', halfSlope),
      steps,
      vectors,
      directions
    }
  ]
  const slow = presetSpec('sfn-cifar100')
  const { samples, width } = size.cifar
  const cifarSpec: NetworkInput = {
    ...slow,
    name: 'CIFAR-100 net',
    tags: [],
    data: {
      ...slow.data,
      trainLimit: samples,
      testLimit: 10,
      transforms: [...(slow.data.transforms ?? []).slice(0, 1), { kind: 'random-projection', dim: width }]
    },
    model: { ...slow.model, layers: [width, width, 100] },
    batch: { size: Math.min(50, samples), shuffle: false }
  }
  if (cifar)
    nets.push({
      id: `landscape-${scale}-cifar100`,
      title: 'leaky-ReLU net on CIFAR-100',
      role: 'net',
      spec: stored(cifarSpec, size.cifar.looked, size.cifar.steps),
      steps: size.cifar.looked,
      vectors: size.cifar.vectors,
      directions: size.cifar.directions
    })
  return [
    ...nets,
    control('landscape-even', 'an even function', '3*cos(x) + 2*cosh(y) - z^2 + x^2*y^2 + z^4'),
    control('landscape-odd', 'the same with cubic terms', '3*cos(x) + 2*cosh(y) - z^2 + x^2*y^2 + z^4 + 0.5*x^3 + 0.5*y^3 + 0.5*z^3')
  ]
}
