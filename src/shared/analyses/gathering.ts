// Which critical points were reached: end points gathered by nearness, in an order that does not depend on who computed them.
import { mapOutcome } from './map'

export interface Centre {
  readonly point: Float64Array
  readonly gradNorm: number
}

/** More are not told apart. */
export const mostCentres = 256

export interface Gathering {
  readonly centres: readonly Centre[]
  /** The number of the point's critical point, from 1; `elsewhere` where there are too many. Of those that belong together the one with the smallest gradient stands for all. */
  add(end: Centre): number
}

export function gathering(merge: number): Gathering {
  const firsts: Float64Array[] = []
  const centres: Centre[] = []
  const near = (one: Float64Array, other: Float64Array) => {
    let [distance, size] = [0, 0]
    for (let i = 0; i < one.length; i++) {
      distance = Math.max(distance, Math.abs(one[i] - other[i]))
      size = Math.max(size, Math.abs(one[i]))
    }
    return distance <= merge * (1 + size)
  }
  return {
    centres,
    add(end) {
      const found = firsts.findIndex((first) => near(first, end.point))
      if (found >= 0) {
        if (end.gradNorm < centres[found].gradNorm) centres[found] = end
        return found + 1
      }
      if (firsts.length >= mostCentres) return mapOutcome.elsewhere
      firsts.push(end.point)
      centres.push(end)
      return firsts.length
    }
  }
}
