// A matrix ordered by unit: every tile of every level against the permuted matrix, built by its definition; cancelling; what is refused.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { piecesOf, unitOrder } from '../../../../src/shared/model/pieces'
import { formatNpyHeader } from '../../../../src/shared/npy'
import { overviewLevels } from '../../../../src/shared/run/overview'
import { realFileSystem, reorderedOverview, reorderedValues } from '../../../../src/store'
import { reorderedTiles } from '../../../../src/store/matrices/reordered'

// 39·26 + 26 + 26·11 + 11 = 1,337 weights: two levels above the matrix.
const model = { layers: [39, 26, 11], bias: true }
const n = 40 * 26 + 27 * 11
const order = unitOrder(piecesOf(model, 'full', n) ?? [])
const matrix = Float64Array.from({ length: n * n }, (_, k) => Math.sin(k * 1.7) * ((k * 7919) % 1009))
matrix[17 * n + 1200] = NaN
/** By definition: entry (i, j) is that of the parameters at places i and j. */
const permuted = (i: number, j: number) => matrix[order[i] * n + order[j]]

let folder: string
let files: Parameters<typeof reorderedValues>[1]
const signal = new AbortController().signal
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlescope-reordered-'))
  const path = join(folder, 'hessian.npy')
  await writeFile(path, Buffer.concat([formatNpyHeader('f8', [n, n]), new Uint8Array(matrix.buffer)]))
  files = { name: 'full', rows: n, columns: n, matrix: path, overview: '' }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The entry of largest magnitude below a cell of a level, a NaN before all. */
function largestBelow(level: number, row: number, column: number): number {
  const span = 2 ** level
  let best = 0
  for (let i = row * span; i < Math.min(n, (row + 1) * span); i++)
    for (let j = column * span; j < Math.min(n, (column + 1) * span); j++) {
      const value = permuted(i, j)
      if (Number.isNaN(value)) return NaN
      if (Math.abs(value) > Math.abs(best)) best = value
    }
  return best
}

describe('a matrix by unit', () => {
  it('is a permutation of all weights', () => {
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, k) => k))
  })

  it('has the entries of the file at their new places', async () => {
    const values = await reorderedValues(realFileSystem, files, order, { row: 700, column: 30, rows: 9, columns: 1300 })
    for (let r = 0; r < 9; r++) for (let c = 0; c < 1300; c++) expect(values[r * 1300 + c]).toBe(permuted(700 + r, 30 + c))
    await expect(reorderedValues(realFileSystem, files, order, { row: n, column: 0, rows: 1, columns: 1 })).rejects.toThrow('lies outside')
  })

  it('keeps in every tile of every level the entry of largest magnitude', async () => {
    const tile = reorderedTiles(realFileSystem)
    for (const [level, row, column] of [
      [0, 2, 1],
      [1, 1, 0],
      [1, 0, 1],
      [2, 0, 0]
    ]) {
      const found = await tile(files, order, { level, row, column }, signal)
      expect([found.rows, found.columns]).toEqual([
        Math.min(512, Math.ceil(n / 2 ** level) - row * 512),
        Math.min(512, Math.ceil(n / 2 ** level) - column * 512)
      ])
      for (let r = 0; r < found.rows; r += 7)
        for (let c = 0; c < found.columns; c++)
          expect(found.values[r * found.columns + c] + 0).toBe(Math.fround(largestBelow(level, row * 512 + r, column * 512 + c)) + 0)
    }
    const levels = overviewLevels(n, n)
    const all = await reorderedOverview(realFileSystem, files, order)
    expect(all.filter(Number.isNaN)).toHaveLength(levels.length)
  })

  it('is not made to its end when nobody waits for it any more', async () => {
    const tile = reorderedTiles(realFileSystem)
    const abort = new AbortController()
    const asked = tile(files, order, { level: 2, row: 0, column: 0 }, abort.signal)
    abort.abort(new Error('left'))
    await expect(asked).rejects.toThrow('left')
    // The next who asks gets it whole.
    expect((await tile(files, order, { level: 2, row: 0, column: 0 }, signal)).values[0]).toBe(Math.fround(largestBelow(2, 0, 0)))
  })

  it('is refused beyond its size in one sentence', async () => {
    const tile = reorderedTiles(realFileSystem)
    const large = { ...files, rows: 20_000, columns: 20_000 }
    await expect(tile(large, order, { level: 2, row: 0, column: 0 }, signal)).rejects.toThrow(
      'full has 20000 columns; ordered by unit are shown matrices of up to 12000: order it as stored'
    )
  })
})
