// sharpness and tensor through the command: what stands in their files, against closed forms and against each other; a tensor that no drive takes.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseNpy, requireShape } from '../../../src/shared/npy'
import { removeFolder, saddlescope, smallSpec, temporaryFolder, writeSpec } from './saddlescope'

let folder: string
let workspace: string
beforeAll(() => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
})
afterAll(() => removeFolder(folder))

interface Manifest {
  readonly figures: Record<string, number | null>
  readonly checks: Record<string, { value: number | null; limit: number; ok: boolean }>
  readonly arrays: Record<string, { file: string; shape: number[] }>
}

const functionSpec = (name: string, start: number[]) => ({
  schemaVersion: 1,
  name: 'function',
  problem: { kind: 'function', function: name, start },
  optimizer: { kind: 'gd', learningRate: 0.01 },
  budget: { steps: 1 }
})

/** `spec`: its start point. */
async function analyse(kind: string, spec: unknown, out: string, ...settings: string[]) {
  const at = join(folder, out)
  const asked = [kind, writeSpec(folder, spec, `${out}.json`), '--out', at, ...settings.flatMap((one) => ['--set', one])]
  const { status, stdout, stderr } = await saddlescope('analyse', ...asked, '--json', '--workspace', workspace)
  expect([status, stderr.includes('rror')]).toEqual([0, false])
  const { figures, checks, arrays } = JSON.parse(stdout) as Manifest
  expect(Object.entries(checks).filter(([, { ok }]) => !ok)).toEqual([])
  return {
    figures,
    checks,
    array(name: string) {
      const { file, shape } = arrays[name]
      return [...requireShape(parseNpy(readFileSync(join(at, file)), file), shape, name)]
    }
  }
}

describe('analyses by jets', () => {
  test('tensor of a function is written as its facts say, with what its numbers add up to', async () => {
    const { array, figures, checks } = await analyse('tensor', functionSpec('rosenbrock', [-1, 3]), 'valley', 'basis=parameters')
    // ∂³/∂x³ = 2400x, ∂³/∂x²∂y = −400: (x x x), (y x x), (y y x), (y y y).
    expect(array('t3')).toEqual([-2400, -400, 0, 0])
    expect(figures).toEqual({ size: 2, numbers: 4, jets: 3, largest: 2400, resumed: 0, norm: Math.sqrt(2400 ** 2 + 3 * 400 ** 2) })
    expect(Object.keys(checks).sort()).toEqual(['contraction', 'symmetry'])
  })

  test('the gradient of sharpness is the tensor contracted twice with the eigenvector, on a net', async () => {
    const net = smallSpec({ model: { layers: [100, 1, 10], activation: { kind: 'tanh' }, bias: false }, loss: 'mse' })
    const sharp = await analyse('sharpness', net, 'sharp')
    const whole = await analyse('tensor', net, 'whole', 'basis=parameters')
    const [u, gradient, t3] = [sharp.array('vector'), sharp.array('gradient'), whole.array('t3')]
    const size = u.length
    expect(size).toBe(110)
    expect(t3.length).toBe((110 * 111 * 112) / 6)
    const packed = (...indices: number[]) => {
      const [a, b, c] = indices.sort((x, y) => y - x)
      return t3[(a * (a + 1) * (a + 2)) / 6 + (b * (b + 1)) / 2 + c]
    }
    const scale = Math.max(...gradient.map(Math.abs))
    for (const a of [0, 37, 99, 109]) {
      let sum = 0
      for (let b = 0; b < size; b++) for (let c = 0; c < size; c++) sum += packed(a, b, c) * u[b] * u[c]
      expect(Math.abs(sum - gradient[a]) / scale).toBeLessThan(1e-10)
    }
    const inBasis = await analyse('tensor', net, 'basis', 'k=2')
    const largest = inBasis.array('eigenvalues')[1]
    expect(sharp.figures.lambda).toBeCloseTo(largest, 10)
    // T₃[u, u, u] of the largest eigenvalue is the rate of λ₁ along u itself.
    const along = gradient.reduce((sum, x, i) => sum + x * u[i], 0)
    expect(Math.abs(inBasis.array('t3')[7] - along) / Math.abs(along)).toBeLessThan(1e-9)
  }, 60_000)

  test('a tensor that no drive takes is refused with the bytes it needs, and nothing is left', async () => {
    const spec = writeSpec(
      folder,
      smallSpec({ model: { layers: [100, 2000, 10], activation: { kind: 'tanh' }, bias: false } }),
      'huge.json'
    )
    const out = join(folder, 'huge')
    const asked = ['analyse', 'tensor', spec, '--set', 'basis=parameters', '--out', out, '--workspace', workspace]
    const { status, stderr } = await saddlescope(...asked)
    expect(status).not.toBe(0)
    // 220,000 weights: 1.8·10¹⁵ numbers.
    // 220,000 weights: 1.8·10¹⁵ numbers of eight bytes, twice while it is made.
    expect(stderr).toContain('Third derivatives of the start of small: it needs 28.4 PB and the drive has')
    expect(existsSync(out)).toBe(false)
  })
})
