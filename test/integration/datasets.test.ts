// Datasets through the built command line: imports killed at any moment, both CIFAR layouts, and the sentence for every kind of bad file.
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readWorkspace } from '../../src/store'
import { listDatasets, verifyDataset } from '../../src/store/datasets'
import { cifar100Files, entriesOf, idxFiles, madeSamples, tarGz } from '../unit/store/formats/archives'
import { temporaryFolder, writeFiles } from '../unit/store/formats/folders'
import { assemble, string2 } from '../unit/store/formats/pickle-writer'

const program = join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js')
const installed = async (place: string) =>
  (await listDatasets(readWorkspace(place))).filter((set) => set.state === 'installed').map((set) => set.id)

function command(...words: string[]): { status: number | null; output: string; error: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' })
  return { status, output: stdout, error: stderr }
}

test('an import killed at any moment leaves nothing that lists; the next one cleans up and works', async () => {
  const place = temporaryFolder()
  // 47 MB, so that there is something to interrupt.
  const source = writeFiles(temporaryFolder(), idxFiles(60_000, 10, 28))
  const started = performance.now()
  expect(command('datasets', 'import', source, '--id', 'whole', '--workspace', place).status).toBe(0)
  const whole = performance.now() - started
  let midway = 0
  const partial = () => readdirSync(join(place, 'datasets')).filter((name) => name.startsWith('killed') && name.endsWith('.partial'))
  for (let kill = 0; kill < 12; kill++) {
    const child = spawn(process.execPath, [program, 'datasets', 'import', source, '--id', 'killed', '--workspace', place], {
      stdio: 'ignore'
    })
    const ended = new Promise((resolve) => child.on('exit', resolve))
    const before = partial()
    const writes = () => partial().some((name) => !before.includes(name))
    // Spread over the time it takes; the last few as soon as it writes, however long it took to come to that.
    if (kill < 9) await new Promise((resolve) => setTimeout(resolve, (whole * (kill + 1)) / 10))
    else while (!writes() && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 1))
    child.kill('SIGKILL')
    await ended
    if (writes()) midway++
    for (const id of await installed(place)) await verifyDataset(readWorkspace(place), id)
  }
  // The kills must have hit the writing, or nothing was tested.
  expect(midway).toBeGreaterThan(0)
  expect(command('datasets', 'import', source, '--id', 'killed', '--workspace', place).status).toBe(0)
  expect(readdirSync(join(place, 'datasets')).sort()).toEqual(['killed', 'whole'])
  expect((await verifyDataset(readWorkspace(place), 'killed')).fingerprint).toBe(
    (await verifyDataset(readWorkspace(place), 'whole')).fingerprint
  )
})

const samples = madeSamples(5, 100, 3)
const files = cifar100Files(samples, samples)

test('import, list and verify, from the archive and from the folder', () => {
  const place = temporaryFolder()
  const archive = join(temporaryFolder(), 'cifar-100-python.tar.gz')
  writeFileSync(archive, tarGz(entriesOf(files.python, 'cifar-100-python')))
  const folder = writeFiles(temporaryFolder(), files.binary)
  expect(command('datasets', 'import', archive, '--workspace', place).error).toContain(
    'imported as cifar-100: 5 training and 5 test samples'
  )
  expect(command('datasets', 'import', folder, '--id', 'binary', '--workspace', place).status).toBe(0)
  const bytes = (id: string) => readFileSync(join(place, 'datasets', id, 'train-x.npy'))
  expect(bytes('binary').equals(bytes('cifar-100'))).toBe(true)
  const list: { id: string; state: string; partial: boolean }[] = JSON.parse(command('datasets', '--json', '--workspace', place).output)
  expect(list.find((set) => set.id === 'cifar-100')).toMatchObject({ state: 'installed', partial: true, trainCount: 5 })
  expect(list.find((set) => set.id === 'mnist10')).toMatchObject({ state: 'built-in', trainCount: 60_000 })
  expect(command('datasets', 'verify', 'binary', '--workspace', place).status).toBe(0)
})

describe('bad files: exit status 1 and one sentence', () => {
  const archive = tarGz(entriesOf(files.python))
  const withTrain = (train: Buffer) => tarGz(entriesOf({ ...files.python, train }))
  const badLabel = Buffer.from(files.binary['test.bin'])
  badLabel[1] = 100
  test.each<[string, Uint8Array, RegExp]>([
    [
      'a truncated archive',
      archive.subarray(0, archive.length >> 1),
      /^bad\.tar\.gz: the archive is truncated or damaged after entry "made-up\/\w+" \(.*\)$/
    ],
    [
      'a pickle with a foreign class',
      withTrain(assemble(0x80, 2, 'cos\nsystem\n', string2('true'), 0x85, 'R.')),
      /^bad\.tar\.gz: made-up\/train: pickle opcode GLOBAL os\.system is not allowed \(byte 2\); only NumPy arrays are$/
    ],
    [
      'a label out of range',
      tarGz(entriesOf({ ...files.binary, 'test.bin': badLabel })),
      /^bad\.tar\.gz: test\.bin: the label of sample 0 is 100, but labels go from 0 to 99$/
    ],
    [
      'a path that leaves the archive',
      tarGz([{ name: '../train.bin', bytes: badLabel }]),
      /^bad\.tar\.gz: entry "\.\.\/train\.bin" is a path that leaves the archive; refused$/
    ]
  ])('%s', (_, bytes, sentence) => {
    const place = temporaryFolder()
    const path = join(temporaryFolder(), 'bad.tar.gz')
    writeFileSync(path, bytes)
    const { status, error } = command('datasets', 'import', path, '--workspace', place)
    expect(status).toBe(1)
    expect(error.trim().split('\n').at(-1)).toMatch(sentence)
    expect(error).not.toContain('    at ')
  })
})
