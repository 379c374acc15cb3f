// The basins under the playground's trajectories: passes put together, coarse to fine, as a pale picture. Pure.
import { mapOutcome, type BasinPixels } from '../../../shared/analyses/map'
import { gathering, type Centre } from '../../../shared/analyses/gathering'

export interface Basins {
  readonly columns: number
  readonly rows: number
  /** NaN where nothing is known yet. */
  readonly outcome: Float64Array
  readonly steps: Float64Array
  readonly centres: readonly Centre[]
}

/** How far apart end points of one critical point may be, as in the analysis `map`. */
const merge = 1e-3

/** Takes the passes one by one; what it gives back is new each time. */
export function basinsOf(columns: number, rows: number): (pass: BasinPixels) => Basins {
  const outcome = new Float64Array(columns * rows).fill(NaN)
  const steps = new Float64Array(columns * rows)
  const { add, centres } = gathering(merge)
  return (pass) => {
    const numbers = Array.from({ length: pass.centres.length / 3 }, (_, k) =>
      add({ point: pass.centres.slice(3 * k, 3 * k + 2), gradNorm: pass.centres[3 * k + 2] })
    )
    for (const [k, pixel] of pass.pixels.entries()) {
      const code = pass.outcomes[k]
      outcome[pixel] = code > 0 ? numbers[code - 1] : code
      steps[pixel] = pass.steps[k]
    }
    return { columns, rows, outcome: outcome.slice(), steps: steps.slice(), centres: [...centres] }
  }
}

/** Pixels that ended so. */
export const countOf = ({ outcome }: Basins, code: number) => outcome.reduce((sum, one) => sum + (one === code ? 1 : 0), 0)

/** What did not end at a critical point, in words. */
export const otherOutcomes: readonly { readonly code: number; readonly name: string }[] = [
  { code: mapOutcome.notBelow, name: 'none reached yet' },
  { code: mapOutcome.diverged, name: 'diverged' },
  { code: mapOutcome.stuck, name: 'the optimizer could not go on' },
  { code: mapOutcome.elsewhere, name: 'other critical points' }
]
