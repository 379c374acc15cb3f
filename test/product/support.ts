// What the whole-product tests share: a checkout as a stranger has it, an environment without a past, and the commands that the README names.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

export const root = join(import.meta.dirname, '..', '..')
const execute = promisify(execFile)

export function makeFolder() {
  const path = mkdtempSync(join(tmpdir(), 'saddlescope-product-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }) }
}

/**
 * The environment of somebody who has never met this project: an empty HOME and npm cache, no display, nothing that other tests set. What the
 * machine says of its network stays. `node`: a folder whose `node` comes first.
 */
export function strangersEnvironment(folder: string, node: string | null): Record<string, string> {
  const foreign =
    /^(SADDLESCOPE_|XDG_|ELECTRON_|VITEST|NODE_ENV|DISPLAY|WAYLAND_DISPLAY|INIT_CWD|npm_(?!config_)|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/
  const kept = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !foreign.test(entry[0]))
  const [home, cache] = [join(folder, 'home'), join(folder, 'npm-cache')]
  mkdirSync(home, { recursive: true })
  const path = [...(node === null ? [dirname(process.execPath)] : [node]), process.env.PATH ?? ''].join(':')
  return { ...Object.fromEntries(kept), HOME: home, npm_config_cache: cache, PATH: path }
}

/** A Node of another version from the npm registry, as a folder with `node` in it. */
export async function fetchNode(version: number, into: string): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  await execute('npm', ['install', '--no-save', '--prefix', into, `${name}@${version}`])
  const folder = join(into, 'node_modules', name, 'bin')
  if (!existsSync(join(folder, 'node'))) throw new Error(`${name}@${version} has no bin/node`)
  return folder
}

/** A clone of what is committed here. */
export async function cloneInto(folder: string): Promise<{ commit: string; changed: number }> {
  await execute('git', ['clone', '--quiet', '--no-hardlinks', root, folder])
  const { stdout } = await execute('git', ['rev-parse', '--short', 'HEAD'], { cwd: folder })
  const { stdout: changes } = await execute('git', ['status', '--porcelain'], { cwd: root })
  return { commit: stdout.trim(), changed: changes.split('\n').filter(Boolean).length }
}

/** The lines of the first block of code below a heading of a page. */
export function commandsBelow(page: string, heading: RegExp): string[] {
  const text = readFileSync(page, 'utf8')
  const section = text.split(/^(?=## )/m).find((part) => heading.test(part.split('\n')[0]))
  const block = /^```\w*\n([\s\S]*?)^```/m.exec(section ?? '')?.[1]
  if (block === undefined) throw new Error(`${page} has no block of code below ${heading}`)
  return block.split('\n').filter((line) => line.trim() !== '')
}

export interface Ran {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  output(): string
  readonly ended: Promise<Ran>
  /** What Ctrl-C does in a terminal: SIGINT for everything that the command started. */
  interrupt(): Promise<Ran>
}

/** Starts a line as a shell does. */
export function startLine(line: string, cwd: string, env: Record<string, string>): Running {
  const child = spawn('sh', ['-c', line], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = new Promise<Ran>((done) => child.on('close', (status, signal) => done({ status, signal, stdout, stderr })))
  const pid = child.pid ?? 0
  return {
    pid,
    output: () => stdout + stderr,
    ended,
    interrupt() {
      try {
        process.kill(-pid, 'SIGINT')
      } catch {
        // It has ended by itself.
      }
      return ended
    }
  }
}

export const runLine = (line: string, cwd: string, env: Record<string, string>): Promise<Ran> => startLine(line, cwd, env).ended

/** The link that `serve` and `npm start` print, when it is there. */
export const linkIn = (output: string): string | null => /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(output)?.[0] ?? null
