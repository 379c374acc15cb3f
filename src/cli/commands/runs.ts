// `runs`: the run list.
import { figure, percent } from '../../shared/format/figures'
import { openRunIndex } from '../../store'
import { print, printJson, readableWorkspace, say, type WorkspaceOptions } from '../context'
import { oneLine, table } from '../format'

export async function runs(options: WorkspaceOptions & { readonly filter?: string }): Promise<void> {
  const workspace = readableWorkspace(options)
  const index = await openRunIndex(workspace)
  const { rows, total } = index.query({ filter: options.filter ?? '' })
  if (options.json) return printJson(rows)
  if (rows.length === 0) return print(total === 0 ? `no runs in ${workspace.folder}` : `none of ${total} runs match`)
  print(
    table(
      ['run', 'state', 'optimizer', 'dataset', 'step', 'loss', 'accuracy', 'created', 'name'],
      rows.map((row) => [
        row.id,
        row.state,
        row.optimizer,
        row.dataset,
        row.budgetSteps === null ? String(row.step) : `${row.step}/${row.budgetSteps}`,
        figure(row.lastLoss),
        row.lastAccuracy === null ? '·' : percent(row.lastAccuracy, 2),
        row.createdAt.slice(0, 16).replace('T', ' '),
        row.name
      ]),
      ['step', 'loss', 'accuracy']
    )
  )
  for (const { id, damage } of rows) if (damage !== null) say(`${id}: ${oneLine(damage)}`)
  return undefined
}
