// The build that every script asks for first: once for two callers at once, not at all when nothing changed, again when something did.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder = ''
const path = (...names: string[]) => join(folder, ...names)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'saddlescope-build-'))
  for (const name of ['scripts', 'src', 'node_modules', 'out']) mkdirSync(path(name))
  copyFileSync(join(import.meta.dirname, '..', '..', 'scripts', 'ensure-built.mjs'), path('scripts', 'ensure-built.mjs'))
  // A build that takes a while and leaves a trace of each time it ran.
  writeFileSync(
    path('scripts', 'build.mjs'),
    `import { appendFileSync, existsSync } from 'node:fs'
     import { root } from './ensure-built.mjs'
     export async function buildAll() {
       appendFileSync(root + '/builds', 'begin\\n')
       await new Promise((done) => setTimeout(done, 700))
       if (existsSync(root + '/src/broken')) throw new Error('the build failed; its output is above')
       appendFileSync(root + '/builds', 'end\\n')
     }`
  )
  writeFileSync(path('src', 'a.ts'), 'export const a = 1')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function ensure(): Promise<{ status: number | null; stdout: string; stderr: string; milliseconds: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, [path('scripts', 'ensure-built.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr, milliseconds: performance.now() - began }))
  })
}
const builds = () => (existsSync(path('builds')) ? readFileSync(path('builds'), 'utf8').trim().split('\n') : [])

test('two callers at once wait for one build, which prints on stderr only', async () => {
  const both = await Promise.all([ensure(), ensure()])
  expect(both.map(({ status }) => status)).toEqual([0, 0])
  expect(both.map(({ stdout }) => stdout)).toEqual(['', ''])
  expect(builds()).toEqual(['begin', 'end'])
})

test('nothing is built while nothing changed; a change builds again', async () => {
  await ensure()
  expect((await ensure()).stderr).toBe('')
  expect(builds()).toHaveLength(2)
  writeFileSync(path('src', 'a.ts'), 'export const a = 2')
  await ensure()
  expect(builds()).toHaveLength(4)
  writeFileSync(path('src', 'b.ts'), '')
  await ensure()
  expect(builds()).toHaveLength(6)
})

test('a failed build is not taken for done', async () => {
  writeFileSync(path('src', 'broken'), '')
  expect((await ensure()).status).not.toBe(0)
  rmSync(path('src', 'broken'))
  expect((await ensure()).status).toBe(0)
  expect(builds()).toEqual(['begin', 'begin', 'end'])
})

test('the lock of a builder that died is broken', async () => {
  const dead = spawn(process.execPath, ['-e', ''])
  await new Promise((done) => dead.on('exit', done))
  mkdirSync(path('node_modules', '.saddlescope-build-lock'))
  writeFileSync(path('node_modules', '.saddlescope-build-lock', 'pid'), String(dead.pid))
  expect((await ensure()).status).toBe(0)
  expect(builds()).toEqual(['begin', 'end'])
})
