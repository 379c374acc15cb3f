// `fd-sweep SPEC`: how far finite differences are from their limit for r = 10⁻¹ … 10⁻¹⁴, on the first batch.
import { fdSweep } from '../../engine/curvature/inverse-gradient'
import { openFirstBatch, parsePlace } from '../../engine-process/first-batch'
import { openLinalg } from '../../engine/linalg'
import { figure } from '../../shared/format/figures'
import { print, printJson, say, stopSignal, readableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { table } from '../format'
import { phaseDisplay } from '../phase-display'
import { requireFit } from '../require-fit'
import { specsOf } from '../spec-source'

interface SweepOptions extends WorkspaceOptions {
  readonly set: readonly string[]
  readonly at?: string
}

export async function sweep(argument: string, options: SweepOptions): Promise<void> {
  const { specs } = await specsOf(argument, options.set)
  const [spec] = specs
  if (specs.length > 1) throw new UsageError('fd-sweep works on one spec')
  const workspace = readableWorkspace(options)
  await requireFit(workspace, spec)
  const stop = stopSignal(() => say('\nstopping…'))
  const display = phaseDisplay(process.stderr)
  const linalg = await openLinalg()
  try {
    display.onPhase('reading data')
    const at = options.at === undefined ? {} : { at: parsePlace(options.at) }
    const { objective, parameters, problem } = await openFirstBatch(workspace, linalg, spec, { ...at, signal: stop.signal, onNote: say })
    display.onPhase('factorization and solves')
    const rows = await fdSweep(objective, parameters, { signal: stop.signal })
    problem.dispose()
    display.clear()
    if (options.json) return printJson(rows)
    return print(
      table(
        ['r', 'two-sided error', 'one-sided error'],
        rows.map(({ r, twoSided, oneSided }) => [r.toExponential(1), figure(twoSided, 3), figure(oneSided, 3)]),
        ['r', 'two-sided error', 'one-sided error']
      )
    )
  } finally {
    display.clear()
    stop.dispose()
    await linalg.dispose()
  }
}
