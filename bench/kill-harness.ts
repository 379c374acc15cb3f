// Trains through the built command line in a child process, kills it (SIGKILL) at random moments, resumes, and compares with a run that nobody disturbed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { optimizers } from '../src/shared/spec/optimizers'
import type { OptimizerKind } from '../src/shared/spec/schema'

/** Small enough for hundreds of processes, with everything a run can have: shuffled batches, evaluations, validation samples, histograms, snapshots with Hessians, checkpoints. */
const stepsOf = (kind: OptimizerKind) => (kind === 'levenberg-marquardt' || kind === 'ar3' ? 50 : 200)
/** Options of kinds whose defaults would say less. */
const telling: Partial<Record<OptimizerKind, object>> = {
  rmsprop: { momentum: 0.5, centered: true },
  'l-bfgs': { learningRate: 0.1, history: 5, maxIterations: 3 },
  'damped-newton': { learningRate: 0.1 },
  sfn: { scope: 'layer-blocks' },
  'sfn-krylov': { vectors: 5, learningRate: 0.1 },
  'fd-newton': { learningRate: 0.01 },
  'series-newton': { order: 4, damping: { value: 0.1 } }
}

function specOf(kind: OptimizerKind): object {
  const perceptron = optimizers[kind].needs === 'inverse-gradient'
  return {
    schemaVersion: 1,
    name: `kill ${kind}`,
    data: perceptron
      ? { dataset: 'mnist10', trainLimit: 240, validation: 40, testLimit: 20, transforms: [{ kind: 'affine', divide: 256, subtract: 0.5 }] }
      : { dataset: 'xor' },
    model: perceptron
      ? { layers: [null, 10], activation: { kind: 'leaky-relu', slope: 0.5 } }
      : { layers: [null, 6, 2], activation: { kind: 'tanh' }, bias: true },
    loss: 'half-sse',
    batch: { size: perceptron ? 20 : 2, shuffle: true },
    optimizer: { kind, ...telling[kind] },
    budget: { steps: stepsOf(kind) },
    evaluate: { everySteps: 30, histograms: true },
    snapshots: perceptron ? {} : { everySteps: 40, hessian: true },
    checkpoints: { everySteps: 10 }
  }
}

interface Ended {
  readonly code: number | null
  readonly killed: boolean
  readonly errors: string
}

/** Runs the command line; kills it `killAfter` milliseconds after the first event it prints (0: before that). Null: not at all. */
function commandLine(program: string, words: readonly string[], killAfter: number | null): Promise<Ended> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, ...words, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let errors = ''
    let killed = false
    const kill = () => {
      killed = child.kill('SIGKILL')
    }
    let armed = killAfter === null
    child.stdout.on('data', () => {
      if (!armed) setTimeout(kill, killAfter ?? 0)
      armed = true
    })
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
    child.on('error', fail)
    child.on('close', (code) => done({ code, killed: killed && code === null, errors }))
  })
}

/** All that must be equal: every file of the last checkpoint and of all snapshots, and each metrics line but its times. */
function outcome(folder: string, steps: number): Record<string, string> {
  const result: Record<string, string> = {}
  const checkpoint = `step-${String(steps).padStart(6, '0')}`
  for (const name of ['weights.npz', 'optimizer.npz']) result[name] = readFileSync(join(folder, 'checkpoints', checkpoint, name), 'base64')
  const state: Record<string, unknown> = JSON.parse(readFileSync(join(folder, 'checkpoints', checkpoint, 'state.json'), 'utf8'))
  result['state'] = JSON.stringify({ ...state, seconds: 0, wallSeconds: 0 })
  for (const step of existsSync(join(folder, 'snapshots')) ? readdirSync(join(folder, 'snapshots')) : [])
    for (const name of readdirSync(join(folder, 'snapshots', step)))
      if (name !== 'manifest.json') result[`${step}/${name}`] = readFileSync(join(folder, 'snapshots', step, name), 'base64')
  const lines = readFileSync(join(folder, 'metrics.ndjson'), 'utf8').trimEnd().split('\n')
  result['metrics'] = lines.map((line) => JSON.stringify({ ...JSON.parse(line), seconds: 0, wallSeconds: 0, phases: 0 })).join('\n')
  result['lines'] = String(lines.length)
  result['histograms'] = readFileSync(join(folder, 'histograms.ndjson'), 'utf8')
  return result
}

function leftovers(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return [...(/\.partial$|^lock\.json$/.test(entry.name) ? [path] : []), ...(entry.isDirectory() ? leftovers(path) : [])]
  })
}

export interface KillResult {
  readonly optimizer: OptimizerKind
  readonly kills: number
  /** Runs that were killed, resumed, and compared with the undisturbed one. */
  readonly runs: number
  /** What differs from the undisturbed run, and what was left over; empty when all is well. */
  readonly faults: readonly string[]
}

export interface KillOptions {
  readonly kind: OptimizerKind
  /** Kills in all, at most two a run: more would only kill its start again and again. */
  readonly kills: number
  /** Gives numbers in [0, 1). */
  readonly random: () => number
  /** The built command line; SADDLESCOPE_PROGRAM names another build. */
  readonly program?: string
}

/** One optimizer: an undisturbed run, and runs that are killed and resumed until `kills` kills are done. */
export async function killAndCompare({
  kind,
  kills,
  random,
  program = process.env['SADDLESCOPE_PROGRAM'] ?? resolve('out/main/cli.js')
}: KillOptions): Promise<KillResult> {
  const workspace = mkdtempSync(join(tmpdir(), 'saddlescope-kill-'))
  const call = (killAfter: number | null, ...words: string[]) => commandLine(program, [...words, '--workspace', workspace], killAfter)
  const faults: string[] = []
  let done = 0
  let runs = 0
  try {
    const spec = join(workspace, 'spec.json')
    writeFileSync(spec, JSON.stringify(specOf(kind)))
    const began = Date.now()
    const whole = await call(null, 'run', spec, '--id', 'whole')
    if (whole.code !== 0)
      return { optimizer: kind, kills: 0, runs: 0, faults: [`the undisturbed run ended with ${whole.code}: ${whole.errors.slice(-400)}`] }
    const duration = Date.now() - began
    const expected = outcome(join(workspace, 'runs', 'whole'), stepsOf(kind))
    for (; done < kills && runs < kills && faults.length === 0; runs++) {
      const id = `cut-${runs}`
      const folder = join(workspace, 'runs', id)
      const wanted = Math.min(2, kills - done)
      let here = 0
      for (let attempt = 0; here < wanted && attempt < wanted * 2; attempt++) {
        // Runs come nearer to their end at each resume: the time to the kill is shared out.
        const after = Math.floor((random() * duration * 0.6) / wanted)
        const begun = existsSync(join(folder, 'spec.json'))
        const ended = begun ? await call(after, 'resume', id) : await call(after, 'run', spec, '--id', id)
        if (ended.killed) here++
        else if (ended.code === 0) break
        else faults.push(`before a kill it ended with ${ended.code}: ${ended.errors.slice(-400)}`)
        const shown = await call(null, 'runs')
        if (shown.code !== 0) faults.push(`after kill ${done + here} the workspace does not open: ${shown.errors.slice(-400)}`)
      }
      done += here
      const last = await call(null, 'resume', id)
      if (last.code !== 0) faults.push(`resume ended with ${last.code}: ${last.errors.slice(-400)}`)
      else {
        const got = outcome(folder, stepsOf(kind))
        for (const name of new Set([...Object.keys(expected), ...Object.keys(got)]))
          if (expected[name] !== got[name]) faults.push(`${id}: ${name} differs`)
        faults.push(...leftovers(folder).map((path) => `${path} was left over`))
      }
    }
    return { optimizer: kind, kills: done, runs, faults }
  } finally {
    rmSync(workspace, { recursive: true, force: true })
  }
}

/** Numbers in [0, 1) from a seed (mulberry32): the same moments, as far as a machine repeats itself. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
