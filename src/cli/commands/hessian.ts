// `hessian SPEC --out DIR`: gradient, Hessian and eigenvalues of the first batch as .npy, without training.
import { parsePlace } from '../../engine-process/first-batch'
import { computeHessian } from '../../engine-process/hessian'
import { computeHessianDensity, type HessianDensityRequest } from '../../engine-process/hessian-density'
import { openLinalg, type Linalg } from '../../engine/linalg'
import { bytes } from '../../shared/format/bytes'
import { figure } from '../../shared/format/figures'
import { scopes, type Scope } from '../../shared/spec/schema'
import type { Workspace } from '../../store'
import { printJson, say, userPath, readableWorkspace, type WorkspaceOptions } from '../context'
import type { PhaseDisplay } from '../phase-display'
import { UsageError } from '../ending'
import { requireFit } from '../require-fit'
import { specsOf } from '../spec-source'
import { withProgress } from '../with-progress'

interface HessianOptions extends WorkspaceOptions {
  readonly set: readonly string[]
  readonly out: string
  readonly scope?: string
  readonly at?: string
  readonly vectors?: boolean
  readonly repeat: number
  readonly density?: boolean
  readonly native?: boolean
}

/** What a density has no use for. */
function refuseWithDensity({ vectors, repeat, native }: HessianOptions, scope: Scope): void {
  if (vectors) throw new UsageError('--density gives the extreme eigenvectors by itself; --vectors needs the matrix')
  if (native) throw new UsageError('--density needs no matrix, so no --native')
  if (repeat !== 1) throw new UsageError('--density assembles nothing that --repeat could time')
  if (scope !== 'full') throw new UsageError(`--density is that of the whole Hessian: --scope must be full, got "${scope}"`)
}

export async function hessian(argument: string, options: HessianOptions): Promise<void> {
  const { specs } = await specsOf(argument, options.set)
  const [spec] = specs
  if (specs.length > 1)
    throw new UsageError(`${argument} has ${specs.length} specs: write the one you mean to a file (presets ${argument} prints them)`)
  const own: Scope = 'scope' in spec.optimizer ? spec.optimizer.scope : 'full'
  const scope = options.scope === undefined ? own : scopes.find((known) => known === options.scope)
  if (!scope) throw new UsageError(`--scope: must be one of ${scopes.join(', ')}, got "${options.scope}"`)
  if (options.density) refuseWithDensity(options, options.scope === undefined ? 'full' : scope)
  if (options.native && scope !== 'full') throw new UsageError(`--native is for the whole Hessian: --scope must be full, got "${scope}"`)
  if (!Number.isInteger(options.repeat) || options.repeat < 1) throw new UsageError('--repeat: must be an integer ≥ 1')
  const workspace = readableWorkspace(options)
  await requireFit(workspace, spec, false)
  const at = options.at === undefined ? {} : { at: parsePlace(options.at) }
  const { vectors = false, repeat, native } = options
  const out = userPath(options.out)
  const common = { spec, out, ...at }
  if (options.density) return densityInstead(workspace, common, options.json)
  const report = await withLinalg((linalg, signal, display, onNote) =>
    computeHessian(workspace, linalg, { ...common, scope, vectors, repeat, native, signal, onNote, ...display })
  )
  if (options.json) return printJson(report)
  say(`P = ${report.P}, loss ${figure(report.loss, 6)}, ${report.backend.description}, ${report.backend.threads} threads`)
  say(
    `assembly ${report.seconds.assembly.map((value) => `${value.toFixed(3)} s`).join(', ')}; eigenvalues ${report.seconds.eigen.toFixed(2)} s`
  )
  for (const [block, checks] of Object.entries(report.checks))
    say(
      `${block}: ${Object.entries(checks)
        .flatMap(([name, value]) => (value === null ? [] : [`${name} ${figure(value, 2)}`]))
        .join(', ')}`
    )
  if (report.stages)
    say(
      Object.entries(report.stages)
        .map(([stage, seconds]) => `${stage} ${seconds.toFixed(1)} s`)
        .join(', ')
    )
  if (report.peakBytes) say(`largest resident memory ${bytes(report.peakBytes)}`)
  say(`written to ${out}: ${report.files.join(', ')}`)
}

/** `work` with linear algebra that is closed after it, and progress on stderr. */
function withLinalg<Result>(
  work: (linalg: Linalg, signal: AbortSignal, display: PhaseDisplay, onNote: (sentence: string) => void) => Promise<Result>
): Promise<Result> {
  return withProgress(async (signal, display) => {
    const onNote = (sentence: string) => {
      display.clear()
      say(sentence)
    }
    const linalg = await openLinalg()
    try {
      return await work(linalg, signal, display, onNote)
    } finally {
      await linalg.dispose()
    }
  })
}

async function densityInstead(
  workspace: Workspace,
  request: Pick<HessianDensityRequest, 'spec' | 'out' | 'at'>,
  json: boolean | undefined
): Promise<void> {
  const report = await withLinalg((linalg, signal, { onProgress }, onNote) =>
    computeHessianDensity(workspace, linalg, { ...request, signal, onNote, onProgress })
  )
  if (json) return printJson(report)
  const { P, loss, backend, figures, checks, seconds } = report
  const of = (name: string) => figure(figures[name] ?? NaN, 6)
  say(`P = ${P}, loss ${figure(loss, 6)}, ${backend.description}, ${backend.threads} threads`)
  say(`eigenvalues from ${of('lambdaMin')} to ${of('lambdaMax')}, trace ${of('trace')} ± ${figure(figures.traceError ?? NaN, 2)}`)
  say(`density ${seconds.density.toFixed(2)} s, extreme pairs ${seconds.extremes.toFixed(2)} s`)
  for (const [check, { value, limit, ok }] of Object.entries(checks))
    say(`  ${ok ? '✓' : '✗'} ${check} ${figure(value ?? NaN, 2)} (at most ${figure(limit, 2)})`)
  say(`written to ${request.out}: ${report.files.join(', ')}`)
  return undefined
}
