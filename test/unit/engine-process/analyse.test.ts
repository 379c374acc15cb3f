// An analysis from its order to its folder: refused before anything is written, gone when it is cancelled, judged by what its sources are.
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyse, planAnalysis } from '../../../src/engine-process/analyses'
import { formatNpy } from '../../../src/shared/npy'
import { importPath, type Workspace } from '../../../src/store'
import { temporaryWorkspace } from '../store/fake-run'

let workspace: Workspace
let remove: () => Promise<void>
const n = 300
const symmetric = Float64Array.from({ length: n * n }, (_, k) => {
  const [i, j] = [Math.floor(k / n), k % n].sort((a, b) => a - b)
  return Math.sin(3 * i + j * j)
})
/** As far from symmetric as is taken. */
const crooked = symmetric.map((value, k) => value + 4e-4 * Math.sin(k))

beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  for (const [id, data] of [
    ['symmetric', symmetric],
    ['crooked', crooked]
  ] as const) {
    const path = join(workspace.folder, `${id}.npy`)
    await writeFile(path, formatNpy({ shape: [n, n], data }))
    await importPath(workspace, path, { id })
  }
})
afterAll(() => remove())

const order = { kind: 'difference', run: 'symmetric', step: null, options: { b: 'crooked:0' } } as const
const folder = () => readdir(join(workspace.folder, 'runs', 'symmetric', 'analyses')).catch(() => null)
const quiet = { signal: new AbortController().signal, onProgress: () => undefined }

describe('an analysis', () => {
  it('says before what it takes, to within the manifest', async () => {
    const { diskBytes, title, options } = await planAnalysis(workspace, order)
    expect([title, options]).toEqual(['Difference symmetric:0/full − crooked:0/full', { a: 'symmetric:0/full', b: 'crooked:0/full' }])
    // 300² doubles and the 150² floats of the one level above.
    expect(diskBytes - 8 * n * n - 4 * (n / 2) ** 2).toBeGreaterThan(0)
    expect(diskBytes - 8 * n * n - 4 * (n / 2) ** 2).toBeLessThan(10_000)
  })

  it('is refused where the drive has no room, and nothing is made', async () => {
    const full = { ...workspace, fileSystem: { ...workspace.fileSystem, freeBytes: async () => 65e6 } }
    await expect(analyse(full, order, quiet)).rejects.toThrow(/Difference .*: it needs 8\d\d kB and the drive has 65\.0 MB free/)
    expect(await folder()).toBeNull()
  })

  it('that is cancelled at any moment leaves nothing', async () => {
    for (const stopAt of [0, 0.3, 0.6]) {
      const stop = new AbortController()
      const onProgress = (fraction: number) => fraction >= stopAt && stop.abort(new Error('stopped'))
      await expect(analyse(workspace, order, { signal: stop.signal, onProgress })).rejects.toThrow('stopped')
      expect(await folder()).toEqual([])
    }
  })

  it('of a matrix that is not quite symmetric is judged by how far it is from that', async () => {
    const { manifest, message } = await analyse(workspace, order, quiet)
    const { symmetry, identity } = manifest.checks
    expect(symmetry.value).toBeGreaterThan(1e-5)
    expect([symmetry.ok, identity.ok]).toEqual([true, true])
    expect(symmetry.limit).toBeLessThan(0.1)
    expect(message).not.toContain('not as good')
    expect(await folder()).toEqual(['difference-0'])
  })
})
