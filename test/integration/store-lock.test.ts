// Two and more processes on one workspace: one works on a run, the others are told who does; a killed owner's lock is taken over by exactly one.
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

const program = process.env['SADDLESCOPE_PROGRAM'] ?? resolve('out/main/cli.js')
let workspace: string
let children: ChildProcess[]

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'saddlescope-lock-'))
  children = []
  writeFileSync(
    join(workspace, 'spec.json'),
    JSON.stringify({
      schemaVersion: 1,
      name: 'long',
      data: { dataset: 'xor' },
      model: { layers: [null, 4, 2], activation: { kind: 'tanh' } },
      loss: 'half-sse',
      optimizer: { kind: 'gd' },
      budget: { steps: 100_000_000 },
      checkpoints: { everySteps: 1000 }
    })
  )
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(workspace, { recursive: true, force: true, maxRetries: 5 })
})

interface Started {
  readonly child: ChildProcess
  /** True when steps were printed, false when it ended before that. */
  readonly working: Promise<boolean>
  readonly ended: Promise<{ code: number | null; errors: string }>
}

function start(...words: string[]): Started {
  const child = spawn(process.execPath, [program, ...words, '--workspace', workspace, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let errors = ''
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const ended = new Promise<{ code: number | null; errors: string }>((done) => child.on('close', (code) => done({ code, errors })))
  const working = new Promise<boolean>((done) => {
    let output = ''
    child.stdout.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-20_000)
      if (/"step":\d{2}/.test(output)) done(true)
    })
    child.on('close', () => done(false))
  })
  return { child, working, ended }
}

it('a run has one owner at a time, whoever comes at once', async () => {
  const first = start('run', join(workspace, 'spec.json'), '--id', 'shared')
  expect(await first.working).toBe(true)

  const second = await start('resume', 'shared').ended
  expect(second.code).not.toBe(0)
  expect(second.errors).toMatch(new RegExp(`process ${first.child.pid} on .* is working on this run`))
  const removed = await start('rm', 'shared').ended
  expect(removed.errors).toMatch(/is being worked on by process/)

  first.child.kill('SIGKILL')
  await first.ended
  const rivals = [1, 2, 3].map(() => start('resume', 'shared'))
  const working = await Promise.all(rivals.map((rival) => rival.working))
  expect(working.filter(Boolean)).toHaveLength(1)
  const owner = rivals[working.indexOf(true)]
  for (const rival of rivals.filter((one) => one !== owner)) expect((await rival.ended).errors).toMatch(/is working on this run/)

  owner.child.kill('SIGINT')
  expect((await owner.ended).code).toBe(130)
  const folder = join(workspace, 'runs', 'shared')
  expect(readdirSync(folder)).not.toContain('lock.json')
  const status = JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'))
  expect(status.state).toBe('interrupted')
  // One line a step, in order, whoever wrote them.
  const lines = readFileSync(join(folder, 'metrics.ndjson'), 'utf8').trimEnd().split('\n')
  expect(lines.length).toBe(status.step)
  lines.forEach((line, k) => {
    if (!line.startsWith(`{"step":${k + 1},`)) throw new Error(`line ${k + 1}: ${line.slice(0, 80)}`)
  })
})
