// Runs out of the workspace and back in; Hessians from elsewhere; archives and folders that mean harm.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, formatNpy, NpyError, readZipDirectory, readZipEntry, zipParts } from '../../../../src/shared/npy'
import {
  createRun,
  exportRun,
  hessianFiles,
  importPath,
  importRun,
  matrixValues,
  openRunForTraining,
  openRunIndex,
  readCheckpoint,
  readEigenvalues,
  readManifest,
  readStatus,
  StorageError,
  type Workspace
} from '../../../../src/store'
import { csvLine } from '../../../../src/shared/csv'
import { backend, fakeTrain, temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let elsewhere: Workspace
const removals: (() => Promise<void>)[] = []
let outside: string

beforeAll(async () => {
  const first = await temporaryWorkspace()
  const second = await temporaryWorkspace()
  removals.push(first.remove, second.remove)
  workspace = first.workspace
  elsewhere = second.workspace
  outside = join(workspace.folder, 'outside')
  await mkdir(outside)
  await createRun(workspace, testSpec(), { id: 'run' })
  const run = await openRunForTraining(workspace, 'run', { backend })
  await fakeTrain(run.sink, run.resume, 20)
  await run.finish('done')
})
afterAll(async () => {
  for (const remove of removals) await remove()
})

/** An entry of an imported matrix. */
async function entryOf(run: string, row: number, column: number): Promise<number> {
  const files = await hessianFiles(workspace, { run, step: 0 }, 'full')
  return (await matrixValues(workspace.fileSystem, files, { row, column, rows: 1, columns: 1 }))[0]
}
const runNames = async (place: Workspace) => (await readdir(join(place.folder, 'runs'))).sort()
const zipped = (entries: readonly (readonly [string, string | Uint8Array])[]) =>
  Buffer.concat([
    ...zipParts(
      entries.map(([name, content]) => ({ name, parts: [typeof content === 'string' ? new TextEncoder().encode(content) : content] }))
    )
  ])

describe.each(['folder', 'zip'])('export to a %s', (kind) => {
  it('has what a notebook needs, and comes back the same', async () => {
    const out = join(outside, kind === 'zip' ? 'shared run.zip' : 'shared run')
    const { files } = await exportRun(workspace, 'run', out)
    expect(files).toBeGreaterThan(20)
    const id = await importPath(elsewhere, out)
    expect(id).toBe(kind === 'zip' ? 'shared-run-2' : 'shared-run')
    expect(await readCheckpoint(elsewhere, id, 20)).toEqual(await readCheckpoint(workspace, 'run', 20))
    expect(await readManifest(elsewhere, { run: id, step: 10 })).toEqual(await readManifest(workspace, { run: 'run', step: 10 }))
    const [a, b] = [(await openRunIndex(elsewhere)).get(id), (await openRunIndex(workspace)).get('run')]
    expect({ ...a, id: '', bytes: 0 }).toEqual({ ...b, id: '', bytes: 0 })
    // It goes on there as it would here.
    const resumed = await openRunForTraining(elsewhere, id, { backend })
    expect(resumed.resume?.step).toBe(20)
    await resumed.finish('done')
    await expect(exportRun(workspace, 'run', out)).rejects.toThrow(/exists already/)
  })
})

it('a zip made on Windows, with backslashes, marks in its JSON, and a Mac’s files beside, comes back the same', async () => {
  const out = join(outside, 'plain.zip')
  await exportRun(workspace, 'run', out)
  const source = bytesSource(await readFile(out), 'plain.zip')
  const entries: [string, Uint8Array][] = [
    ['base\\', new Uint8Array(0)],
    ['__MACOSX\\base\\._spec.json', new Uint8Array(3)],
    ['base\\.DS_Store', new Uint8Array(3)]
  ]
  for (const entry of await readZipDirectory(source)) {
    const bytes = await readZipEntry(source, entry)
    const marked = entry.name.endsWith('meta.json') || entry.name.endsWith('spec.json')
    entries.push([`base\\${entry.name.replaceAll('/', '\\')}`, marked ? Buffer.concat([Buffer.from('\ufeff'), bytes]) : bytes])
  }
  await writeFile(join(outside, 'windows.zip'), zipped(entries))
  const id = await importPath(elsewhere, join(outside, 'windows.zip'))
  expect(await readCheckpoint(elsewhere, id, 20)).toEqual(await readCheckpoint(workspace, 'run', 20))
  expect(await readManifest(elsewhere, { run: id, step: 10 })).toEqual(await readManifest(workspace, { run: 'run', step: 10 }))
  const listed = (await openRunIndex(elsewhere)).get(id)
  expect({ ...listed, id: '', bytes: 0 }).toEqual({ ...(await openRunIndex(workspace)).get('run'), id: '', bytes: 0 })
})

describe('what is exported', () => {
  it('is a table, a guide and a notebook beside the arrays', async () => {
    const out = join(outside, 'table')
    await exportRun(workspace, 'run', out)
    const csv = await readFile(join(out, 'metrics.csv'), 'utf8')
    expect(csv.split('\r\n')[0]).toBe('step,epoch,seconds,loss,gradNorm,stepNorm,lambdaMin,testLoss,testAccuracy')
    expect(csv.split('\r\n')[5]).toBe('5,0,2.5,0.2,1,0.1,-0.2,0.4,0.505')
    expect(csv.split('\r\n')).toHaveLength(22)
    expect((await readFile(join(out, 'notebook.py'), 'utf8')).split('\n').length).toBeLessThanOrEqual(40)
  })

  it('quotes what a spreadsheet would run', () => {
    expect(csvLine(['=1+1', '+a', '-b', '@c', 'plain', 'a,"b"', -3, null, NaN, '\tx'])).toBe(
      `"'=1+1","'+a","'-b","'@c",plain,"a,""b""",-3,,,"'\tx"\r\n`
    )
  })
})

describe('any Hessian', () => {
  const n = 40
  const symmetric = (type: 'f8' | 'f4') => {
    const data = type === 'f8' ? new Float64Array(n * n) : new Float32Array(n * n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) data[i * n + j] = Math.cos(i + 1) * Math.cos(j + 1) + (i === j ? i : 0)
    return data
  }
  it.each(['f8', 'f4'] as const)('a symmetric %s matrix becomes a snapshot', async (type) => {
    const path = join(outside, `torch-${type}.npy`)
    const data = symmetric(type)
    await writeFile(path, formatNpy({ shape: [n, n], data }))
    let asked = 0
    const id = await importPath(workspace, path, {
      eigenvalues: async (matrix) => {
        asked++
        // Diagonal sums stand in for a solver: the checks must see that they are wrong.
        return Float64Array.from({ length: matrix.rows }, (_, k) => matrix.data[k * n + k]).sort()
      }
    })
    expect([id, asked]).toEqual([`torch-${type}`, 1])
    const manifest = await readManifest(workspace, { run: id, step: 0 })
    expect(manifest).toMatchObject({ scope: 'imported', parameterCount: n, precision: type === 'f8' ? 'float64' : 'float32' })
    expect(manifest.blocks[0].checks.symmetry).toBe(0)
    expect(manifest.blocks[0].checks.trace).toBeLessThan(1e-12)
    expect(manifest.blocks[0].checks.frobenius).toBeGreaterThan(1e-3)
    expect(await entryOf(id, 3, 5)).toBe(data[3 * n + 5])
    expect((await openRunIndex(workspace)).get(id)).toMatchObject({
      state: 'done',
      tags: ['imported'],
      snapshots: 1,
      parameterCount: n,
      dataset: 'imported'
    })
  })

  it('entries of a matrix in Fortran order are where NumPy has them', async () => {
    // Not quite symmetric, so that H and its transpose differ; the elements below are the columns, one after the other.
    const wobbly = Float64Array.from({ length: n * n }, (_, k) => symmetric('f8')[k] + 1e-5 * Math.sin(k))
    const columns = Float64Array.from(wobbly, (_, k) => wobbly[(k % n) * n + Math.floor(k / n)])
    const file = Buffer.from(formatNpy({ shape: [n, n], data: columns }))
    file.write("'fortran_order': True, ", file.indexOf("'fortran_order'"), 'latin1')
    await writeFile(join(outside, 'fortran.npy'), file)
    const id = await importPath(workspace, join(outside, 'fortran.npy'))
    for (const [row, column] of [
      [0, 1],
      [1, 0],
      [3, 35]
    ])
      expect(await entryOf(id, row, column)).toBe(wobbly[row * n + column])
  })

  it('a vector of eigenvalues becomes a spectrum, ascending', async () => {
    await writeFile(join(outside, 'spectrum.npy'), formatNpy({ shape: [4], data: Float64Array.of(3, -1, 10, 2) }))
    const id = await importPath(workspace, join(outside, 'spectrum.npy'), { id: 'my-spectrum' })
    expect([...(await readEigenvalues(workspace, { run: id, step: 0 }, 'full')).values]).toEqual([-1, 2, 3, 10])
    await expect(importPath(workspace, join(outside, 'spectrum.npy'), { id: 'my-spectrum' })).rejects.toThrow(/already a run "my-spectrum"/)
  })

  it.each([
    ['not square', { shape: [2, 3], data: new Float64Array(6) }, /shape \(2, 3\), must be square/],
    ['not symmetric', { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }, /is not symmetric/],
    ['not finite', { shape: [2, 2], data: Float64Array.of(1, NaN, NaN, 4) }, /entry \(0, 1\) is NaN/],
    ['integers', { shape: [2, 2], data: Int32Array.of(1, 0, 0, 1) }, /type i4, must be float64, float32 or float16/],
    ['too large', { shape: [3, 2, 2], data: new Float64Array(12) }, /must be square/]
  ])('refuses what is %s', async (name, array, message) => {
    const before = await runNames(workspace)
    const path = join(outside, `${name}.npy`)
    await writeFile(path, formatNpy(array))
    await expect(importPath(workspace, path)).rejects.toThrow(message)
    expect(await runNames(workspace)).toEqual(before)
  })
})

describe('what means harm', () => {
  const spec = JSON.stringify(testSpec())
  const refused = async (name: string, bytes: Uint8Array, message: RegExp) => {
    const path = join(outside, name)
    await writeFile(path, bytes)
    const before = await runNames(elsewhere)
    await expect(importPath(elsewhere, path)).rejects.toThrow(message)
    expect(await runNames(elsewhere)).toEqual(before)
    expect((await readdir(elsewhere.folder)).sort()).toEqual(['comparisons', 'datasets', 'runs', 'trash'])
  }
  it.each([
    ['../escape.npy', /leads out of its folder/],
    ['a/../../escape.npy', /leads out of its folder/],
    ['/etc/escape', /is an absolute path/],
    ['C:/escape', /is an absolute path/],
    ['a\\..\\escape', /leads out of its folder/]
  ])('a path %s', (name, message) =>
    refused(
      'paths.zip',
      zipped([
        ['spec.json', spec],
        [name, 'x']
      ]),
      message
    )
  )

  it('a link', () => {
    const bytes = zipped([
      ['spec.json', spec],
      ['inputs/init.npz', '/etc/passwd']
    ])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const at = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    view.setUint16(at + 4, 0x0314, true)
    view.setUint32(at + 38, (0o120777 << 16) >>> 0, true)
    return refused('link.zip', bytes, /inputs\/init\.npz is a link/)
  })

  it('a bomb', () => {
    const bytes = zipped([
      ['spec.json', spec],
      ['inputs/init.npz', 'x'.repeat(50)]
    ])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const at = bytes.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    view.setUint16(at + 10, 8, true)
    view.setUint32(at + 24, 4_000_000_000, true)
    return refused('bomb.zip', bytes, /declares 4000000000 bytes from 50/)
  })

  it('two names that are one on Windows', () =>
    refused(
      'case.zip',
      zipped([
        ['spec.json', spec],
        ['inputs/a.npy', 'x'],
        ['inputs/A.npy', 'y']
      ]),
      /occurs twice, differing in case/
    ))

  it('an archive that is no run, one without its documents, one that is no archive', async () => {
    await refused('none.zip', zipped([['hello.txt', 'x']]), /has no spec\.json, so it is no run/)
    await refused('bare.zip', zipped([['spec.json', spec]]), /status\.json is missing/)
    await refused('text.zip', new TextEncoder().encode('hello '.repeat(20)), /is not a zip archive/)
  })

  it('a folder with a link, and one with a file changed behind its checksum', async () => {
    const out = join(outside, 'tampered')
    await exportRun(workspace, 'run', out)
    const path = join(out, 'snapshots', 'step-000010', 'eigenvalues.full.npy')
    const bytes = await readFile(path)
    bytes[bytes.length - 1] ^= 1
    await writeFile(path, bytes)
    await expect(importRun(elsewhere, out)).rejects.toThrow(/eigenvalues\.full\.npy: is not what its checksum says/)
    await mkdir(join(outside, 'linked'))
    await writeFile(join(outside, 'linked', 'spec.json'), spec)
    await symlink('/etc/passwd', join(outside, 'linked', 'meta.json'))
    await expect(importRun(elsewhere, join(outside, 'linked'))).rejects.toThrow(/meta\.json: is a link/)
  })

  it('a run that says it is running is not, here', async () => {
    const out = join(outside, 'was-running')
    await exportRun(workspace, 'run', out)
    const status = JSON.parse(await readFile(join(out, 'status.json'), 'utf8'))
    await writeFile(join(out, 'status.json'), JSON.stringify({ ...status, state: 'running' }))
    expect((await readStatus(elsewhere, await importRun(elsewhere, out))).state).toBe('interrupted')
  })

  it('any change of any byte of a run zip: imported whole, or an error in one sentence, and nothing else in the workspace', async () => {
    const out = join(outside, 'fuzz-source.zip')
    await createRun(workspace, testSpec({ snapshots: {} }), { id: 'small' })
    await exportRun(workspace, 'small', out)
    const source = await readFile(out)
    const place = await temporaryWorkspace()
    removals.push(place.remove)
    const path = join(outside, 'fuzz.zip')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(source.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (changes, atEnd) => {
          const bytes = Buffer.from(source)
          // Half of the cases aim at the directory, where the structure is.
          for (const [at, value] of changes) bytes[atEnd ? source.length - 1 - (at % 700) : at] = value
          await writeFile(path, bytes)
          try {
            const id = await importRun(place.workspace, path)
            await readStatus(place.workspace, id)
          } catch (error) {
            expect(error instanceof NpyError || error instanceof StorageError, String(error)).toBe(true)
          }
          expect((await runNames(place.workspace)).filter((name) => name.startsWith('.'))).toEqual([])
          expect((await readdir(place.workspace.folder)).length).toBe(4)
        }
      ),
      { seed: 11, numRuns: 150 }
    )
  })
})

describe.each(['folder', 'zip'])('progress and cancelling, to a %s and back', (kind) => {
  const out = (name: string) => join(outside, kind === 'zip' ? `${name}.zip` : name)

  it('tells how far it is, never backwards, up to all of it', async () => {
    const exporting: number[] = []
    const importing: number[] = []
    await exportRun(workspace, 'run', out('told'), { onProgress: (fraction) => void exporting.push(fraction) })
    await importRun(elsewhere, out('told'), { onProgress: (fraction) => void importing.push(fraction) })
    for (const fractions of [exporting, importing]) {
      expect(fractions.length).toBeGreaterThan(10)
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
      expect(fractions.at(-1)).toBeGreaterThan(0.9)
      expect(fractions.at(-1)).toBeLessThanOrEqual(1)
    }
  })

  it('cancelled at any moment it leaves nothing', async () => {
    await exportRun(workspace, 'run', out('source'))
    const before = await runNames(elsewhere)
    for (const at of [0, 0.3, 0.69, 0.8]) {
      const stop = new AbortController()
      const onProgress = (fraction: number) => void (fraction >= at && stop.abort())
      await expect(importRun(elsewhere, out('source'), { signal: stop.signal, onProgress })).rejects.toThrow(/abort/)
      expect(await runNames(elsewhere)).toEqual(before)
      const again = new AbortController()
      const stopping = (fraction: number) => void (fraction >= at && again.abort())
      await expect(exportRun(workspace, 'run', out('stopped'), { signal: again.signal, onProgress: stopping })).rejects.toThrow(/abort/)
      expect((await readdir(outside)).filter((name) => name.startsWith('stopped'))).toEqual([])
    }
  })
})
