// Files of other programs through the real command line: read right, or refused in one sentence before anything is trained.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { formatNpy, npzParts } from '../../../src/shared/npy'
import { metricsOf, removeFolder, saddlescope, temporaryFolder } from './saddlescope'

const folder = temporaryFolder()
const workspace = join(folder, 'workspace')
const at = ['--workspace', workspace]
afterAll(() => removeFolder(folder))

const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const samples = 'x1,x2,x3,y\n1,0,0,0.5\n0,1,0,0.25\n0,0,1,0.75\n1,2,3,1.5\n'
put('samples.csv', samples)
put('w.npz', Buffer.concat([...npzParts({ W1: { shape: [2, 1], data: Float64Array.of(1, -2) } })]))
/** 3 × 2, by rows. */
const entries = [1, 10, 2, 20, 3, 30]
put('c.npy', formatNpy({ shape: [3, 2], data: Float64Array.from(entries) }))
const fortran = Buffer.from(formatNpy({ shape: [3, 2], data: Float64Array.of(1, 2, 3, 10, 20, 30) }))
fortran.write("'fortran_order': True, ", fortran.indexOf("'fortran_order'"), 'latin1')
put('fortran.npy', fortran)
put('nan.npy', formatNpy({ shape: [3, 2], data: Float64Array.of(1, 10, 2, NaN, 3, 30) }))

const projected = (matrix: string) => ({
  schemaVersion: 1,
  name: matrix.replace('.npy', ''),
  data: { dataset: { path: 'samples.csv' }, transforms: [{ kind: 'random-projection', dim: 2, matrix }] },
  model: { layers: [null, 1], activation: { kind: 'identity' }, init: { kind: 'npz', path: 'w.npz' } },
  loss: 'mse',
  optimizer: { kind: 'gd', learningRate: 0.0001 },
  budget: { steps: 1 }
})

describe('projections', () => {
  test('in either order give the loss that a calculator gives; what a table was taken for is said and logged; a mark before JSON is no matter', async () => {
    // Sums of squares by hand: rows (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 2, 3) times the matrix times (1, −2), less y.
    const outputs = [1 - 20, 2 - 40, 3 - 60, 14 - 280]
    const loss = outputs.reduce((sum, output, i) => sum + (output - [0.5, 0.25, 0.75, 1.5][i]) ** 2, 0) / 4
    for (const matrix of ['c.npy', 'fortran.npy']) {
      const called = await saddlescope('run', put('spec.json', `\ufeff${JSON.stringify(projected(matrix))}`), ...at)
      expect(called.status, called.stderr).toBe(0)
      const said = `samples.csv: read as UTF-8, separator comma, names from line 1; 3 inputs (x1, x2, x3); target y (values)`
      expect(called.stderr).toContain(said)
      const run = join(workspace, 'runs', matrix.replace('.npy', ''))
      expect(readFileSync(join(run, 'log.ndjson'), 'utf8')).toContain(said)
      expect(metricsOf(run)[0].loss).toBeCloseTo(loss, 8)
    }
  })

  test('with an entry that is not finite are refused with matrix and entry, and no run is made', async () => {
    const called = await saddlescope('run', put('spec.json', JSON.stringify(projected('nan.npy'))), ...at)
    expect(called.stderr).toMatch(/^data\.transforms\.0\.matrix: .*nan\.npy: entry \(1, 1\) is NaN, must be finite$/m)
    expect(called.status).toBe(2)
    expect(readdirSync(join(workspace, 'runs'))).not.toContain('nan')
  })
})

describe('datasets import', () => {
  test('says what it took a table for, to people and to programs, and takes options', async () => {
    const path = put('signs.csv', 'x1,x2,label\n0,5,-1\n3,7,1\n1,1,-1\n')
    const plain = await saddlescope('datasets', 'import', path, ...at)
    expect(plain.stderr).toContain(
      'imported as signs: 3 training and 0 test samples; read as UTF-8, separator comma, names from line 1; 2 inputs (x1, x2); target label (values)'
    )
    const classes = await saddlescope('datasets', 'import', path, '--classes', 'yes', '--id', 'classes', '--json', ...at)
    expect(JSON.parse(classes.stdout)).toMatchObject({
      done: true,
      dataset: { id: 'classes', labels: { fine: ['-1', '1'] }, targets: null, csv: { separator: 'comma', header: 1, targets: ['label'] } }
    })
    const chosen = await saddlescope(
      'datasets',
      'import',
      path,
      '--header',
      'no',
      '--separator',
      'space',
      '--target',
      '1',
      ...at,
      '--id',
      'odd'
    )
    expect([chosen.stderr.trim(), chosen.status]).toEqual([
      'signs.csv: needs at least one input column beside the target; no separator was found, say which with --separator',
      1
    ])
    const unknown = await saddlescope('datasets', 'import', path, '--target', 'z', ...at)
    expect([unknown.stderr.trim(), unknown.status]).toEqual(['signs.csv: has no column "z"; there are x1, x2, label', 2])
    const wrong = await saddlescope('datasets', 'import', path, '--header', 'maybe', ...at)
    expect([wrong.stderr.trim(), wrong.status]).toEqual(['--header: must be yes or no, got "maybe"', 2])
  })

  test('softmax cross-entropy on values is refused before the run: by the spec alone, and by the data', async () => {
    const spec = (layers: (number | null)[], dataset: unknown) =>
      put(
        'softmax.json',
        JSON.stringify({
          ...projected('c.npy'),
          data: { dataset },
          model: { layers, activation: { kind: 'tanh' } },
          loss: 'softmax-cross-entropy'
        })
      )
    put('pair.csv', 'x1,y1,y2\n0,-1,1\n3,1,-1\n')
    await saddlescope('datasets', 'import', join(folder, 'pair.csv'), ...at)
    const one = await saddlescope('run', spec([null, 1], 'signs'), ...at)
    expect(one.stderr).toMatch(/^model\.layers\.1: must be at least 2 with loss softmax-cross-entropy/)
    for (const dataset of ['pair', { path: 'pair.csv' }]) {
      const two = await saddlescope('run', spec([null, 2], dataset), ...at)
      expect(two.stderr).toMatch(
        /loss: softmax-cross-entropy needs classes, or targets ≥ 0 that sum to 1, but the target of training sample 1 of dataset pair holds -1/
      )
      expect([one.status, two.status]).toEqual([2, 2])
    }
  })
})
