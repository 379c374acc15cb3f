// `hessian SPEC --out DIR`: gradient, Hessian and eigenvalues of the first batch as .npy, without training.
import { parsePlace } from '../../engine-process/first-batch'
import { computeHessian } from '../../engine-process/hessian'
import { openLinalg } from '../../engine/linalg'
import { figure } from '../../shared/format/figures'
import { scopes, type Scope } from '../../shared/spec/schema'
import { printJson, say, userPath, readableWorkspace, type WorkspaceOptions } from '../context'
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
}

export async function hessian(argument: string, options: HessianOptions): Promise<void> {
  const { specs } = await specsOf(argument, options.set)
  const [spec] = specs
  if (specs.length > 1)
    throw new UsageError(`${argument} has ${specs.length} specs: write the one you mean to a file (presets ${argument} prints them)`)
  const own: Scope = 'scope' in spec.optimizer ? spec.optimizer.scope : 'full'
  const scope = options.scope === undefined ? own : scopes.find((known) => known === options.scope)
  if (!scope) throw new UsageError(`--scope: must be one of ${scopes.join(', ')}, got "${options.scope}"`)
  if (!Number.isInteger(options.repeat) || options.repeat < 1) throw new UsageError('--repeat: must be an integer ≥ 1')
  const workspace = readableWorkspace(options)
  await requireFit(workspace, spec, false)
  const at = options.at === undefined ? {} : { at: parsePlace(options.at) }
  const { vectors = false, repeat } = options
  const out = userPath(options.out)
  const report = await withProgress(async (signal, display) => {
    const onNote = (sentence: string) => {
      display.clear()
      say(sentence)
    }
    const linalg = await openLinalg()
    try {
      return await computeHessian(workspace, linalg, { spec, scope, out, ...at, vectors, repeat, signal, onNote, ...display })
    } finally {
      await linalg.dispose()
    }
  })
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
  say(`written to ${out}: ${report.files.join(', ')}`)
}
