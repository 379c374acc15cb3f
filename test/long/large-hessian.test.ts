// A Hessian by rows in native memory: the files of the embedded way, checks, cancelled and gone on from at every stage, refused before anything is made.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { computeHessian, type HessianRequest } from '../../src/engine-process/hessian'
import { openLinalg, type Linalg } from '../../src/engine/linalg'
import { parseNpy } from '../../src/shared/npy'
import { snapshotManifestSchema } from '../../src/shared/run/schema'
import { checkSpec } from '../../src/shared/spec/check'
import type { RunSpec } from '../../src/shared/spec/schema'
import { hashFile, importPath, matrixService, readEigenvalues, realFileSystem, type Workspace } from '../../src/store'
import { lapackFault } from '../reference/linalg/lapack-here'
import { temporaryWorkspace } from '../unit/store/fake-run'

const absent = (await lapackFault()) !== null || process.platform !== 'linux'
let workspace: Workspace
let remove: () => Promise<void>
let linalg: Linalg
let folder: string
let spec: RunSpec

async function specOf(changes: Record<string, unknown> = {}): Promise<RunSpec> {
  const checked = await checkSpec({
    schemaVersion: 1,
    name: 'large',
    seed: 5,
    data: { dataset: 'mnist10', trainLimit: 60, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
    model: { layers: [100, 6, 5, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } },
    loss: 'softmax-cross-entropy',
    batch: { size: 60, shuffle: false },
    optimizer: { kind: 'sfn', scope: 'full' },
    budget: { steps: 1 },
    ...changes
  })
  if (checked.spec === null) throw new Error(JSON.stringify(checked.problems))
  return checked.spec
}
const bytesAt = (out: string, name: string) => readFile(join(folder, out, name))
const array = async (out: string, name: string) => parseNpy(await bytesAt(out, name), name)
const compute = (out: string, changes: Partial<HessianRequest> = {}) =>
  computeHessian(workspace, linalg, { spec, out: join(folder, out), scope: 'full', vectors: false, repeat: 1, native: true, ...changes })

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  folder = await mkdtemp(join(tmpdir(), 'saddlescope-large-'))
  linalg = await openLinalg(absent ? { backend: 'wasm', threads: 1 } : { backend: 'lapack', threads: 2 })
  spec = await specOf()
  if (!absent) await compute('whole')
})
afterAll(async () => {
  await linalg.dispose()
  await rm(folder, { recursive: true, force: true })
  await remove()
})

describe.skipIf(absent)('a Hessian by rows', () => {
  it('is that of the embedded memory to the bit, its spectrum to rounding', async () => {
    await compute('embedded', { native: false })
    expect((await bytesAt('whole', 'hessian.npy')).equals(await bytesAt('embedded', 'hessian.npy'))).toBe(true)
    const [ours, theirs] = [await array('whole', 'eigenvalues.full.npy'), await array('embedded', 'eigenvalues.full.npy')]
    const most = Math.max(...Array.from(theirs.data, (value) => Math.abs(Number(value))))
    theirs.data.forEach((value, k) => expect(Math.abs(Number(value) - Number(ours.data[k])) / most).toBeLessThan(1e-13))
  })

  it('comes as a snapshot: a manifest with every file and all checks', async () => {
    const manifest = snapshotManifestSchema.parse(JSON.parse((await bytesAt('whole', 'manifest.json')).toString()))
    const [block] = manifest.blocks
    for (const [name, value] of Object.entries(block.checks)) expect(value, name).toBeLessThan(name === 'finiteDifference' ? 1e-7 : 1e-12)
    expect(block.indices).toHaveLength(16)
    for (const { name, sha256 } of manifest.files)
      expect((await hashFile(realFileSystem, join(folder, 'whole', name), 'sha256')).digest, name).toBe(sha256)
    expect(await readdir(join(folder, 'whole'))).toEqual([...manifest.files.map(({ name }) => name), 'manifest.json', 'spec.json'].sort())
  })

  it('becomes a run whose snapshot is browsed: tiles, entries, spectrum, names of its weights', async () => {
    const id = await importPath(workspace, join(folder, 'whole'), { id: 'browsed' })
    const matrices = matrixService(workspace)
    const place = { run: id, step: 0, block: 'full' }
    const about = await matrices.about(place)
    expect([about.rows, about.columns, about.unordered]).toEqual([701, 701, null])
    const whole = (await array('whole', 'hessian.npy')).data
    const tile = await matrices.tile(place, 'stored', { level: 0, row: 1, column: 0 }, new AbortController().signal)
    expect(tile.values[512 * 3 + 7]).toBe(Math.fround(Number(whole[(512 + 3) * 701 + 7])))
    expect([...(await matrices.values(place, 'stored', { row: 700, column: 5, rows: 1, columns: 1 }))]).toEqual([whole[700 * 701 + 5]])
    expect((await readEigenvalues(workspace, { run: id, step: 0 }, 'full')).values).toHaveLength(701)
  })

  it('that is cancelled at any stage keeps what is whole and goes on to the same bits', async () => {
    for (const stopAt of ['rows', 'overview', 'band', 'eigenvalues', 'eigenvectors', 'residuals']) {
      const stop = new AbortController()
      const onPhase = (phase: string) => phase === stopAt && stop.abort(new Error('stopped'))
      await expect(compute('stopped', { signal: stop.signal, onPhase })).rejects.toThrow('stopped')
    }
    const last: string[] = []
    await compute('stopped', { onPhase: (phase) => last.push(phase) })
    // What is whole is not made again.
    expect(last).toEqual(['reading data', 'reading reflectors', 'eigenvectors', 'residuals'])
    for (const name of ['hessian.npy', 'hessian.overview.npy', 'eigenvalues.full.npy', 'eigenvectors.full.npy'])
      expect((await bytesAt('stopped', name)).equals(await bytesAt('whole', name)), name).toBe(true)
    expect(await readdir(join(folder, 'stopped'))).toEqual(await readdir(join(folder, 'whole')))
  })

  it('goes on in the middle of its rows', async () => {
    const big = {
      spec: await specOf({
        model: { layers: [100, 12, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } }
      })
    }
    await compute('other', big)
    const stop = new AbortController()
    const onProgress = (fraction: number) => fraction > 0.1 && stop.abort(new Error('stopped'))
    await expect(compute('middle', { ...big, signal: stop.signal, onProgress })).rejects.toThrow('stopped')
    const { rows, stage } = JSON.parse((await bytesAt('middle', 'progress.json')).toString()) as { rows: number; stage: string }
    expect(stage).toBe('rows')
    expect(rows).toBeGreaterThan(0)
    expect(rows).toBeLessThan(1342)
    await compute('middle', big)
    expect((await bytesAt('middle', 'hessian.npy')).equals(await bytesAt('other', 'hessian.npy'))).toBe(true)
    const checks = async (out: string) =>
      snapshotManifestSchema.parse(JSON.parse((await bytesAt(out, 'manifest.json')).toString())).blocks[0].checks
    expect(await checks('middle')).toEqual(await checks('other'))
  })

  it('is not gone on from by another question, nor from a file that was cut', async () => {
    const stop = new AbortController()
    const onPhase = (phase: string) => phase === 'band' && stop.abort(new Error('stopped'))
    await expect(compute('asked', { signal: stop.signal, onPhase })).rejects.toThrow('stopped')
    await expect(compute('asked', { spec: await specOf({ seed: 6 }) })).rejects.toThrow(
      /holds an unfinished Hessian of other weights, data or options/
    )
    await writeFile(join(folder, 'asked', 'hessian.npy'), (await bytesAt('asked', 'hessian.npy')).subarray(0, 1000))
    await expect(compute('asked')).rejects.toThrow(/hessian\.npy: ends too early; remove progress\.json/)
  })

  it('larger than memory is refused with needed and available bytes and what else there is, before anything is made', async () => {
    const huge = await specOf({
      model: { layers: [100, 900, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 1 } }
    })
    await expect(compute('huge', { spec: huge })).rejects.toThrow(
      /needs [\d.]+ GB \(\d+ bytes\), [\d.]+ [GM]B \(\d+ bytes\) are available; --density/
    )
    expect(await readdir(folder)).not.toContain('huge')
    await expect(compute('huge', { vectors: true })).rejects.toThrow('all eigenvectors are not to be had of a matrix in native memory')
  })
})
