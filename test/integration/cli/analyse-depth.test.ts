// depth through the command, on the embedded kernels and on the native library where there is one: the same net, from its spec and from its run.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeFolder, saddlescope, smallSpec, start, temporaryFolder, writeSpec } from './saddlescope'

let folder: string
let workspace: string
let spec: string
const settings = {
  model: {
    layers: [100, 6, 5, 6, 10],
    activation: { kind: 'tanh' },
    bias: true,
    init: { kind: 'mean-field-normal', sigmaW: 1.3, sigmaB: 0.2 }
  },
  budget: { steps: 2 },
  snapshots: { everySteps: null }
}

interface Manifest {
  readonly figures: Record<string, number | null>
  readonly checks: Record<string, { ok: boolean }>
  readonly arrays: Record<string, { shape: number[] }>
  readonly notes: string[]
  readonly backend: { kind: string }
}

async function analyse(target: string, env: Record<string, string>, ...words: string[]): Promise<Manifest> {
  const call = start(['analyse', 'depth', target, '--json', ...words, '--workspace', workspace], { env })
  const { status, stdout, stderr } = await call.ended
  expect(status, stderr).toBe(0)
  const manifest = JSON.parse(stdout) as Manifest
  expect(Object.entries(manifest.checks).filter(([, { ok }]) => !ok)).toEqual([])
  return manifest
}
const doubles = (path: string) => {
  const file = readFileSync(path)
  const from = 10 + file.readUInt16LE(8)
  return Float64Array.from({ length: (file.length - from) / 8 }, (_, k) => file.readDoubleLE(from + 8 * k))
}

beforeAll(async () => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  spec = writeSpec(folder, smallSpec(settings))
  expect((await saddlescope('run', spec, '--id', 'chain', '--workspace', workspace)).status).toBe(0)
}, 120_000)
afterAll(() => removeFolder(folder))

describe('depth', () => {
  test('gives the same numbers on every backend, from the spec and from step 0 of its run', async () => {
    const [embedded, native] = [join(folder, 'embedded'), join(folder, 'native')]
    const a = await analyse(spec, { SADDLESCOPE_BACKEND: 'wasm' }, '--out', embedded, '--set', 'seeds=3')
    const b = await analyse('chain:0', { SADDLESCOPE_BACKEND: 'auto' }, '--out', native, '--set', 'seeds=3')
    expect(a.backend.kind).toBe('wasm')
    expect(Object.keys(a.arrays)).toEqual(Object.keys(b.arrays))
    for (const [name, { shape }] of Object.entries(a.arrays)) {
      const [x, y] = [embedded, native].map((place) => doubles(join(place, `${name}.npy`)))
      expect(x).toHaveLength(shape.reduce((product, n) => product * n, 1))
      const scale = x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      x.forEach((value, i) => expect(Math.abs(value - y[i]) / scale, `${name}[${i}]`).toBeLessThan(1e-8))
    }
    expect(a.arrays).toMatchObject({
      exponents: { shape: [5] },
      byLayer: { shape: [4, 5] },
      chi: { shape: [3] },
      coupling: { shape: [4, 4] }
    })
    expect(a.figures).toMatchObject({ sigmaW: 1.3, sigmaB: 0.2 })
    // The mean of what the layers add is the exponent.
    const [exponents, byLayer] = ['exponents', 'byLayer'].map((name) => doubles(join(embedded, `${name}.npy`)))
    exponents.forEach((value, i) => expect([0, 1, 2, 3].reduce((sum, l) => sum + byLayer[5 * l + i] / 4, 0)).toBeCloseTo(value, 12))
    expect(exponents[0]).toBe(a.figures.largest)
    expect(1 / (exponents[0] - exponents[1])).toBe(a.figures.xi)
  })

  test('of trained weights tells mean-field theory what they are, and says so', async () => {
    const { figures, notes } = await analyse('chain', {})
    expect(figures.sigmaW).not.toBe(1.3)
    expect(notes.join(' ')).toContain('these weights are trained')
  })

  test('refuses what it cannot do, and a σ_b without biases, each in one sentence', async () => {
    const bare = await saddlescope('run', spec, '--set', 'model.bias=false', '--workspace', workspace)
    expect([bare.status, bare.stderr]).toEqual([2, expect.stringContaining('model.init.sigmaB: must be 0 where model.bias is false')])
    const shallow = writeSpec(folder, smallSpec({ model: { ...settings.model, layers: [100, 10] } }), 'shallow.json')
    const one = await saddlescope('analyse', 'depth', shallow, '--out', join(folder, 'shallow'), '--workspace', workspace)
    expect([one.status, one.stderr]).toEqual([2, expect.stringContaining('this net has one layer, and needs two at least')])
  })
})
