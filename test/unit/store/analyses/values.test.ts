// Arrays of stored analyses: whole in double precision or refused with their size, of every run in one list; and a point of a plane as start weights.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatNpy, formatNpyHeader, parseNpz } from '../../../../src/shared/npy'
import { functionSpecSchema } from '../../../../src/shared/spec/schema'
import { allAnalyses, createRun, planePoint, readAnalysisArray, type Workspace } from '../../../../src/store'
import { parameterCount, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>

type Arrays = Record<string, { shape: number[]; data: Float64Array | Float32Array }>
function write(run: string, name: string, arrays: Arrays, createdAt: string) {
  const folder = join(workspace.folder, 'runs', run, 'analyses', name)
  mkdirSync(folder, { recursive: true })
  for (const [array, content] of Object.entries(arrays)) writeFileSync(join(folder, `${array}.npy`), formatNpy(content))
  const described = Object.fromEntries(
    Object.entries(arrays).map(([array, { shape }]) => [array, { file: `${array}.npy`, shape, meaning: array, unit: null }])
  )
  const rest = { options: {}, seconds: 1, backend: null, versions: {}, figures: {}, checks: {}, notes: [], files: [] }
  const manifest = { schemaVersion: 1, kind: 'landscape', run, step: 5, ...rest, arrays: described, createdAt }
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest))
  return folder
}
const center = Float64Array.from({ length: parameterCount }, (_, i) => Math.sin(i))
const axes = Float64Array.from({ length: 2 * parameterCount }, (_, i) => Math.cos(3 * i))

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  await createRun(workspace, testSpec(), { id: 'one' })
  const problem = { kind: 'function', function: 'rosenbrock', start: [-1, 2] }
  const played = functionSpecSchema.parse({ schemaVersion: 1, name: 'play', problem, optimizer: { kind: 'gd' }, budget: { steps: 1 } })
  await createRun(workspace, played, { id: 'played' })
  await createRun(workspace, testSpec(), { id: 'without' })
  const plane = { center: { shape: [parameterCount], data: center }, axes: { shape: [2, parameterCount], data: axes } }
  write('one', 'landscape-5', plane, '2026-01-02T00:00:00.000Z')
  write('one', 'landscape-7', { single: { shape: [2, 2], data: Float32Array.of(1, 0.5, -2, 3) } }, '2026-01-03T00:00:00.000Z')
  const two = { center: { shape: [2], data: Float64Array.of(1, 1) }, axes: { shape: [2, 2], data: Float64Array.of(1, 0, 0, 1) } }
  const folder = write('played', 'landscape-1', two, '2026-01-01T00:00:00.000Z')
  const header = formatNpyHeader('f8', [4_000_001])
  writeFileSync(join(folder, 'center.npy'), Buffer.concat([header, new Uint8Array(8 * 4_000_001)]))
})
afterAll(() => remove())

describe('the analyses of a workspace', () => {
  it('are one list, newest first, runs without any left out', async () => {
    expect((await allAnalyses(workspace)).map(({ run, name }) => `${run}:${name}`)).toEqual([
      'one:landscape-7',
      'one:landscape-5',
      'played:landscape-1'
    ])
  })
  it('give their arrays in double precision', async () => {
    expect(await readAnalysisArray(workspace, 'one', 'landscape-5', 'axes')).toEqual({ shape: [2, parameterCount], data: axes })
    expect(await readAnalysisArray(workspace, 'one', 'landscape-7', 'single')).toEqual({
      shape: [2, 2],
      data: Float64Array.of(1, 0.5, -2, 3)
    })
  })
  it('refuse what is not there, and what is too large with its size', async () => {
    await expect(readAnalysisArray(workspace, 'one', 'landscape-7', 'axes')).rejects.toThrow(
      'landscape-7 of run "one" has no array "axes"; it has single'
    )
    await expect(readAnalysisArray(workspace, 'one', 'landscape-7', 'constructor')).rejects.toThrow('has no array')
    await expect(readAnalysisArray(workspace, 'played', 'landscape-1', 'center')).rejects.toThrow(
      'center has 4000001 numbers, more than the 4000000 that are shown at once: read center.npy itself'
    )
  })
})

describe('a point of a plane', () => {
  it('is the centre plus both axes, as the named arrays of the network', async () => {
    const { spec, weights } = await planePoint(workspace, 'one', 'landscape-5', 0.5, -2)
    expect(spec.name).toBe('A test from (0.5, -2) of landscape-5')
    const arrays = await parseNpz(weights?.bytes ?? new Uint8Array(), 'x')
    expect(Object.entries(arrays).map(([name, { shape }]) => [name, shape])).toEqual([
      ['W1', [3, 4]],
      ['b1', [4]],
      ['W2', [4, 2]],
      ['b2', [2]]
    ])
    const all = Object.values(arrays).flatMap(({ data }) => [...data])
    expect(all).toEqual(Array.from(center, (c, i) => c + 0.5 * axes[i] - 2 * axes[parameterCount + i]))
  })
  it('is the start of a function', async () => {
    write(
      'played',
      'landscape-2',
      { center: { shape: [2], data: Float64Array.of(1, 1) }, axes: { shape: [2, 2], data: Float64Array.of(0.6, 0.8, -0.8, 0.6) } },
      '2026-01-01T00:00:00.000Z'
    )
    const { spec, weights } = await planePoint(workspace, 'played', 'landscape-2', 1, 2)
    expect(weights).toBeNull()
    expect('problem' in spec && spec.problem.start).toEqual([1 + 0.6 - 1.6, 1 + 0.8 + 1.2])
  })
  it('is refused where an analysis is no plane', async () => {
    await expect(planePoint(workspace, 'one', 'landscape-7', 0, 0)).rejects.toThrow(
      'landscape-7 of run "one" is no plane through weight space: it has no center and axes'
    )
  })
})
