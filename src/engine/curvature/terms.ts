// The sums of outer products that make up a curvature block, each as one batch of matrix products written in place.
import type { CallOptions } from '../linalg'
import type { Stack } from './tensors'
import type { Workspace } from './workspace'

/** Where a block goes: its entry (r, c) is `data[offset + r · stride + c]`. */
export interface Target {
  readonly data: Float64Array
  readonly offset: number
  readonly stride: number
}

/** A layer's inputs as the terms need them: h̃ᵀ, rows × N. */
export interface Inputs {
  readonly rows: number
  readonly transposed: Float64Array
}

/** Some of a layer's inputs on the left side of a block: `from` is the first one's place among all, `transposed` holds theirs alone. */
interface LeftInputs extends Inputs {
  readonly from: number
}

/** Numbers of work space that a term may take for its left factors at a time. */
const factorLength = 1 << 19
/** Numbers of right factors that one call may be given: the backend packs a copy of them. */
const packedLength = 1 << 21

/**
 * H[(i,j),(i',j')] (+)= Σ_n h̃_l[n,i] h̃_m[n,i'] S_n[j,j']. For an input i the left factor A_i = (h̃_m ∘ h̃_l[:,i])ᵀ (rows_m × N) meets the right
 * factors S[:,j,:] (N × n_m), which all i share, and row (i,j) of the block is A_i·S[:,j,:], written as one contiguous run.
 * With `symmetric` (l = m) only rows i' ≥ i are computed. The target's row 0 is that of the first left input and unit.
 */
export async function inputTerm(
  work: Workspace,
  left: LeftInputs,
  right: Inputs,
  s: Stack,
  samples: number,
  target: Target,
  symmetric: boolean,
  accumulate: boolean,
  options: CallOptions
): Promise<void> {
  const { rows: units, columns } = s
  const fits = Math.max(1, Math.floor(factorLength / (right.rows * samples)))
  const unitGroup = Math.max(1, Math.floor(packedLength / (samples * columns)))
  const group = Math.min(left.rows, fits)
  const factors = work.allocate(group * right.rows * samples)
  try {
    for (let from = 0; from < left.rows; from += group) {
      const count = Math.min(group, left.rows - from)
      const first = symmetric ? left.from + from : 0
      const m = right.rows - first
      for (let i = 0; i < count; i++) {
        const l = (from + i) * samples
        for (let row = 0; row < m; row++) {
          const r = (first + row) * samples
          const to = (i * m + row) * samples
          for (let n = 0; n < samples; n++) factors[to + n] = left.transposed[l + n] * right.transposed[r + n]
        }
      }
      for (let unit = 0; unit < units; unit += unitGroup)
        await work.gemmOuterBatch(
          {
            m,
            n: columns,
            k: samples,
            a: { data: factors, offset: 0, stride: samples, step: m * samples, count },
            b: {
              data: s.data,
              offset: unit * columns,
              stride: units * columns,
              step: columns,
              count: Math.min(unitGroup, units - unit)
            },
            c: {
              data: target.data,
              offset: target.offset + (from * units + unit) * target.stride + first * columns,
              stride: columns,
              stepA: units * target.stride,
              stepB: target.stride
            },
            accumulate,
            upper: symmetric
          },
          { signal: options.signal }
        )
      options.onProgress?.((from + count) / left.rows)
    }
  } finally {
    work.release(factors)
  }
}

/**
 * The weights' own term between neighbouring layers, m = l + 1, where G is diagonal:
 * H[(i,j),(j,j')] += Σ_n h̃_l[n,i] φ'(net_l)[n,j] δ_m[n,j']. One product h̃_lᵀ · (φ'[:,j] ∘ δ_m) a unit j.
 */
export async function neighbourTerm(
  work: Workspace,
  left: Inputs,
  slope: Float64Array,
  delta: Float64Array,
  units: number,
  columns: number,
  samples: number,
  target: Target,
  signal?: AbortSignal
): Promise<void> {
  const right = work.allocate(units * samples * columns)
  try {
    for (let j = 0; j < units; j++)
      for (let n = 0; n < samples; n++) {
        const factor = slope[n * units + j]
        const to = (j * samples + n) * columns
        for (let k = 0; k < columns; k++) right[to + k] = factor * delta[n * columns + k]
      }
    await work.gemmOuterBatch(
      {
        m: left.rows,
        n: columns,
        k: samples,
        a: { data: left.transposed, offset: 0, stride: samples, step: 0, count: 1 },
        b: { data: right, offset: 0, stride: columns, step: samples * columns, count: units },
        c: { data: target.data, offset: target.offset, stride: units * target.stride, stepA: 0, stepB: target.stride + columns },
        accumulate: true
      },
      { signal }
    )
  } finally {
    work.release(right)
  }
}

/**
 * The weights' own term across one or more layers between, m > l + 1:
 * H[(i,j),(i',j')] += Σ_n h̃_l[n,i] Gᵀ_n[j,i'] δ_m[n,j'], as (h̃_l[:,i] ∘ Gᵀ[:,j,:])ᵀ · δ_m for each (i,j). A bias row i' gets nothing.
 */
export async function distantTerm(
  work: Workspace,
  left: Inputs,
  g: Stack,
  delta: Float64Array,
  columns: number,
  samples: number,
  target: Target,
  signal?: AbortSignal
): Promise<void> {
  const { rows: units, columns: inner } = g
  const wide = units * inner
  // G with the samples innermost, so that the factors below are products of contiguous runs.
  const turned = work.allocate(wide * samples)
  const group = Math.min(left.rows, Math.max(1, Math.floor(factorLength / (wide * samples))))
  const factors = work.allocate(group * wide * samples)
  const errors = work.allocate(samples * columns)
  try {
    for (let n = 0; n < samples; n++) for (let e = 0; e < wide; e++) turned[e * samples + n] = g.data[n * wide + e]
    errors.set(delta)
    for (let from = 0; from < left.rows; from += group) {
      const count = Math.min(group, left.rows - from)
      for (let i = 0; i < count; i++) {
        const l = (from + i) * samples
        for (let e = 0; e < wide; e++) {
          const to = (i * wide + e) * samples
          for (let n = 0; n < samples; n++) factors[to + n] = left.transposed[l + n] * turned[e * samples + n]
        }
      }
      await work.gemmOuterBatch(
        {
          m: inner,
          n: columns,
          k: samples,
          a: { data: factors, offset: 0, stride: samples, step: inner * samples, count: count * units },
          b: { data: errors, offset: 0, stride: columns, step: 0, count: 1 },
          c: {
            data: target.data,
            offset: target.offset + from * units * target.stride,
            stride: columns,
            stepA: target.stride,
            stepB: 0
          },
          accumulate: true
        },
        { signal }
      )
    }
  } finally {
    work.release(errors)
    work.release(factors)
    work.release(turned)
  }
}

/** U_j (+)= Σ_n s[n,j] h̃[n,:]ᵀ h̃[n,:], one rows × rows matrix an output unit j, one after the other. */
export async function unitTerm(
  work: Workspace,
  inputs: Inputs,
  s: Float64Array,
  units: number,
  samples: number,
  result: Float64Array,
  accumulate: boolean,
  options: CallOptions
): Promise<void> {
  const { rows, transposed } = inputs
  const group = Math.min(units, Math.max(1, Math.floor(factorLength / (rows * samples))))
  const right = work.allocate(group * rows * samples)
  try {
    for (let from = 0; from < units; from += group) {
      const count = Math.min(group, units - from)
      for (let j = 0; j < count; j++)
        for (let n = 0; n < samples; n++) {
          const factor = s[n * units + from + j]
          const to = (j * samples + n) * rows
          for (let i = 0; i < rows; i++) right[to + i] = factor * transposed[i * samples + n]
        }
      await work.gemmOuterBatch(
        {
          m: rows,
          n: rows,
          k: samples,
          a: { data: transposed, offset: 0, stride: samples, step: 0, count: 1 },
          b: { data: right, offset: 0, stride: rows, step: samples * rows, count },
          c: { data: result, offset: from * rows * rows, stride: rows, stepA: 0, stepB: rows * rows },
          accumulate
        },
        { signal: options.signal }
      )
      options.onProgress?.((from + count) / units)
    }
  } finally {
    work.release(right)
  }
}
