// Calls the built command line as a user does.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const program = join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'cli.js')

export interface Called {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Call {
  readonly ended: Promise<Called>
  kill(signal: NodeJS.Signals): void
  /** Resolves when stdout or stderr has a match; rejects when it ended without. */
  seen(pattern: RegExp): Promise<void>
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'saddlescope-cli-'))
}

export function removeFolder(folder: string) {
  rmSync(folder, { recursive: true, force: true })
}

export function start(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Call {
  const env: Record<string, string | undefined> = { ...process.env, ...options.env }
  // npm's own folder of the user must not leak in from the test runner.
  delete env.INIT_CWD
  const child = spawn(process.execPath, [program, ...args], { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  let done = false
  const waiting: { pattern: RegExp; resolve: () => void; reject: (error: Error) => void }[] = []
  const check = () => {
    for (const wait of waiting)
      if (wait.pattern.test(stdout) || wait.pattern.test(stderr)) wait.resolve()
      else if (done) wait.reject(new Error(`ended without ${wait.pattern}:\n${stdout}\n${stderr}`))
  }
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    check()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    check()
  })
  const ended = new Promise<Called>((resolve) => {
    child.on('close', (status, signal) => {
      done = true
      check()
      resolve({ status, signal, stdout, stderr })
    })
  })
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        waiting.push({ pattern, resolve, reject })
        check()
      })
  }
}

export function saddlescope(...args: string[]): Promise<Called> {
  return start(args).ended
}

/** A small run that takes its steps in milliseconds and shows everything: shuffled batches, evaluations, snapshots, checkpoints. */
export function smallSpec(changes: Record<string, unknown> = {}) {
  return {
    schemaVersion: 1,
    name: 'small',
    seed: 3,
    data: { dataset: 'mnist10', trainLimit: 250, testLimit: 100, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] },
    model: { layers: [100, 3, 10], activation: { kind: 'tanh' }, bias: true, init: { kind: 'fan-in-normal', gain: 0.3 } },
    loss: 'softmax-cross-entropy',
    batch: { size: 60, shuffle: true },
    optimizer: { kind: 'sfn', damping: { kind: 'shifted-abs', value: 0.1 }, learningRate: 0.5 },
    evaluate: { everySteps: 7 },
    snapshots: { everySteps: 10, eigenvectors: 4 },
    checkpoints: { everySteps: 6, keep: 2 },
    budget: { steps: 40 },
    ...changes
  }
}

export function writeSpec(folder: string, spec: unknown, name = 'spec.json'): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(spec))
  return path
}

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* files(path)
    else yield path
  }
}

/** What must be equal of two equal runs: weights, optimizer state and spectra by SHA-256, metrics without times. */
export function trace(run: string): Record<string, string> {
  const result: Record<string, string> = {}
  for (const path of files(run)) {
    const name = relative(run, path)
    if (/\.(npz|npy)$/.test(name)) result[name] = createHash('sha256').update(readFileSync(path)).digest('hex')
  }
  result.metrics = metricsOf(run)
    .map(({ seconds: _seconds, wallSeconds: _wall, phases: _phases, ...line }) => JSON.stringify(line))
    .join('\n')
  return result
}

export function metricsOf(run: string): Record<string, unknown>[] {
  return readFileSync(join(run, 'metrics.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

export function statusOf(run: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(run, 'status.json'), 'utf8')) as Record<string, unknown>
}
