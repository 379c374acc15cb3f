// `spectrum RUN`: the eigenvalues of one snapshot.
import { figure } from '../../shared/format/figures'
import { readEigenvalues, readManifest, requireRun, snapshotSteps } from '../../store'
import { print, printJson, readableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'

export async function spectrum(id: string, options: WorkspaceOptions & { readonly step?: number }): Promise<void> {
  const workspace = readableWorkspace(options)
  await requireRun(workspace, id)
  const steps = await snapshotSteps(workspace, id)
  const step = options.step ?? steps.at(-1)
  if (step === undefined) throw new UsageError(`run "${id}" has no snapshots; they are made when its spec has snapshots.everySteps`)
  const place = { run: id, step }
  const manifest = await readManifest(workspace, place)
  const blocks = []
  for (const { name, size, units, eigenvalues, checks } of manifest.blocks)
    blocks.push({
      name,
      size,
      units,
      checks,
      eigenvalues: eigenvalues === null ? null : (await readEigenvalues(workspace, place, name)).values
    })
  if (options.json) return printJson({ run: id, step, steps, scope: manifest.scope, blocks })
  for (const { name, size, units, eigenvalues, checks } of blocks) {
    print(`${name}, step ${step}: ${size}${units > 1 ? ` × ${units} units` : ''}`)
    if (!eigenvalues) continue
    const sorted = Float64Array.from(eigenvalues).sort()
    const shown = (values: Float64Array) => Array.from(values, (value) => figure(value, 5)).join('  ')
    print(sorted.length <= 16 ? `  ${shown(sorted)}` : `  ${shown(sorted.slice(0, 8))}\n  …\n  ${shown(sorted.slice(-8))}`)
    const made = Object.entries(checks).flatMap(([check, value]) => (value === null ? [] : [`${check} ${figure(value, 2)}`]))
    if (made.length > 0) print(`  checks: ${made.join(', ')}`)
  }
}
