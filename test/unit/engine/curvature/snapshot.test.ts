// Snapshots hold the spectrum of the matrix they are of, the chosen vectors, and checks that notice when something is wrong.
import { describe, expect, it } from 'vitest'
import {
  columnsInMemory,
  finiteDifferenceError,
  matrixFigures,
  residualError,
  spectrumChecks
} from '../../../../src/engine/curvature/checks'
import { curvatureBytes } from '../../../../src/engine/curvature/memory'
import { bytes } from '../../../../src/shared/format/bytes'
import { chosenVectors, takeSnapshot } from '../../../../src/engine/curvature/snapshot'
import { matrix } from '../../../../src/engine/linalg'
import { openPlain } from '../../../reference/linalg/plain'
import { activations, losses, makeCase, relativeError } from '../nn/nets'

const linalg = openPlain()
const contents = { eigenvalues: true, eigenvectors: 16 } as const
const tanhNet = () => makeCase(linalg, { layers: [4, 5, 3], activation: { kind: 'tanh' }, loss: 'mse', bias: true, samples: 12 })

describe('snapshot', () => {
  for (const loss of losses)
    for (const activation of activations)
      it(`passes its own checks: ${activation.kind}, ${loss}`, async () => {
        const { objective, parameters } = makeCase(linalg, { layers: [4, 4, 4], activation, loss, bias: true, samples: 12, seed: 3 })
        for (const scope of ['full', 'layer-blocks'] as const) {
          const snapshot = await takeSnapshot(objective, parameters, contents, scope, linalg, { step: 50 })
          expect(snapshot.step).toBe(50)
          for (const block of snapshot.blocks) {
            const { symmetry, trace, frobenius, residual, finiteDifference } = block.checks
            expect(symmetry).toBeLessThan(1e-13)
            expect(trace).toBeLessThan(1e-12)
            expect(frobenius).toBeLessThan(1e-12)
            expect(residual).toBeLessThan(1e-12)
            expect(finiteDifference).toBeLessThan(1e-6)
            expect(block.eigenvectors?.columns).toBe(16)
            expect(block.indices).toEqual([...Array(8).keys(), ...Array.from({ length: 8 }, (_, i) => block.size - 8 + i)])
          }
          snapshot.release()
        }
      })

  it('stores what was asked for and nothing else', async () => {
    const { objective, parameters } = tanhNet()
    const take = (asked: Parameters<typeof takeSnapshot>[2], scope: 'full' | 'layer-blocks' | 'unit-blocks') =>
      takeSnapshot(objective, parameters, asked, scope, linalg, { step: 1 })
    const [{ data }] = await objective.curvature(parameters, { scope: 'full' })
    const whole = await linalg.eigenSymmetric(matrix(43, 43, data))
    const all = (await take({ eigenvalues: true, eigenvectors: 'all' }, 'full')).blocks[0]
    expect(relativeError(all.eigenvalues ?? [], whole.values)).toBeLessThan(1e-13)
    expect(all.eigenvectors?.columns).toBe(43)
    const values = (await take({ eigenvalues: true, eigenvectors: 0 }, 'full')).blocks[0]
    expect([values.eigenvectors, values.checks.residual, values.indices]).toEqual([null, null, []])
    const kept: Float64Array[] = []
    const keepMatrix = async (block: { readonly data: Float64Array }) => void kept.push(block.data.slice())
    const other = await takeSnapshot(objective, parameters, { eigenvalues: true, eigenvectors: 'all' }, 'full', linalg, {
      step: 1,
      keepMatrix
    })
    expect(kept).toEqual([data])
    expect(other.blocks[0]).toEqual(all)
    const three = (await take({ eigenvalues: true, eigenvectors: 3 }, 'full')).blocks[0]
    expect(three.indices).toEqual([0, 1, 42])
    const units = (await take({ eigenvalues: true, eigenvectors: 16 }, 'unit-blocks')).blocks[1]
    expect([units.size, units.units, units.eigenvalues?.length, units.eigenvectors]).toEqual([6, 3, 18, null])
    for (let j = 0; j < 3; j++)
      expect(units.eigenvalues?.slice(j * 6, j * 6 + 6)).toEqual(units.eigenvalues?.slice(j * 6, j * 6 + 6).sort())
    expect(units.checks.trace).toBeLessThan(1e-13)
    expect(units.checks.finiteDifference).toBeLessThan(1e-6)
    const ggn = await takeSnapshot(objective, parameters, contents, 'full', linalg, { step: 1, kind: 'ggn' })
    expect(ggn.blocks[0].checks.residual).toBeLessThan(1e-12)
    expect(ggn.blocks[0].checks.finiteDifference).toBeNull()
  })

  it('takes vectors from a backend that gives all of them', async () => {
    const { objective, parameters } = tanhNet()
    const generous = { ...linalg, eigenSymmetric: (a: Parameters<typeof linalg.eigenSymmetric>[0]) => linalg.eigenSymmetric(a) }
    const few = await takeSnapshot(objective, parameters, contents, 'full', linalg, { step: 1 })
    const cut = await takeSnapshot(objective, parameters, contents, 'full', generous, { step: 1 })
    expect(cut.blocks[0].eigenvectors?.data).toEqual(few.blocks[0].eigenvectors?.data)
  })

  it('gives every array back that it took', async () => {
    const { network, batch } = tanhNet()
    const taken = new Set<Float64Array>()
    const counting = {
      ...linalg,
      allocate(length: number) {
        const array = linalg.allocate(length)
        taken.add(array)
        return array
      },
      release: (array: Float64Array) => void taken.delete(array)
    }
    const { networkObjective } = await import('../../../../src/engine/objectives/network')
    const objective = networkObjective({ linalg: counting }, network, 'mse', batch)
    const parameters = tanhNet().parameters
    for (const scope of ['full', 'layer-blocks', 'unit-blocks'] as const)
      (await takeSnapshot(objective, parameters, contents, scope, counting, { step: 1 })).release()
    const failing = { ...counting, eigenSymmetric: () => Promise.reject(new Error('no')) }
    await expect(takeSnapshot(objective, parameters, contents, 'layer-blocks', failing, { step: 1 })).rejects.toThrow('no')
    expect(taken.size).toBe(0)
  })

  it('ends with what the keeper of its matrices throws, before it decomposes and with nothing held', async () => {
    const { objective, parameters } = tanhNet()
    let decomposed = 0
    const watching = {
      ...linalg,
      eigenSymmetric: (...asked: Parameters<typeof linalg.eigenSymmetric>) => (decomposed++, linalg.eigenSymmetric(...asked))
    }
    const phases: string[] = []
    const keepMatrix = async ({ name }: { readonly name: string }) => {
      if (name === 'W2') throw new Error('the disk is full')
    }
    const options = { step: 1, keepMatrix, onPhase: (phase: string) => void phases.push(phase) }
    await expect(takeSnapshot(objective, parameters, contents, 'layer-blocks', watching, options)).rejects.toThrow('the disk is full')
    expect(decomposed).toBe(1)
    expect(phases.at(-1)).toBe('matrix W2')
  })

  it('is refused beforehand when it does not fit', async () => {
    const { objective, parameters } = tanhNet()
    const small = { ...linalg, availableBytes: 1000 }
    await expect(takeSnapshot(objective, parameters, contents, 'full', small, { step: 1 })).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/needs .* bytes\), 1\.00 kB \(1000 bytes\) are available/)
    })
  })
})

describe('checks', () => {
  it('notice a wrong entry, a wrong eigenvalue and a wrong vector', async () => {
    const { objective, parameters } = tanhNet()
    const [block] = await objective.curvature(parameters, { scope: 'full' })
    const n = block.size
    const { values, vectors } = await linalg.eigenSymmetric(matrix(n, n, block.data.slice()))
    const figures = await matrixFigures(block)
    expect(await finiteDifferenceError(objective, parameters, block, columnsInMemory(block), figures.largest)).toBeLessThan(1e-7)
    const wrong = { ...block, data: block.data.map((value, e) => (e % 2 === 0 ? value : value * 1.001)) }
    expect(await finiteDifferenceError(objective, parameters, wrong, columnsInMemory(wrong), figures.largest)).toBeGreaterThan(1e-5)
    expect(spectrumChecks(figures, values).trace).toBeLessThan(1e-13)
    const shifted = values.map((value, i) => (i === 3 ? value + 1e-3 : value))
    expect(spectrumChecks(figures, shifted).trace).toBeGreaterThan(1e-6)
    expect(
      spectrumChecks(
        figures,
        shifted.map((value, i) => (i === n - 1 ? value * 1.001 : value))
      ).frobenius
    ).toBeGreaterThan(1e-6)
    const scale = values[n - 1]
    expect(await residualError(objective, parameters, block, 'hessian', vectors, values, scale)).toBeLessThan(1e-12)
    expect(await residualError(objective, parameters, block, 'hessian', vectors, shifted, scale)).toBeGreaterThan(1e-6)
  })
})

describe('memory', () => {
  const blocks = [
    { name: 'W1', offset: 0, rows: 50, columns: 50 },
    { name: 'W2', offset: 2500, rows: 50, columns: 100 }
  ]

  it('counts the bytes of every scope', () => {
    expect(curvatureBytes(blocks, 'full').matrices).toBe(8 * 7500 ** 2)
    expect(curvatureBytes(blocks, 'full').peak).toBeLessThanOrEqual(1.3 * 8 * 7500 ** 2)
    expect(curvatureBytes(blocks, 'layer-blocks').matrices).toBe(8 * (2500 ** 2 + 5000 ** 2))
    expect(curvatureBytes(blocks, 'unit-blocks').matrices).toBe(8 * (2500 ** 2 + 100 * 50 ** 2))
    expect(curvatureBytes(blocks, 'full', { eigen: 'all' }).peak).toBeGreaterThan(2 * 8 * 7500 ** 2)
    expect(curvatureBytes(blocks, 'full', { eigen: 'values' }).peak).toBeLessThan(1.3 * 8 * 7500 ** 2)
  })

  it('assembly stays within 1.3 times the matrices at its peak, for few and many samples', async () => {
    // Kernels that do nothing: only what is allocated matters here.
    for (const { layers, samples, loss } of [
      { layers: [40, 45, 50], samples: 1500, loss: 'half-sse' },
      { layers: [10, 30, 30, 30, 50], samples: 600, loss: 'softmax-cross-entropy' },
      { layers: [10, 390], samples: 300, loss: 'softmax-cross-entropy' }
    ] as const) {
      const sizes = new Map<Float64Array, number>()
      let live = 0
      let peak = 0
      const idle = async () => undefined
      const counting = {
        ...linalg,
        availableBytes: 1e12,
        gemm: idle,
        gemmOuterBatch: idle,
        spread: idle,
        mirrorUpperInPlace: idle,
        allocate(length: number) {
          const array = new Float64Array(length)
          sizes.set(array, 8 * length)
          live += 8 * length
          peak = Math.max(peak, live)
          return array
        },
        release(array: Float64Array) {
          live -= sizes.get(array) ?? 0
          sizes.delete(array)
        }
      }
      const net = makeCase(counting, { layers: [...layers], activation: { kind: 'tanh' }, loss, bias: true, samples })
      const [block] = await net.objective.curvature(net.parameters, { scope: 'full' })
      const matrixBytes = 8 * block.size ** 2
      expect(matrixBytes).toBeGreaterThan(80e6)
      // The backend may pack a copy of what one call is given: 16 MB of right factors, 4 MB of left ones.
      expect(peak + 20e6).toBeLessThan(1.3 * matrixBytes + 8e6)
      counting.release(block.data)
      expect(live).toBe(0)
    }
  })

  it('writes sizes for people', () => {
    expect([0, 999, 1000, 450e6, 999.9e6, 1.152e9].map(bytes)).toEqual(['0 B', '999 B', '1.00 kB', '450 MB', '1.00 GB', '1.15 GB'])
  })

  it('chooses half of the vectors from each end', () => {
    expect(chosenVectors(10, 4).indices).toEqual([0, 1, 8, 9])
    expect(chosenVectors(3, 16)).toEqual({ smallest: 2, largest: 1, indices: [0, 1, 2] })
    expect(chosenVectors(4, 'all').indices).toEqual([0, 1, 2, 3])
    expect(chosenVectors(4, 0).indices).toEqual([])
  })
})
