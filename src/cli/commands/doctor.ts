// `doctor`: what this machine offers, what to do about what is not right, and all of it with the logs as a zip.
import { writeFile } from 'node:fs/promises'
import { examine } from '../../engine-process/doctor'
import { linalgChoice } from '../../shared/linalg-choice'
import { openRunIndex } from '../../store'
import { diagnosticsFiles, runsTold, zipOf } from '../../workbench/diagnostics'
import { readSettings } from '../../workbench/settings'
import { print, printJson, readableWorkspace, say, userPath, workspaceFolder, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { table } from '../format'

interface DoctorOptions extends WorkspaceOptions {
  readonly out?: string
}

export async function doctor(options: DoctorOptions): Promise<number> {
  const { out } = options
  if (out !== undefined && !out.toLowerCase().endsWith('.zip')) throw new UsageError(`--out ${out}: must end in .zip`)
  const workspace = readableWorkspace(options)
  const settings = await readSettings(workspace)
  const rows = await examine(workspaceFolder(options.workspace), linalgChoice(settings))
  if (out !== undefined) {
    const { rows: newest } = (await openRunIndex(workspace)).query({ sort: 'createdAt', descending: true, limit: runsTold })
    const runs = newest.map(({ id }) => id)
    const files = await diagnosticsFiles({ workspace, settings, doctor: rows, shell: 'command line', logs: null, runs })
    await writeFile(userPath(out), zipOf(files), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new UsageError(`--out ${out}: is there already; name another file`) : error
    })
    say(`${out}: ${files.map(({ name }) => name).join(', ')}; no data, no weights, no data sets`)
  }
  if (options.json) printJson(rows)
  else {
    print(
      table(
        ['', 'what', ''],
        rows.map(({ name, value, ok }) => [ok ? '✓' : '✗', name, value])
      )
    )
    for (const { name, advice } of rows) if (advice !== undefined) print(`✗ ${name}: ${advice}`)
  }
  return rows.every(({ ok }) => ok) ? 0 : 1
}
