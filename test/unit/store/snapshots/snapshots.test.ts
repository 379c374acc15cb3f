// Snapshots on disk: tiles, rows, vectors and entries against the matrix that was written; overviews; pruning.
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  hessianFiles,
  matrixTile,
  matrixValues,
  overviewLevels,
  pinSnapshots,
  pruneSnapshots,
  readEigenvalues,
  readEigenvector,
  readStatus,
  runSnapshots,
  snapshotsToPrune,
  snapshotSteps,
  type TilePlace,
  writeSnapshot,
  createRun,
  draftSnapshot,
  openRunForTraining,
  type Workspace
} from '../../../../src/store'
import { overviewBuilder } from '../../../../src/store/snapshots/overview'
import { backend, fakeTrain, noChecks, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterAll(() => remove())

const n = 1301
const readTile = async (of: { run: string; step: number }, block: string, at: TilePlace) =>
  matrixTile(workspace.fileSystem, await hessianFiles(workspace, of, block), at)
async function entryOf(of: { run: string; step: number }, row: number, column: number): Promise<number> {
  const files = await hessianFiles(workspace, of, 'full')
  return (await matrixValues(workspace.fileSystem, files, { row, column, rows: 1, columns: 1 }))[0]
}
const matrix = Float64Array.from({ length: n * n }, (_, k) => Math.sin(k * 1.7) * ((k * 7919) % 1009))
const place = { run: 'large', step: 50 }

/** The pyramid by its definition, one level at a time, over the whole matrix. */
function pyramid(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  level: number
): { values: number[]; rows: number; columns: number } {
  let current = { values: Array.from(values), rows, columns }
  for (let l = 0; l < level; l++) {
    const r = Math.ceil(current.rows / 2)
    const c = Math.ceil(current.columns / 2)
    const next = Array.from({ length: r * c }, (_, k) => {
      const candidates: number[] = []
      for (const i of [2 * Math.floor(k / c), 2 * Math.floor(k / c) + 1])
        for (const j of [2 * (k % c), 2 * (k % c) + 1])
          if (i < current.rows && j < current.columns) candidates.push(current.values[i * current.columns + j])
      return candidates.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best))
    })
    current = { values: next, rows: r, columns: c }
  }
  return current
}

describe.each(['float64', 'float32'] as const)('a %s snapshot', (precision) => {
  const run = `large-${precision}`
  const here = { ...place, run }
  beforeAll(async () => {
    await mkdir(join(workspace.folder, 'runs', run, 'snapshots'), { recursive: true })
    const path = join(workspace.folder, 'runs', run, 'snapshots', 'step-000050')
    const vectors = Float64Array.from({ length: n * 8 }, (_, k) => k)
    const target = { fileSystem: workspace.fileSystem, path, run, scope: 'full', precision, offsetOf: () => 0, weights: null }
    const draft = draftSnapshot(target)
    await draft.matrix({ name: 'full', size: n, units: 1 }, [matrix])
    await writeSnapshot(
      target,
      {
        step: 50,
        parameters: new Float64Array(n),
        blocks: [
          {
            name: 'full',
            size: n,
            units: 1,
            eigenvalues: Float64Array.from({ length: n }, (_, k) => k / 7),
            // Every second column of a wider matrix: a strided view.
            eigenvectors: { data: vectors, rows: n, columns: 3, offset: 2, stride: 8 },
            indices: [0, 1, n - 1],
            checks: noChecks
          }
        ]
      },
      draft
    )
  })
  const stored = (value: number) => (precision === 'float32' ? Math.fround(value) : value)

  it('serves every tile of level 0', async () => {
    for (const [row, column] of [
      [0, 0],
      [1, 2],
      [2, 2]
    ]) {
      const tile = await readTile(here, 'full', { level: 0, row, column })
      expect([tile.rows, tile.columns]).toEqual([Math.min(512, n - row * 512), Math.min(512, n - column * 512)])
      const expected = Float32Array.from(
        { length: tile.values.length },
        (_, k) => matrix[(row * 512 + Math.floor(k / tile.columns)) * n + column * 512 + (k % tile.columns)]
      )
      expect(Buffer.from(tile.values.buffer).equals(Buffer.from(expected.buffer))).toBe(true)
    }
  })

  it('serves the overview, in which no large entry disappears', async () => {
    expect(overviewLevels(n, n).map((level) => level.rows)).toEqual([651, 326])
    for (const level of [1, 2]) {
      const whole = pyramid(Float32Array.from(matrix), n, n, level)
      const column = level === 1 ? 1 : 0
      const tile = await readTile(here, 'full', { level, row: 0, column })
      for (let k = 0; k < tile.values.length; k += 97) {
        const expected = whole.values[Math.floor(k / tile.columns) * whole.columns + column * 512 + (k % tile.columns)]
        expect(Math.abs(tile.values[k])).toBe(Math.abs(expected))
      }
    }
  })

  it('serves entries, eigenvalues and single vectors', async () => {
    expect(await entryOf(here, 1300, 3)).toBe(stored(matrix[1300 * n + 3]))
    expect((await readEigenvalues(workspace, here, 'full')).values[14]).toBe(2)
    const { vector, value } = await readEigenvector(workspace, here, 'full', n - 1)
    expect([...vector.subarray(0, 3), value]).toEqual([4, 12, 20, (n - 1) / 7])
  })

  it('says what is not there', async () => {
    await expect(readEigenvector(workspace, here, 'full', 5)).rejects.toThrow('eigenvector 5 of full was not stored; there are 0–1, 1300')
    await expect(readTile(here, 'full', { level: 3, row: 0, column: 0 })).rejects.toThrow('full has levels 0 to 2, not 3')
    await expect(readTile(here, 'full', { level: 0, row: 3, column: 0 })).rejects.toThrow('tile (3, 0) lies outside')
    await expect(entryOf(here, n, 0)).rejects.toThrow('lies outside')
    await expect(readTile(here, 'W1', { level: 0, row: 0, column: 0 })).rejects.toThrow('no block "W1"; there are full')
    await expect(readEigenvalues(workspace, { ...here, step: 51 }, 'full')).rejects.toThrow('has no snapshot of step 51; it has 50')
  })
})

describe('the overview', () => {
  it('agrees with its definition for any shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer(), (rows, columns, seed) => {
        const values = Float32Array.from({ length: rows * columns }, (_, k) => Math.fround(Math.sin(seed + k * 3.3)))
        // Several levels also for a small matrix.
        const levels = [1, 2, 3].reduce<{ rows: number; columns: number; offset: number }[]>((all, _, k) => {
          const above = k === 0 ? { rows, columns } : all[k - 1]
          return [...all, { rows: Math.ceil(above.rows / 2), columns: Math.ceil(above.columns / 2), offset: 0 }]
        }, [])
        const got: number[][] = [[], [], []]
        const builder = overviewBuilder(columns, levels, (level, row, finished) => {
          expect(got[level].length).toBe(row * levels[level].columns)
          got[level].push(...finished)
        })
        for (let row = 0; row < rows; row++) builder.row(values.slice(row * columns, (row + 1) * columns))
        builder.end()
        got.forEach((level, k) => expect(level.map(Math.abs)).toEqual(pyramid(values, rows, columns, k + 1).values.map(Math.abs)))
      }),
      { seed: 3, numRuns: 60 }
    )
  })
})

describe('pruning', () => {
  it('keeps the first, the last, every k-th and the pinned', () => {
    const steps = [0, 10, 20, 30, 40, 50, 60]
    expect(snapshotsToPrune(steps, { keepEvery: null })).toEqual([10, 20, 30, 40, 50])
    expect(snapshotsToPrune(steps, { keepEvery: 2, pinned: [50] })).toEqual([10, 30])
    expect(snapshotsToPrune([5], { keepEvery: null })).toEqual([])
  })

  it('frees the space and keeps the books', async () => {
    await createRun(workspace, testSpec(), { id: 'pruned' })
    const run = await openRunForTraining(workspace, 'pruned', { backend })
    await fakeTrain(run.sink, run.resume, 50)
    await expect(pruneSnapshots(workspace, 'pruned', { which: { keepEvery: null } })).rejects.toThrow(/being worked on/)
    await run.finish('done')
    await pinSnapshots(workspace, 'pruned', [20], true)
    const before = await readStatus(workspace, 'pruned')
    const { steps, bytes } = await pruneSnapshots(workspace, 'pruned', { which: { keepEvery: null } })
    expect(steps).toEqual([30, 40])
    const after = await readStatus(workspace, 'pruned')
    expect((before.figures?.bytes.snapshots ?? 0) - (after.figures?.bytes.snapshots ?? 0)).toBe(bytes)
    expect(after.figures?.snapshots).toBe(3)
    const hessians = await pruneSnapshots(workspace, 'pruned', { which: { keepEvery: null }, hessiansOnly: true })
    expect(hessians.steps).toEqual([])
    await pinSnapshots(workspace, 'pruned', [20], false)
    expect((await pruneSnapshots(workspace, 'pruned', { which: { keepEvery: null }, hessiansOnly: true })).steps).toEqual([20])
    expect(await snapshotSteps(workspace, 'pruned')).toEqual([10, 20, 50])
    expect(await readdir(join(workspace.folder, 'runs/pruned/snapshots/step-000020'))).not.toContain('hessian.full.npy')
    expect((await runSnapshots(workspace, 'pruned')).map((entry) => entry.hessian)).toEqual([true, false, true])
    expect((await readEigenvalues(workspace, { run: 'pruned', step: 20 }, 'full')).values.length).toBe(26)
    expect((await pruneSnapshots(workspace, 'pruned', { which: { keepEvery: null } })).steps).toEqual([20])
    expect(await snapshotSteps(workspace, 'pruned')).toEqual([10, 50])
  })
})
