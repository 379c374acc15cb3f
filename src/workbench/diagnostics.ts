// What helps to find a fault from afar, as one zip: versions, what doctor says, known settings and logs. Never data, weights or data sets.
import { open, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { versions } from '../engine-process/versions'
import type { DoctorRow } from '../shared/api/contract'
import { joinedBytes } from '../shared/format/joined-bytes'
import { guideSetting } from '../shared/guide'
import { speedsSetting } from '../shared/linalg-choice'
import { zipParts } from '../shared/npy'
import { calibrationSetting } from '../shared/run/calibration'
import { readLog, type Workspace } from '../store'

export interface DiagnosticsFile {
  readonly name: string
  readonly text: string
}

export interface DiagnosticsInput {
  readonly workspace: Workspace
  readonly settings: Readonly<Record<string, unknown>>
  readonly doctor: readonly DoctorRow[]
  /** `electron`, `browser` or `command line`. */
  readonly shell: string
  /** Folder of the desktop app's own logs; null where there are none. */
  readonly logs: string | null
  /** Runs whose logs are wanted, the newest first. */
  readonly runs: readonly string[]
  readonly now?: Date
}

/** Settings that say how something looks or is computed; whatever else a file of settings holds stays at home. */
const toldSettings: ReadonlySet<string> = new Set([
  'runsAtOnce',
  'threads',
  'backend',
  'diskBudget',
  speedsSetting,
  guideSetting,
  calibrationSetting,
  'runsColumns'
])
/** Logs of so many of the newest runs, so many lines of each; of the app's own logs so many bytes. */
export const runsTold = 20
const linesTold = 500
const bytesTold = 256 * 1024

/** The end of a text file, from the start of a line; null where there is none. */
async function tailOf(path: string): Promise<string | null> {
  try {
    const { size } = await stat(path)
    const file = await open(path)
    try {
      const bytes = Buffer.alloc(Math.min(size, bytesTold))
      await file.read(bytes, 0, bytes.length, size - bytes.length)
      const text = bytes.toString('utf8')
      return size > bytesTold ? text.slice(text.indexOf('\n') + 1) : text
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}

async function appLogs(folder: string | null): Promise<DiagnosticsFile[]> {
  if (folder === null) return []
  const names = ['saddlescope.log', 'saddlescope.old.log']
  const texts = await Promise.all(names.map((name) => tailOf(join(folder, name))))
  return names.flatMap((name, i) => (texts[i] === null ? [] : [{ name: `logs/${name}`, text: texts[i] }]))
}

async function runLogs({ workspace, runs }: DiagnosticsInput): Promise<DiagnosticsFile[]> {
  const files: DiagnosticsFile[] = []
  for (const id of runs.slice(0, runsTold)) {
    const lines = await readLog(workspace, id, linesTold).catch(() => [])
    if (lines.length > 0)
      files.push({ name: `logs/runs/${id}.log`, text: lines.map(({ time, message }) => `${time} ${message}\n`).join('') })
  }
  return files
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Every file of the archive, README.txt first. */
export async function diagnosticsFiles(input: DiagnosticsInput): Promise<DiagnosticsFile[]> {
  const told = Object.entries(input.settings).filter(([key]) => toldSettings.has(key))
  const kept = Object.keys(input.settings).filter((key) => !toldSettings.has(key))
  const logs = [...(await appLogs(input.logs)), ...(await runLogs(input))]
  const home = homedir()
  /** Whose machine it is does not matter. */
  const homes = home.length > 1 ? [home, home.replaceAll('\\', '\\\\')] : []
  const plain = (text: string) => homes.reduce((told, one) => told.split(one).join('~'), text)
  const readme = [
    'Saddlescope diagnostics',
    '',
    'versions.json   versions of Saddlescope and what it runs on',
    'doctor.json     what doctor says of the machine',
    `settings.json   the workspace's settings${kept.length > 0 ? ` (${kept.length} of another kind are left out)` : ''}`,
    `logs/           the app's own log where it has one, and those of the newest ${runsTold} runs, the last ${linesTold} lines of each`,
    '',
    'No data, no weights, no data sets, no tokens. Names of runs, data sets and files stand in the logs where they were told;',
    'the home folder is written ~.',
    ''
  ].join('\n')
  return [
    { name: 'README.txt', text: readme },
    {
      name: 'versions.json',
      text: json({
        ...versions(),
        platform: process.platform,
        arch: process.arch,
        shell: input.shell,
        workspace: input.workspace.folder,
        madeAt: (input.now ?? new Date()).toISOString()
      })
    },
    { name: 'doctor.json', text: json(input.doctor) },
    { name: 'settings.json', text: json(Object.fromEntries(told)) },
    ...logs
  ].map(({ name, text }) => ({ name, text: plain(text) }))
}

/** "saddlescope-diagnostics-2026-11-26.zip" */
export const diagnosticsName = (now: Date) => `saddlescope-diagnostics-${now.toISOString().slice(0, 10)}.zip`

export function zipOf(files: readonly DiagnosticsFile[]): Uint8Array<ArrayBuffer> {
  const entries = files.map(({ name, text }) => ({ name, parts: [new TextEncoder().encode(text)] }))
  return joinedBytes(zipParts(entries))
}
