// A kept matrix costs no memory: it is handed over before it is decomposed in place, and everything else has the bits of a snapshot that keeps none.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { takeSnapshot, type SnapshotContents } from '../../../../src/engine/curvature/snapshot'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import type { CurvatureBlock } from '../../../../src/engine/objective'
import { lapackFault } from '../../../reference/linalg/lapack-here'
import { makeCase } from '../nn/nets'

const hasLapack = (await lapackFault()) === null

describe.each(['wasm', 'lapack'] as const)('on %s', (backend) => {
  const absent = backend === 'lapack' && !hasLapack
  let linalg: Linalg
  beforeAll(async () => {
    if (!absent) linalg = await openLinalg({ backend, threads: 2 })
  })
  afterAll(() => linalg?.dispose())

  /** The backend with the most it held at a time, looked at whenever memory is taken: by `allocate` and within every routine's call. */
  function watched(): { readonly on: Linalg; readonly peak: () => number } {
    const before = linalg.memory.heldBytes
    let most = 0
    const look = () => (most = Math.max(most, linalg.memory.heldBytes - before))
    const on = Object.defineProperties({}, Object.getOwnPropertyDescriptors(linalg)) as Record<string, unknown>
    for (const [name, routine] of Object.entries(linalg))
      if (typeof routine === 'function' && name !== 'dispose')
        on[name] = (...values: unknown[]) => {
          const result: unknown = (routine as (...all: unknown[]) => unknown)(...values)
          look()
          if (!(result instanceof Promise)) return result
          const timer = setInterval(look, 1)
          return result.finally(() => (clearInterval(timer), look()))
        }
    return { on: on as unknown as Linalg, peak: () => most }
  }

  async function taken(scope: 'full' | 'layer-blocks' | 'unit-blocks', eigenvectors: SnapshotContents['eigenvectors'], keep: boolean) {
    const { on, peak } = watched()
    const net = makeCase(on, { layers: [12, 22, 10], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 20 })
    const kept = new Map<string, Float64Array>()
    const keepMatrix = async ({ name, data }: CurvatureBlock) => void kept.set(name, data.slice())
    const snapshot = await takeSnapshot(net.objective, net.parameters, { eigenvalues: true, eigenvectors }, scope, on, {
      step: 0,
      ...(keep ? { keepMatrix } : {})
    })
    const blocks = snapshot.blocks.map(({ eigenvectors: vectors, ...block }) => {
      const { data, rows, columns, offset, stride } = vectors ?? { data: [], rows: 0, columns: 0, offset: 0, stride: 0 }
      return {
        ...block,
        vectors: Array.from({ length: rows * columns }, (_, k) => data[offset + Math.floor(k / columns) * stride + (k % columns)])
      }
    })
    snapshot.release()
    return { blocks, kept, peak: peak() }
  }

  test.skipIf(absent).each([
    ['full', 16],
    ['full', 'all'],
    ['full', 0],
    ['layer-blocks', 16],
    ['unit-blocks', 16]
  ] as const)('%s with %s eigenvectors: the same memory, the same bits, and the matrix itself', async (scope, eigenvectors) => {
    const bare = await taken(scope, eigenvectors, false)
    const whole = await taken(scope, eigenvectors, true)
    expect(whole.blocks).toEqual(bare.blocks)
    const largest = Math.max(...bare.blocks.map(({ size }) => size))
    // A look may miss what is held for a moment only; a second matrix is held for as long as it is decomposed.
    expect(bare.peak).toBeGreaterThan(8 * largest ** 2)
    expect(whole.peak).toBeLessThan(bare.peak + 5 * largest ** 2)

    const net = makeCase(linalg, { layers: [12, 22, 10], activation: { kind: 'tanh' }, loss: 'half-sse', bias: true, samples: 20 })
    const matrices = await net.objective.curvature(net.parameters, { scope })
    expect([...whole.kept.keys()]).toEqual(matrices.map(({ name }) => name))
    for (const { name, data } of matrices) {
      expect(whole.kept.get(name)).toEqual(data)
      linalg.release(data)
    }
  })
})
