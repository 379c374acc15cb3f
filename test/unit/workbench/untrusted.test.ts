// What a page sends is not trusted: ids that are none are refused before a handler hears of them, and paths before anything is opened.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { methods, topicParams, type MethodName } from '../../../src/shared/api/contract'
import { createRun, readSpec } from '../../../src/store'
import { openDataset } from '../../../src/store/datasets'
import { openWorkbench, type Workbench } from '../../../src/workbench'
import { createRouter, type Handlers } from '../../../src/workbench/router'
import { createClient, type Client } from '../../../src/shared/api/client'
import { testSpec } from '../store/fake-run'
import { fakeLauncher, type FakeEngine } from './fake-engine'
import { connectionPair } from './memory-connection'

/**
 * Fields that take free text and name no folder, by why that is so. A new method's fields either refuse what is no id or are put here by somebody who
 * thought about it.
 */
const freeTexts: Readonly<Record<string, string>> = {
  'spec.check.spec': 'checked by its own schema; its ids and paths are tried below',
  'spec.probe.specs': 'as spec.check',
  'runs.create.specs': 'as spec.check',
  'runs.create.group': 'a name that is shown',
  'runs.list.filter': 'parsed',
  'runs.list.sort': 'a column of the table in memory',
  'runs.update.name': 'shown',
  'runs.update.tags': 'shown',
  'runs.update.notes': 'shown',
  'runs.update.group': 'shown',
  'runs.metrics.columns': 'names of figures within one file',
  'runs.aggregate.columns': 'names of figures within one file',
  'runs.aggregate.x': 'the name of a figure',
  'files.recognize.paths': 'paths, looked at and not opened where they are no files',
  'runs.import.path': 'a path, tried below',
  'runs.export.file': 'a path within the run, held to it by the store',
  'runs.export.out': 'a path, tried below',
  'datasets.import.path': 'a path, tried below',
  'datasets.import.separator': 'a character between cells',
  'datasets.import.target': 'a column of the file',
  'datasets.inspect.path': 'a path, tried below',
  'datasets.inspect.separator': 'a character between cells',
  'datasets.inspect.target': 'a column of the file',
  'arrays.inspect.path': 'a path, tried below',
  'models.inspect.path': 'a path, tried below',
  'models.inspect.order': 'compared with the names in the file',
  'models.import.path': 'a path, tried below',
  'models.import.order': 'compared with the names in the file',
  'models.import.name': 'made an id by slug()',
  'files.discard.path': 'a path, deleted only where it is an upload, tried below',
  'snapshots.eigenvalues.block': 'looked up in the manifest',
  'snapshots.eigenvector.block': 'looked up in the manifest',
  'snapshots.patterns.block': 'looked up in the manifest',
  'snapshots.course.block': 'looked up in the manifest',
  'analyses.array.array': 'looked up in the manifest',
  'trash.restore.entries': 'looked up in the listing of the trash, tried below',
  'trash.empty.entries': 'looked up in the listing of the trash, tried below',
  'jobs.cancel.id': 'looked up among the jobs in memory',
  'analyses.preview.job': 'looked up among the jobs in memory',
  'functions.describe.function': 'parsed',
  'functions.grid.function': 'parsed',
  'functions.local.function': 'parsed',
  'functions.basins.function': 'parsed',
  'functions.basins.optimizer': 'checked by its own schema',
  'functions.play.function': 'parsed',
  'functions.play.optimizers': 'checked by their own schema',
  'studies.check.spec': 'checked by its own schema; the ids of its runs are made of the id that the workbench gives it',
  'studies.create.spec': 'as studies.check',
  'comparisons.save.name': 'made an id by slug()',
  'comparisons.save.view': 'kept as it is within one file'
}

const notIds = [
  '',
  '.',
  '..',
  '../x',
  '..\\x',
  'a/b',
  'a\\b',
  '/etc/passwd',
  'C:\\Windows',
  'c:x',
  '\\\\server\\share',
  'a\0',
  'a\n',
  ' a',
  'a ',
  'a.',
  '-a',
  'Upper',
  'ünder',
  'con',
  'nul',
  'com1',
  'lpt9',
  'aux',
  'prn',
  '%2e%2e%2fx',
  '__proto__',
  'a'.repeat(65)
]
const anyBadId = fc.oneof(
  fc.constantFrom(...notIds),
  fc.string().filter((text) => !/^[a-z0-9-]+$/.test(text)),
  fc.tuple(fc.constantFrom('../', '/', '..\\', '\0', '~/', 'A'), fc.string()).map((parts) => parts.join(''))
)

const issueAt = (schema: z.ZodType, field: string, value: unknown) =>
  schema.safeParse({ [field]: value }).error?.issues.some(({ path }) => path[0] === field) ?? false

/** Every field of every method that takes a text, or a list of them; `wrap` makes the one or the other. */
function textFields(list: Readonly<Record<string, z.ZodType>>) {
  return Object.entries(list).flatMap(([method, schema]) =>
    Object.keys((schema as z.ZodObject).shape).flatMap((field) =>
      [(text: string): unknown => text, (text: string): unknown => [text]].flatMap((wrap) =>
        issueAt(schema, field, wrap('a')) ? [] : [{ method, field, schema, wrap, key: `${method}.${field}` }]
      )
    )
  )
}
const fields = textFields({
  ...Object.fromEntries(Object.entries(methods).map(([name, { input }]) => [name, input])),
  ...Object.fromEntries(Object.entries(topicParams).map(([name, schema]) => [`topic ${name}`, schema]))
})
const idFields = fields.filter(({ key }) => !(key in freeTexts))

describe('ids', () => {
  test('are found in every method that takes one, and the list of other texts has no dead entries', () => {
    expect(idFields.length).toBeGreaterThan(35)
    for (const name of [
      'runs.get.id',
      'runs.remove.ids',
      'snapshots.manifest.run',
      'queue.move.before',
      'datasets.remove.id',
      'topic run.id'
    ])
      expect(idFields.map(({ key }) => key)).toContain(name)
    for (const key of Object.keys(freeTexts))
      expect(
        fields.map((one) => one.key),
        key
      ).toContain(key)
  })

  test.each(idFields)('$key: what is none is refused by its schema', ({ schema, field, wrap }) => {
    expect(issueAt(schema, field, wrap('my-run-2'))).toBe(false)
    fc.assert(fc.property(anyBadId, (bad) => issueAt(schema, field, wrap(bad))))
  })

  test('are refused before a handler hears of them, in one sentence', async () => {
    const called: string[] = []
    const handlers = Object.fromEntries(Object.keys(methods).map((name) => [name, () => Promise.resolve(called.push(name))]))
    const router = createRouter(handlers as unknown as Handlers)
    for (const { method, field, wrap } of idFields.filter((one) => !one.method.startsWith('topic')))
      for (const bad of notIds) {
        const answer = await router(method as MethodName, { [field]: wrap(bad) }, new AbortController().signal)
        expect(answer, `${method} ${JSON.stringify(bad)}`).toMatchObject({ ok: false, error: { code: 'bad-request' } })
        if (!answer.ok) expect(answer.error.message.length).toBeLessThan(400)
      }
    expect(called).toEqual([])
  })
})

describe('over a real workspace', () => {
  let folder = ''
  let workbench: Workbench
  let client: Client
  let engines: FakeEngine[]
  const inside = (...parts: string[]) => join(folder, 'workspace', ...parts)
  const outside = (name: string) => join(folder, name)
  const server = createServer()

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'saddlescope-untrusted-'))
    const fake = fakeLauncher()
    engines = fake.engines
    workbench = await openWorkbench({ workspace: inside(), launch: fake.launch, grace: 50, shell: 'electron' })
    client = createClient(async () => {
      const [mine, other] = connectionPair()
      workbench.serve(other)
      return mine
    })
    await createRun(workbench.workspace, testSpec(), { id: 'one' })
    writeFileSync(outside('victim'), 'unharmed')
    writeFileSync(outside('points.csv'), 'a,b\n1,2\n')
    execFileSync('mkfifo', [outside('pipe.csv')])
    await new Promise<void>((done) => server.listen(outside('socket.zip'), done))
    symlinkSync(outside('pipe.csv'), outside('link-to-pipe.csv'))
    symlinkSync(outside('nowhere'), outside('link-to-nowhere'))
    symlinkSync(inside('runs'), outside('link-into-workspace'))
  })
  afterAll(async () => {
    client.close()
    for (const engine of engines) engine.exit()
    await workbench.close()
    await new Promise((done) => server.close(done))
    rmSync(folder, { recursive: true, force: true })
  })

  const refused: [string, () => string, RegExp][] = [
    ['a relative path', () => relative(process.cwd(), outside('points.csv')), /must be an absolute path, got/],
    ['a path from home', () => '~/points.csv', /must be an absolute path, got "~\/points\.csv"/],
    ['an address', () => 'file:///etc/passwd', /must be an absolute path/],
    ['what is not there', () => outside('none.csv'), /there is no such file or folder: .*none\.csv/],
    ['a link that leads nowhere', () => outside('link-to-nowhere'), /there is no such file or folder/],
    ['a zero byte', () => `${outside('points.csv')}\0.zip`, /has a zero byte in it/],
    ['a pipe', () => outside('pipe.csv'), /pipe\.csv is a device, a pipe or a socket, not a file or folder/],
    ['a link to a pipe', () => outside('link-to-pipe.csv'), /is a device, a pipe or a socket/],
    ['a socket', () => outside('socket.zip'), /is a device, a pipe or a socket/],
    ['a device without end', () => '/dev/zero', /\/dev\/zero is a device, a pipe or a socket/],
    ['a device', () => '/dev/null', /is a device, a pipe or a socket/],
    ['a device of Windows', () => '//./PhysicalDrive0', /names a device, not a file/],
    ['a path through a file', () => join(outside('points.csv'), 'a'), /there is no such file or folder/]
  ]
  test.each(refused)('%s is refused for import before a process is started', async (_what, path, sentence) => {
    await expect(client.call('datasets.import', { path: path() })).rejects.toThrow(sentence)
    await expect(client.call('runs.import', { path: path() })).rejects.toThrow(sentence)
    await expect(client.call('datasets.inspect', { path: path() })).rejects.toThrow(sentence)
    await expect(client.call('arrays.inspect', { path: path() })).rejects.toThrow(sentence)
    await expect(client.call('models.inspect', { path: path() })).rejects.toThrow(sentence)
    await expect(client.call('models.import', { path: path(), dataset: 'xor' })).rejects.toThrow(sentence)
    await expect(client.call('models.import', { path: outside('points.csv'), dataset: { path: path() } })).rejects.toThrow(sentence)
    expect(engines).toEqual([])
  })

  test('what is put away is an upload and nothing else', async () => {
    const batch = join(inside('uploads'), `${'0'.repeat(16)}.0123abcd-1`)
    mkdirSync(batch, { recursive: true })
    writeFileSync(join(batch, 'points.csv'), 'a,b\n1,2\n')
    for (const path of [
      outside('victim'),
      inside('runs', 'one'),
      inside('uploads'),
      `${batch}/../../runs/one`,
      'victim',
      '../victim',
      batch
    ])
      await client.call('files.discard', { path })
    expect(readFileSync(outside('victim'), 'utf8')).toBe('unharmed')
    expect(existsSync(inside('runs', 'one', 'spec.json'))).toBe(true)
    expect(existsSync(join(batch, 'points.csv'))).toBe(true)
    await client.call('files.discard', { path: join(batch, 'points.csv') })
    expect(existsSync(batch)).toBe(false)
    expect(existsSync(inside('uploads'))).toBe(true)
  })

  const unwritable: [string, () => string, RegExp][] = [
    ['a relative path', () => 'one.zip', /out: must be an absolute path/],
    ['a zero byte', () => `${outside('a')}\0.zip`, /zero byte/],
    ['a folder that is not there', () => outside('none/one.zip'), /there is no folder/],
    ['another run', () => inside('runs', 'one', 'spec.json'), /lies in the workspace, where only the workbench writes/],
    ['a new run', () => inside('runs', 'two'), /lies in the workspace/],
    ['the workspace by way of ..', () => `${inside('runs')}/../settings.json`, /lies in the workspace/],
    ['the workspace by way of a link', () => join(outside('link-into-workspace'), 'two.zip'), /lies in the workspace/],
    ['a device of Windows', () => '\\\\.\\PhysicalDrive0', process.platform === 'win32' ? /names a device/ : /must be an absolute path/]
  ]
  test.each(unwritable)('%s is refused for export', async (_what, path, sentence) => {
    await expect(client.call('runs.export', { id: 'one', file: 'meta.json', out: path() })).rejects.toThrow(sentence)
    expect(engines).toEqual([])
    expect((await readSpec(workbench.workspace, 'one')).schemaVersion).toBe(1)
  })

  test('a spec leads out of the workspace neither by an id nor by a path that is no file', { timeout: 20_000 }, async () => {
    const check = (change: Record<string, unknown>) =>
      client
        .call('spec.check', { spec: { ...testSpec(), ...change } as never })
        .then(({ problems }) => problems.map(({ message }) => message).join('\n'))
    const model = { layers: [2, 2, 2], activation: { kind: 'tanh' } }
    for (const id of ['../victim', '/etc/passwd', 'a\0', 'Upper', 'con'])
      expect(await check({ data: { dataset: id } }), JSON.stringify(id)).not.toBe('')
    for (const run of ['../one', '/etc', 'One', 'nul'])
      expect(await check({ model: { ...model, init: { kind: 'run', run, step: 0 } } }), run).not.toBe('')
    for (const path of [outside('pipe.csv'), '/dev/zero']) {
      // A dataset by path is opened when the run starts.
      await expect(openDataset(workbench.workspace, { path })).rejects.toThrow('is neither a file nor a folder')
      for (const change of [
        { model: { ...model, init: { kind: 'npz', path } } },
        { data: { dataset: 'xor', transforms: [{ kind: 'random-projection', dim: 2, matrix: path }] } }
      ])
        expect(await check(change), JSON.stringify(change)).toMatch(/is a device, a pipe or a socket/)
    }
  })

  test('names that are looked up lead nowhere else', async () => {
    mkdirSync(inside('trash'), { recursive: true })
    for (const entry of ['../../victim', outside('victim'), '..', '.', '../runs/one']) {
      expect(await client.call('trash.empty', { entries: [entry] })).toEqual({ count: 0, bytes: 0 })
      await expect(client.call('trash.restore', { entries: [entry] })).rejects.toThrow('is not in the trash any more')
      await expect(client.call('snapshots.eigenvalues', { run: 'one', step: 0, block: entry })).rejects.toThrow()
      for (const matrix of [`one:0/${entry}`, `one:${entry}`, `${entry}:0/full`])
        await expect(client.call('matrices.tile', { matrix, level: 0, row: 0, column: 0 })).rejects.toThrow(
          /must be RUN:STEP|has no snapshot/
        )
      await expect(client.call('analyses.remove', { run: 'one', name: entry })).rejects.toThrow('must be the name of an analysis')
      await expect(client.call('jobs.cancel', { id: entry })).rejects.toThrow('there is no job')
    }
    expect(readFileSync(outside('victim'), 'utf8')).toBe('unharmed')
    expect(existsSync(inside('runs', 'one', 'spec.json'))).toBe(true)
  })
})
