// `analyse KIND TARGET` and `analyses [RUN]`: one analysis of a run, and what there is.
import { analyse as makeAnalysis, type AnalysisTarget } from '../../engine-process/analyses'
import { analysisKindNames, analysisKinds, isPointKind, optionRows, type AnalysisKind } from '../../shared/analyses/kinds'
import { bytes } from '../../shared/format/bytes'
import { figure } from '../../shared/format/figures'
import { runIdPattern } from '../../shared/spec/schema'
import { applySettings } from '../../shared/spec/settings'
import { damagedSentence, listAnalyses } from '../../store'
import { print, printJson, readableWorkspace, say, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { noSuch } from '../no-such'
import { table } from '../format'
import { specsOf } from '../spec-source'
import { withProgress } from '../with-progress'
import { messageOf } from '../../shared/format/message-of'

interface AnalyseOptions extends WorkspaceOptions {
  readonly set: readonly string[]
  readonly out?: string
}

function kindOf(text: string) {
  const kind = analysisKindNames.find((name) => name === text)
  if (kind) return kind
  throw noSuch('there is no analysis', text, analysisKindNames)
}

async function targetOf(kind: AnalysisKind, text: string): Promise<AnalysisTarget> {
  if (/\.json$/i.test(text)) {
    if (!isPointKind(kind)) throw new UsageError(`${kind} works on what a run has stored: give a RUN or RUN:STEP, not the spec ${text}`)
    const { specs } = await specsOf(text, [])
    return { spec: specs[0] }
  }
  const [run, step, ...more] = text.split(':')
  if (more.length > 0 || !runIdPattern.test(run) || (step !== undefined && !/^\d{1,15}$/.test(step)))
    throw new UsageError(`the target must be RUN, RUN:STEP such as sfn-mnist10:40, or a spec's .json file, got "${text}"`)
  return { run, step: step === undefined ? null : Number(step) }
}

function optionsOf(set: readonly string[]): Record<string, unknown> {
  try {
    return applySettings({}, set) as Record<string, unknown>
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

export async function analyse(kindText: string, targetText: string, options: AnalyseOptions): Promise<void> {
  const kind = kindOf(kindText)
  const target = await targetOf(kind, targetText)
  if ('spec' in target && options.out === undefined) throw new UsageError(`${kind} of a spec needs a folder to go to: give --out DIR`)
  const asked = optionsOf(options.set)
  const out = options.out === undefined ? undefined : userPath(options.out)
  // With a folder of its own the workspace is only read.
  const workspace = out === undefined ? await writableWorkspace(options) : readableWorkspace(options)
  const order = { kind, ...target, options: asked }
  const { manifest, path, message } = await withProgress((signal, display) => {
    const onProgress = (fraction: number, phase: string) => display.onProgress(fraction, phase)
    return makeAnalysis(workspace, order, { signal, onProgress }, { out })
  })
  if (options.json) return printJson(manifest)
  say(message)
  for (const [check, { value, limit, ok }] of Object.entries(manifest.checks))
    say(`  ${ok ? '✓' : '✗'} ${check} ${figure(value ?? NaN, 2)} (at most ${figure(limit, 2)})`)
  say(`written to ${path}`)
  return undefined
}

function listKinds(json: boolean | undefined): void {
  const kinds = analysisKindNames.map((kind) => {
    const { title, summary, arrays, figures, checks } = analysisKinds[kind]
    const options = optionRows(kind).map(({ name, fallback, help }) => ({
      name,
      required: fallback === undefined,
      default: fallback ?? null,
      help
    }))
    return { kind, title, summary, options, arrays, figures, checks }
  })
  if (json) return printJson(kinds)
  for (const { kind, summary, options } of kinds) {
    print(`${kind}: ${summary}`)
    for (const { name, required, help } of options) print(`  --set ${name}=…  ${help}${required ? ' (required)' : ''}`)
  }
  return undefined
}

export async function analyses(run: string | undefined, options: WorkspaceOptions): Promise<void> {
  if (run === undefined) return listKinds(options.json)
  const workspace = readableWorkspace(options)
  const found = await listAnalyses(workspace, run)
  const damaged = await damagedSentence(workspace, run)
  if (damaged !== null) say(damaged)
  if (options.json) return printJson(found.map(({ name, bytes: size, manifest }) => ({ name, bytes: size, ...manifest })))
  if (found.length === 0) return say(`run "${run}" has no analyses`)
  return print(
    table(
      ['analysis', 'made', 'size', 'options', 'checks'],
      found.map(({ name, bytes: size, manifest }) => [
        name,
        manifest.createdAt.slice(0, 16).replace('T', ' '),
        bytes(size),
        Object.entries(manifest.options)
          .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
          .join(' '),
        Object.values(manifest.checks).every(({ ok }) => ok) ? 'hold' : 'some fail'
      ]),
      ['size']
    )
  )
}
