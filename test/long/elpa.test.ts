// The round trip of a Hessian through the real ELPA: exported, solved by the shipped driver on one and two MPI ranks, taken back as the run's spectrum.
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseNpy, toFloat64 } from '../../src/shared/npy'
import { removeFolder, saddlescope, smallSpec, temporaryFolder, writeSpec } from '../integration/cli/saddlescope'

/** Compiler, launcher and library (Debian: libelpa-dev, libopenmpi-dev). */
const missing = [
  ['mpicc', '--version'],
  ['mpirun', '--version'],
  ['pkg-config', '--exists', 'elpa']
].filter(([program, ...words]) => spawnSync(program, words).status !== 0)
const why = missing.length > 0 ? `${missing.map((words) => words.at(words[0] === 'pkg-config' ? -1 : 0)).join(', ')} not installed` : null
if (why !== null) process.stdout.write(`ELPA: not run, because ${why}\n`)

const doubles = (path: string) => {
  const bytes = readFileSync(path)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

describe.runIf(why === null)('through ELPA', () => {
  const folder = temporaryFolder()
  afterAll(() => removeFolder(folder))
  const workspace = join(folder, 'workspace')
  const here = ['--workspace', workspace]

  test.each([1, 2])('on %d rank(s): residual and orthogonality of what comes back, and the same eigenvalues as ours', async (ranks) => {
    const id = `ranks-${ranks}`
    const spec = writeSpec(
      folder,
      smallSpec({ name: id, batch: { size: null }, budget: { steps: 2 }, snapshots: { everySteps: null } }),
      `${id}.json`
    )
    expect((await saddlescope('run', spec, '--id', id, ...here)).status).toBe(0)
    const out = join(folder, `out-${ranks}`)
    const exported = await saddlescope('export', `${id}:2`, '--for', 'elpa', '--out', out, ...here)
    expect(exported.status, exported.stderr).toBe(0)

    const flags = execFileSync('pkg-config', ['--cflags', 'elpa'], { encoding: 'utf8' }).trim().split(/\s+/).filter(Boolean)
    execFileSync('mpicc', ['-O2', 'driver.c', '-o', 'driver', ...flags, '-lelpa'], { cwd: out })
    const environment = { ...process.env, OPENBLAS_NUM_THREADS: '1' }
    execFileSync('mpirun', ['--allow-run-as-root', '--oversubscribe', '-np', String(ranks), './driver'], { cwd: out, env: environment })
    const values = doubles(join(out, 'eigenvalues.f64'))

    const { status, stdout, stderr } = await saddlescope('import', out, ...here)
    expect(status, stderr).toBe(0)
    const figures = [.../(residual|orthogonality|trace|frobenius) ([\d.e-]+)/g[Symbol.matchAll](stdout + stderr)]
    expect(figures.map(([, name]) => name)).toEqual(['residual', 'orthogonality', 'trace', 'frobenius'])
    for (const [, name, figure] of figures) expect(Number(figure), name).toBeLessThanOrEqual(1e-10)

    // Ours, of the same checkpoint.
    const ours = join(folder, `ours-${ranks}`)
    expect((await saddlescope('hessian', spec, '--at', `${id}:2`, '--out', ours, ...here)).status).toBe(0)
    const ourValues = toFloat64(parseNpy(readFileSync(join(ours, 'eigenvalues.full.npy')), 'eigenvalues'))
    expect(ourValues.length).toBe(values.length)
    const scale = Math.max(...values.map(Math.abs))
    values.forEach((value, k) => expect(Math.abs(value - ourValues[k])).toBeLessThan(1e-12 * scale))

    // A changed result is refused, and the spectrum stays.
    const snapshots = () => readdirSync(join(workspace, 'runs', id, 'snapshots'), { recursive: true }).sort()
    const before = snapshots()
    const spoilt = values.slice()
    spoilt[0] -= 1e-6 * scale
    writeFileSync(join(out, 'eigenvalues.f64'), spoilt)
    expect((await saddlescope('import', out, '--replace', ...here)).status).not.toBe(0)
    expect(snapshots()).toEqual(before)
  })
})
