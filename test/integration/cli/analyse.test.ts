// `analyse difference` and `analyses`: the difference against the two files behind it, its figures against plain sums, and what is left when it is refused or cancelled.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatNpyHeader, parseNpy, toFloat64 } from '../../../src/shared/npy'
import { removeFolder, saddlescope, smallSpec, start, temporaryFolder, writeSpec } from './saddlescope'

let folder: string
let workspace: string
beforeAll(async () => {
  folder = temporaryFolder()
  workspace = join(folder, 'workspace')
  const spec = smallSpec({
    snapshots: { everySteps: 4, eigenvectors: 0, hessian: true },
    budget: { steps: 8 },
    evaluate: { everySteps: null }
  })
  const blocks = { ...spec, name: 'blocks', optimizer: { ...spec.optimizer, scope: 'layer-blocks' } }
  for (const [id, one] of [
    ['one', spec],
    ['two', { ...spec, seed: 4 }],
    ['blocks', blocks]
  ] as const)
    expect((await saddlescope('run', writeSpec(folder, one, `${id}.json`), '--id', id, '--workspace', workspace)).status).toBe(0)
})
afterAll(() => removeFolder(folder))

const analyses = (run: string) => join(workspace, 'runs', run, 'analyses')
const names = (run: string) => (existsSync(analyses(run)) ? readdirSync(analyses(run)) : [])
const read = (path: string) => toFloat64(parseNpy(readFileSync(path), path))
const hessian = (run: string, step: number, block = 'full') =>
  read(join(workspace, 'runs', run, 'snapshots', `step-${String(step).padStart(6, '0')}`, `hessian.${block}.npy`))
const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0))
const call = (...words: string[]) => saddlescope(...words, '--workspace', workspace)

interface Manifest {
  readonly kind: string
  readonly run: string
  readonly step: number
  readonly options: Record<string, string>
  readonly figures: Record<string, number>
  readonly checks: Record<string, { value: number; limit: number; ok: boolean }>
  readonly arrays: Record<string, { file: string; shape: number[]; meaning: string; unit: string }>
  readonly files: { name: string; bytes: number; sha256: string }[]
}

describe('analyse difference', () => {
  test('writes A − B entry by entry, with norms, checks and checksums', async () => {
    const { status, stdout } = await call('analyse', 'difference', 'one', '--set', 'b=two:4/full', '--json')
    expect(status).toBe(0)
    const manifest = JSON.parse(stdout) as Manifest
    expect(names('one')).toEqual(['difference-8'])
    const path = join(analyses('one'), 'difference-8')
    expect(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'))).toEqual(manifest)
    // Left out, A is the newest Hessian of the run.
    expect(manifest).toMatchObject({ kind: 'difference', run: 'one', step: 8, options: { a: 'one:8/full', b: 'two:4/full' } })
    const [a, b] = [hessian('one', 8), hessian('two', 4)]
    const difference = read(join(path, manifest.arrays.difference.file))
    expect(manifest.arrays.difference.shape).toEqual([343, 343])
    expect(difference).toHaveLength(343 * 343)
    expect(difference.findIndex((value, k) => value !== a[k] - b[k])).toBe(-1)
    const { figures } = manifest
    expect(figures.normA / norm(a)).toBeCloseTo(1, 12)
    expect(figures.normB / norm(b)).toBeCloseTo(1, 12)
    expect(figures.norm / norm(difference)).toBeCloseTo(1, 12)
    expect(figures.relative).toBeCloseTo(norm(difference) / norm(a), 12)
    expect(figures.cosine).toBeCloseTo(a.reduce((sum, value, k) => sum + value * b[k], 0) / norm(a) / norm(b), 12)
    expect(figures.largest).toBe(difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0))
    expect(Object.keys(manifest.checks).sort()).toEqual(['identity', 'symmetry', 'trace'])
    for (const [name, { ok, value, limit }] of Object.entries(manifest.checks))
      expect([name, ok, value <= limit]).toEqual([name, true, true])
    for (const { name, bytes, sha256 } of manifest.files) {
      const content = readFileSync(join(path, name))
      expect(content.length).toBe(bytes)
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    }
    // Of 2 × 2 entries the overview keeps the one of largest magnitude.
    const overview = read(join(path, manifest.arrays.overview.file))
    const largest = (r: number, c: number) =>
      [0, 1]
        .flatMap((i) => [0, 1].map((j) => (2 * r + i < 343 && 2 * c + j < 343 ? difference[(2 * r + i) * 343 + 2 * c + j] : 0)))
        .reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best))
    for (let r = 0; r < 172; r++) for (let c = 0; c < 172; c++) expect(overview[r * 172 + c]).toBe(Math.fround(largest(r, c)))
  })

  test('of a run and step, of blocks, numbered, elsewhere, and listed', async () => {
    const again = await call('analyse', 'difference', 'one:8', '--set', 'b=one:4')
    expect(again).toMatchObject({ status: 0, stdout: '' })
    expect(again.stderr).toMatch(/‖A − B‖[\s\S]*✓ identity[\s\S]*written to .*difference-8-2/)
    const out = join(folder, 'out')
    const blocks = await call('analyse', 'difference', 'blocks', '--set', 'a=blocks:4/W1', '--set', 'b=blocks:8/W1', '--out', out, '--json')
    expect(blocks.status).toBe(0)
    expect(names('blocks')).toEqual([])
    const [a, b] = [hessian('blocks', 4, 'W1'), hessian('blocks', 8, 'W1')]
    expect(read(join(out, 'difference.npy')).findIndex((value, k) => value !== a[k] - b[k])).toBe(-1)
    const { stdout } = await call('analyses', 'one', '--json')
    const listed = JSON.parse(stdout) as (Manifest & { name: string })[]
    expect(listed.map(({ name, options }) => [name, options.b])).toEqual([
      ['difference-8-2', 'one:4/full'],
      ['difference-8', 'two:4/full']
    ])
    expect((await call('analyses', 'one')).stdout).toMatch(/difference-8-2 .*a=one:8\/full b=one:4\/full +hold/)
    const kinds = JSON.parse((await saddlescope('analyses', '--json')).stdout) as {
      kind: string
      options: { name: string; required: boolean }[]
    }[]
    expect(kinds.find(({ kind }) => kind === 'difference')?.options.map(({ name, required }) => [name, required])).toEqual([
      ['a', false],
      ['b', true]
    ])
  })

  test('goes with the run when it is exported and imported', async () => {
    const zip = join(folder, 'one.zip')
    expect((await call('export', 'one', '--out', zip)).status).toBe(0)
    expect((await call('import', zip, '--id', 'copy')).status).toBe(0)
    expect(names('copy')).toEqual(['difference-8', 'difference-8-2'])
    const file = join(analyses('copy'), 'difference-8', 'difference.npy')
    expect(readFileSync(file).equals(readFileSync(join(analyses('one'), 'difference-8', 'difference.npy')))).toBe(true)
  })

  test.each([
    [['diference', 'one', '--set', 'b=two:4'], 'there is no analysis "diference"; did you mean difference?'],
    [['difference', 'one'], /difference: b: .*/],
    [['difference', 'one', '--set', 'b=two'], 'must be RUN:STEP or RUN:STEP/BLOCK'],
    [['difference', 'one', '--set', 'b=two:4', '--set', 'c=1'], /[Uu]nrecognized key.*"c"/],
    [['difference', 'one', '--set', 'b=two:5'], 'run "two" has no snapshot of step 5; it has 0, 4, 8'],
    [['difference', 'one', '--set', 'b=blocks:4'], 'the snapshot blocks:4 has the blocks W1, W2: say which, such as blocks:4/W1'],
    [
      ['difference', 'one', '--set', 'b=blocks:4/W2'],
      'one:8/full is 343 × 343 and blocks:4/W2 is 40 × 40: only matrices of equal size have a difference'
    ],
    [['difference', 'none', '--set', 'b=two:4'], 'there is no run "none"'],
    [['difference', 'spec.json', '--set', 'b=two:4'], 'give a RUN or RUN:STEP, not the spec spec.json']
  ] as const)('%j is refused with one sentence and status 2', async (words, sentence) => {
    const before = names('one')
    const { status, stdout, stderr } = await call('analyse', ...words)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr.trim().split('\n')).toHaveLength(1)
    if (typeof sentence === 'string') expect(stderr).toContain(sentence)
    else expect(stderr).toMatch(sentence)
    expect(names('one')).toEqual(before)
  })

  test('leaves nothing when it is interrupted', { timeout: 240_000 }, async () => {
    const size = 2000
    const rows = new Float64Array(size * size)
    for (let i = 0; i < size; i++) for (let k = 0; k <= i; k++) rows[i * size + k] = rows[k * size + i] = Math.sin(i * k)
    const file = join(folder, 'large.npy')
    writeFileSync(file, Buffer.concat([formatNpyHeader('f8', [size, size]), new Uint8Array(rows.buffer)]))
    expect((await call('import', file, '--id', 'large')).status).toBe(0)
    const begun = start(['analyse', 'difference', 'large', '--set', 'b=large:0', '--workspace', workspace])
    // Once: a second one would end it at once.
    const poll = setInterval(() => {
      if (names('large').length === 0) return
      clearInterval(poll)
      begun.kill('SIGINT')
    }, 1)
    const ended = await begun.ended
    clearInterval(poll)
    // On a machine that is done before it hears of it there is a whole one.
    expect(ended.status === 130 ? names('large') : names('large').filter((name) => name.endsWith('.partial'))).toEqual([])
    expect(ended.status === 130 ? ended.stderr : 'interrupted').toContain('interrupted')
  })
})
