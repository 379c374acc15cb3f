// What the examples say, held by figures: their presets are trained as they are, or for fewer snapshots, and their files are read.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { presetInfo } from '../../src/shared/spec/preset-list'
import type { NetworkSpec } from '../../src/shared/spec/schema'
import { parseNpy, toFloat64 } from '../../src/shared/npy'

const program = join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js')
const folder = mkdtempSync(join(tmpdir(), 'saddlescope-examples-'))
const workspace = join(folder, 'workspace')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function specsOf(preset: string): Promise<NetworkSpec[]> {
  return ((await presetInfo(preset))?.specs ?? []) as NetworkSpec[]
}

interface Line {
  readonly loss: number
  readonly lambdaMin: number | Readonly<Record<string, number>>
  readonly lambdaMax: number | Readonly<Record<string, number>>
}

/** Trains it with the built command line and hands back its lines. */
async function train(id: string, spec: unknown): Promise<Line[]> {
  const path = join(folder, `${id}.json`)
  writeFileSync(path, JSON.stringify(spec))
  await promisify(execFile)(process.execPath, [program, 'run', path, '--workspace', workspace, '--id', id], { maxBuffer: 64e6 })
  const lines = readFileSync(join(workspace, 'runs', id, 'metrics.ndjson'), 'utf8')
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as Line)
}

const noSnapshots = (spec: NetworkSpec) => ({ ...spec, snapshots: { ...spec.snapshots, everySteps: null } })

test('saddle escape: gradient descent stays at the loss of guessing, damped Newton ends far above saddle-free Newton, which leaves', async () => {
  const ends: Record<string, number> = {}
  for (const spec of await specsOf('saddle-escape'))
    ends[spec.optimizer.kind] = (await train(`saddle-${spec.optimizer.kind}`, noSnapshots(spec))).at(-1)?.loss ?? NaN
  expect(Object.keys(ends).sort()).toEqual(['damped-newton', 'gd', 'sfn'])
  expect(ends.gd).toBeGreaterThan(0.99 * Math.log(10))
  // Thrown about, it ends where rounding takes it: 2.1 to 2.4 with different libraries.
  expect(ends['damped-newton']).toBeGreaterThan(4 * ends.sfn)
  expect(ends.sfn).toBeLessThan(0.5)
})

test('edge of stability: λ max rises to 2/η and stays there, while the loss falls on', async () => {
  const specs = await specsOf('edge-of-stability')
  const spec = specs.find(({ optimizer }) => optimizer.learningRate === 2)
  if (!spec) throw new Error('no run with a rate of 2')
  const lines = await train('edge', { ...spec, snapshots: { ...spec.snapshots, everySteps: 100 } })
  const snapshots = join(workspace, 'runs', 'edge', 'snapshots')
  const largest = readdirSync(snapshots)
    .filter((name) => /^step-\d+$/.test(name))
    .sort()
    .map((name) => {
      const file = join(snapshots, name, 'eigenvalues.full.npy')
      return Math.max(...toFloat64(parseNpy(readFileSync(file), file)))
    })
  const limit = 2 / 2
  expect(largest).toHaveLength(16)
  // Below it at step 100, then a rise.
  expect(largest[1]).toBeLessThan(0.95 * limit)
  expect(Math.max(...largest.slice(2, 6))).toBeGreaterThan(limit)
  for (const value of largest.slice(8)) expect(Math.abs(value / limit - 1)).toBeLessThan(0.1)
  expect(lines[lines.length - 1].loss).toBeLessThan(0.92 * lines[lines.length >> 1].loss)
})

test('layer blocks: none has an eigenvalue below −τ at any step, while the full Hessian has at every step', async () => {
  const [full, blocks] = await Promise.all((await specsOf('layer-blocks')).map((spec, i) => train(`blocks-${i}`, noSnapshots(spec))))
  const sizes = { W1: 101 * 6, W2: 7 * 10 }
  for (const { lambdaMin, lambdaMax } of blocks)
    for (const [name, size] of Object.entries(sizes)) {
      const [least, most] = [lambdaMin, lambdaMax].map((by) => (by as Record<string, number>)[name])
      expect(least).toBeGreaterThanOrEqual(-size * Number.EPSILON * most)
    }
  for (const { lambdaMin } of full) expect(lambdaMin).toBeLessThan(-1e-3)
  expect([full.length, blocks.length]).toEqual([30, 30])
  // From the same weights on the same batch.
  expect(blocks[0].loss).toBe(full[0].loss)
})
