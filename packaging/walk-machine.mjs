// What the walk needs of the machine: an ordinary user, a display, processes of that user, and what can be read of them.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))

/** Polls until `look` finds something; throws in the words of `what` when it does not in time. */
export async function eventually(what, look, seconds = 60) {
  const end = Date.now() + seconds * 1000
  let last = null
  for (;;) {
    try {
      const found = await look()
      if (found) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s${last ? ` (${last.message.split('\n')[0]})` : ''}`)
    await sleep(150)
  }
}

/** Runs a program to its end: `{status, output}`. */
export function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: 600_000, ...options })
  return { status: status ?? 1, output: `${stdout ?? ''}${stderr ?? ''}${error ? error.message : ''}`.trim(), stdout: stdout ?? '' }
}

/** A user of its own with a home folder; `remove` ends what runs in its name. */
export function makeUser(name) {
  run('userdel', ['--remove', '--force', name])
  const { status, output } = run('useradd', ['--create-home', '--shell', '/bin/sh', name])
  if (status !== 0) throw new Error(`useradd ${name}: ${output}`)
  const id = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }))
  const home = `/home/${name}`
  const runtime = join(home, 'runtime')
  mkdirSync(runtime, { mode: 0o700 })
  run('chown', [`${name}:`, runtime])
  return { name, id, home, runtime, remove: () => void run('userdel', ['--remove', '--force', name]) }
}

/** Words that start a program as the user, with an environment of their own and, where given, a display. */
export function asUser(user, words, display = null) {
  const environment = [
    `HOME=${user.home}`,
    `USER=${user.name}`,
    'PATH=/usr/local/bin:/usr/bin:/bin',
    'LANG=C.UTF-8',
    `XDG_RUNTIME_DIR=${user.runtime}`
  ]
  return ['runuser', '-u', user.name, '--', 'env', '-i', ...environment, ...(display ? [`DISPLAY=${display}`] : []), ...words]
}

/** A virtual display: `{name, end}`. */
export async function openDisplay() {
  const child = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp', '-ac'], {
    stdio: ['ignore', 'pipe', 'ignore']
  })
  const number = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error('Xvfb ended at its start')))
    child.stdout.once('data', (chunk) => resolve(chunk.toString().trim()))
  })
  return { name: `:${number}`, end: () => child.kill() }
}

/** A program that goes on running: its lines so far, and how it ended. */
export function start(words, cwd = '/') {
  const [program, ...args] = words
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const started = { child, at: Date.now(), lines: [], ended: null }
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => started.lines.push(line))
  child.once('close', (status, signal) => (started.ended = signal ?? status))
  child.once('error', (error) => (started.ended = error.message))
  return started
}

const read = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Processes of a user id whose program is `executable`: pid, kind and PSS in MB. */
export function processesOf(id, executable) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const uid = Number(/^Uid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? -1)
      let program = ''
      try {
        program = readlinkSync(`/proc/${pid}/exe`)
      } catch {
        return []
      }
      if (uid !== id || program !== executable) return []
      const words = read(`/proc/${pid}/cmdline`).split('\0').join(' ')
      const kind = /--utility-sub-type=(\S+)/.exec(words)?.[1] ?? /--type=(\S+)/.exec(words)?.[1] ?? 'main'
      const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
      return [{ pid: Number(pid), kind, megabytes: kilobytes / 1024, words }]
    })
}

/** How a process is confined by the kernel, in words. */
export function confinementOf(pid) {
  const status = read(`/proc/${pid}/status`)
  const filter = /^Seccomp:\s+2/m.test(status)
  const namespace = (kind, of) => {
    try {
      return readlinkSync(`/proc/${of}/ns/${kind}`)
    } catch {
      return ''
    }
  }
  const own = ['user', 'pid', 'net'].filter((kind) => namespace(kind, pid) !== namespace(kind, 'self'))
  return {
    confined: filter && own.length > 0,
    words: `${filter ? 'a system-call filter' : 'no system-call filter'}, ${own.length > 0 ? `${own.join(', ')} namespace of its own` : 'no namespace of its own'}`
  }
}
