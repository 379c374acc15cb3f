// The app's logs, in the platform's place: what main, the workbench and engine processes say, with the time. Two generations are kept.
import { appendFileSync } from 'node:fs'
import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { app, shell } from 'electron'
import { lineSplitter, logLine } from './log-lines'

const mostBytes = 2 * 1024 * 1024

let waiting: string[] = []
let writing: Promise<void> | null = null

const currentLog = () => join(app.getPath('logs'), 'saddlescope.log')

async function writeWaiting() {
  while (waiting.length > 0) {
    const text = waiting.join('')
    waiting = []
    try {
      await mkdir(app.getPath('logs'), { recursive: true })
      const size = (await stat(currentLog()).catch(() => null))?.size ?? 0
      if (size > 0 && size + text.length > mostBytes) await rename(currentLog(), join(app.getPath('logs'), 'saddlescope.old.log'))
      await appendFile(currentLog(), text)
    } catch {
      // A log that cannot be written, on a full disk, must not stop the app.
    }
  }
  writing = null
}

function note(source: string, text: string) {
  waiting.push(logLine(source, text, new Date()))
  writing ??= writeWaiting()
}

/** Main's own lines; a terminal that watches sees them too. */
export function log(text: string) {
  process.stderr.write(`${text}\n`)
  note('main', text)
}

/** Lines that a process says go to the log and on to the terminal. */
export function logStream(source: string, stream: NodeJS.ReadableStream | null | undefined) {
  const lines = lineSplitter((line) => note(source, line))
  stream?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk)
    lines.feed(chunk.toString())
  })
  stream?.on('end', lines.end)
}

/** Everything said is on disk, or two seconds have passed. */
export async function flushLogs() {
  await Promise.race([writing ?? Promise.resolve(), new Promise((done) => setTimeout(done, 2000))])
}

/** Opens the folder; why not, or nothing. */
export async function showLogs(): Promise<string> {
  await mkdir(app.getPath('logs'), { recursive: true })
  return shell.openPath(app.getPath('logs'))
}

export function setupLogs() {
  note('main', `Saddlescope ${app.getVersion()} starts: Electron ${process.versions.electron}, ${process.platform} ${process.arch}`)
  // A terminal that was closed takes no lines any more: no reason to end before what runs is checkpointed.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  // Electron shows the error itself; the process may not live long enough to write it later.
  process.on('uncaughtExceptionMonitor', (error) => {
    try {
      appendFileSync(currentLog(), logLine('main', error.stack ?? String(error), new Date()))
    } catch {
      // There is no folder yet.
    }
  })
  app.on('child-process-gone', (_event, { type, name, reason, exitCode }) => {
    if (reason !== 'clean-exit') log(`a ${name ?? type} process is gone: ${reason}, code ${exitCode}`)
  })
}
