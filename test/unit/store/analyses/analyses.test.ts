// Analyses on disk: whole under their name or not there, numbered, listed, let go; names of matrices lead nowhere else.
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnalysisManifest } from '../../../../src/shared/analyses/manifest'
import { matrixText, parseMatrix, parseSnapshot } from '../../../../src/shared/run/matrix'
import {
  beginAnalysis,
  createRun,
  damagedSentence,
  listAnalyses,
  readAnalysis,
  removeAnalysis,
  type Workspace
} from '../../../../src/store'
import { temporaryWorkspace, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ workspace, remove } = await temporaryWorkspace())
  await createRun(workspace, testSpec(), { id: 'one' })
})
afterAll(() => remove())

const manifest: AnalysisManifest = {
  schemaVersion: 1,
  kind: 'difference',
  run: 'one',
  step: 10,
  options: { a: 'one:10/full', b: 'one:0/full' },
  seconds: 0.1,
  backend: null,
  versions: {},
  figures: { norm: 3 },
  arrays: {},
  checks: {},
  notes: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  files: []
}
const names = () => readdirSync(join(workspace.folder, 'runs', 'one', 'analyses'))
const target = { kind: 'difference', step: 10, to: { run: 'one' } } as const

describe('an analysis', () => {
  it('appears whole, under the first free name; one that is given up leaves nothing', async () => {
    const [first, second, given] = [
      await beginAnalysis(workspace, target),
      await beginAnalysis(workspace, target),
      await beginAnalysis(workspace, target)
    ]
    expect(names().every((name) => name.endsWith('.partial'))).toBe(true)
    expect(await listAnalyses(workspace, 'one')).toEqual([])
    writeFileSync(join(first.path, 'difference.npy'), 'x')
    expect((await first.publish(manifest)).name).toBe('difference-10')
    expect((await second.publish({ ...manifest, createdAt: '2026-02-01T00:00:00.000Z' })).name).toBe('difference-10-2')
    await given.discard()
    expect(names()).toEqual(['difference-10', 'difference-10-2'])
    expect((await listAnalyses(workspace, 'one')).map(({ name }) => name)).toEqual(['difference-10-2', 'difference-10'])
    expect((await readAnalysis(workspace, 'one', 'difference-10')).figures).toEqual({ norm: 3 })
    await expect(readAnalysis(workspace, 'one', 'difference-11')).rejects.toThrow(
      'run "one" has no analysis "difference-11"; it has difference-10-2, difference-10'
    )
    expect(await removeAnalysis(workspace, 'one', 'difference-10')).toBeGreaterThan(100)
    expect(names()).toEqual(['difference-10-2'])
  })

  it('that cannot be read is named, not left out in silence, and stays as it is', async () => {
    expect(await damagedSentence(workspace, 'one')).toBeNull()
    const folder = join(workspace.folder, 'runs', 'one', 'analyses', 'landau-10')
    mkdirSync(folder)
    writeFileSync(join(folder, 'manifest.json'), '{"kind": "landau"')
    expect(await damagedSentence(workspace, 'one')).toBe(
      'An analysis of this run cannot be read: manifest.json of landau-10 is missing or damaged. What else is there is as it was.'
    )
    expect((await listAnalyses(workspace, 'one')).map(({ name }) => name)).not.toContain('landau-10')
    expect(readdirSync(folder)).toEqual(['manifest.json'])
    rmSync(folder, { recursive: true })
  })

  it('that a kill cut off a day ago is cleared away by the next', async () => {
    const folder = join(workspace.folder, 'runs', 'one', 'analyses')
    for (const [name, days] of [
      ['.old.partial', 2],
      ['.young.partial', 0.1]
    ] as const) {
      mkdirSync(join(folder, name))
      const then = Date.now() / 1000 - days * 86_400
      utimesSync(join(folder, name), then, then)
    }
    await (await beginAnalysis(workspace, target)).discard()
    expect(names()).toContain('.young.partial')
    expect(names()).not.toContain('.old.partial')
  })

  it('goes to a folder of its own that is not there yet', async () => {
    const out = join(workspace.folder, 'elsewhere')
    const begun = await beginAnalysis(workspace, { kind: 'difference', step: 3, to: { folder: out } })
    expect((await begun.publish(manifest)).path).toBe(out)
    expect(readdirSync(out)).toEqual(['manifest.json'])
    await expect(beginAnalysis(workspace, { kind: 'difference', step: 3, to: { folder: out } })).rejects.toThrow('is there already')
  })
})

describe('names of matrices', () => {
  it('are read and written the same way', () => {
    for (const text of ['one:10/full', 'sfn-mnist10:0/W1', 'one:difference-10', 'one:difference-10-2']) {
      const place = parseMatrix(text)
      expect(place && matrixText(place)).toBe(text)
    }
    expect(parseSnapshot('one:10')).toEqual({ run: 'one', step: 10, block: null })
    for (const text of [
      'one',
      'one:10',
      'con:1/full',
      'One:1/full',
      'one:1/../x',
      'one:..',
      'one:x/full',
      'one:1/a/b',
      ':1/full',
      'one:1:2/full'
    ])
      expect(parseMatrix(text), text).toBeNull()
  })

  it('never name what lies outside', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (run, rest) => {
        const place = parseMatrix(`${run}:${rest}`)
        if (place) expect(matrixText(place)).toMatch(/^[a-z0-9-]+:[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)?$/)
      })
    )
  })
})
