// `doctor`: what this machine offers.
import { examine } from '../../engine-process/doctor'
import { print, printJson, workspaceFolder, type WorkspaceOptions } from '../context'
import { table } from '../format'

export async function doctor(options: WorkspaceOptions): Promise<number> {
  const rows = await examine(workspaceFolder(options.workspace))
  if (options.json) printJson(rows)
  else
    print(
      table(
        ['', 'what', ''],
        rows.map(({ name, value, ok }) => [ok ? '✓' : '✗', name, value])
      )
    )
  return rows.every(({ ok }) => ok) ? 0 : 1
}
