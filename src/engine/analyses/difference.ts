// A − B row by row, with the sums that tell how far apart two matrices are and those that prove the others. Holds a few rows, never a matrix.
import { fillSigns, randomStream } from '../random'

/** Adds up many numbers without losing the small ones (Neumaier). */
function compensated() {
  let [sum, lost] = [0, 0]
  return {
    add(value: number) {
      const next = sum + value
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
      sum = next
    },
    value: () => sum + lost
  }
}

export interface DifferenceSums {
  readonly normA: number
  readonly normB: number
  readonly norm: number
  /** ⟨A, B⟩ */
  readonly inner: number
  readonly largestA: number
  readonly largestB: number
  readonly largest: number
  /** Of A − B, over all units. */
  readonly trace: number
  /** |‖A − B‖² − (‖A‖² + ‖B‖² − 2⟨A, B⟩)| / (‖A‖² + ‖B‖²) */
  readonly identity: number
  /** ‖(D − Dᵀ)x‖ / √(‖A‖² + ‖B‖²) */
  readonly symmetry: number
}

/**
 * For matrices of `size` × `size`, several (`units`) one below the other. `rows` takes whole rows in order and writes their difference; it throws RangeError
 * for an entry that is not finite.
 */
export function differenceSums(size: number, units: number) {
  const sums = { a: compensated(), b: compensated(), d: compensated(), inner: compensated(), trace: compensated() }
  let [largestA, largestB, largest] = [0, 0, 0]
  let row = 0
  const x = fillSigns(randomStream(1, 'difference'), new Float64Array(size))
  const product = new Float64Array(size * units)
  const transposed = new Float64Array(size * units)

  function one(a: Float64Array, b: Float64Array, into: Float64Array, start: number) {
    const [unit, within] = [Math.floor(row / size) * size, row % size]
    const sign = x[within]
    let [squareA, squareB, squareD, inner, along] = [0, 0, 0, 0, 0]
    for (let k = 0; k < size; k++) {
      const [p, q] = [a[start + k], b[start + k]]
      const d = p - q
      into[start + k] = d
      squareA += p * p
      squareB += q * q
      squareD += d * d
      inner += p * q
      along += d * x[k]
      transposed[unit + k] += d * sign
      if (p > largestA) largestA = p
      else if (-p > largestA) largestA = -p
      if (q > largestB) largestB = q
      else if (-q > largestB) largestB = -q
      if (d > largest) largest = d
      else if (-d > largest) largest = -d
    }
    if (!Number.isFinite(squareA + squareB + squareD)) refuse(a, b, start)
    sums.a.add(squareA)
    sums.b.add(squareB)
    sums.d.add(squareD)
    sums.inner.add(inner)
    sums.trace.add(into[start + within])
    product[row] = along
    row++
  }

  function refuse(a: Float64Array, b: Float64Array, start: number): never {
    for (const [name, values] of [
      ['A', a],
      ['B', b]
    ] as const)
      for (let k = 0; k < size; k++)
        if (!Number.isFinite(values[start + k]))
          throw new RangeError(`entry (${row}, ${k}) of ${name} is ${values[start + k]}, must be finite`)
    throw new RangeError(`the squares of row ${row} are larger than a double holds`)
  }

  return {
    rows(a: Float64Array, b: Float64Array, into: Float64Array) {
      for (let start = 0; start < a.length; start += size) one(a, b, into, start)
    },
    end(): DifferenceSums {
      const [squareA, squareB, squareD, inner] = [sums.a.value(), sums.b.value(), sums.d.value(), sums.inner.value()]
      const together = squareA + squareB
      let apart = 0
      for (let k = 0; k < product.length; k++) apart += (product[k] - transposed[k]) ** 2
      return {
        normA: Math.sqrt(squareA),
        normB: Math.sqrt(squareB),
        norm: Math.sqrt(squareD),
        inner,
        largestA,
        largestB,
        largest,
        trace: sums.trace.value(),
        identity: together === 0 ? 0 : Math.abs(squareD - (together - 2 * inner)) / together,
        symmetry: together === 0 ? 0 : Math.sqrt(apart / together)
      }
    }
  }
}
