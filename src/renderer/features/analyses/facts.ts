// What is said of a stored analysis: by its kind where this version knows it, else by its own manifest. Pure.
import { analysisKinds } from '../../../shared/analyses/kinds'
import type { AnalysisFacts } from '../../../shared/analyses/facts'
import type { AnalysisManifest } from '../../../shared/analyses/manifest'

/** Null: a kind of another version. */
export const factsOf = (kind: string): AnalysisFacts | null =>
  Object.hasOwn(analysisKinds, kind) ? (analysisKinds as Readonly<Record<string, AnalysisFacts>>)[kind] : null

export const titleOf = (kind: string): string => factsOf(kind)?.title ?? kind

export interface CheckRow {
  readonly name: string
  readonly value: number | null
  readonly limit: number
  readonly ok: boolean
  readonly meaning: string
}

export const checkRows = ({ kind, checks }: Pick<AnalysisManifest, 'kind' | 'checks'>): CheckRow[] =>
  Object.entries(checks).map(([name, check]) => ({ name, ...check, meaning: factsOf(kind)?.checks[name] ?? '' }))

/** `none`: nothing was checked. */
export type Verdict = 'holds' | 'fails' | 'none'
export const verdictOf = (checks: AnalysisManifest['checks']): Verdict => {
  const all = Object.values(checks)
  return all.length === 0 ? 'none' : all.every(({ ok }) => ok) ? 'holds' : 'fails'
}

export interface FigureRow {
  readonly name: string
  readonly value: number | null
  readonly meaning: string
}

export const figureRows = ({ kind, figures }: Pick<AnalysisManifest, 'kind' | 'figures'>): FigureRow[] =>
  Object.entries(figures).map(([name, value]) => ({ name, value, meaning: factsOf(kind)?.figures[name] ?? '' }))

/** An option's value as a person writes it in a field. */
export function optionText(value: unknown): string {
  if (value === undefined) return ''
  if (value === null) return 'none'
  if (Array.isArray(value))
    return value.map((one) => (typeof one === 'object' && one !== null ? `(${optionText(one)})` : optionText(one))).join(', ')
  if (typeof value === 'object') {
    const said = Object.entries(value).filter(([, one]) => one !== null)
    return said.map(([name, one]) => `${name} ${optionText(one)}`).join(' ')
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export const optionsText = (options: Readonly<Record<string, unknown>>): string =>
  Object.entries(options)
    .map(([name, value]) => `${name} ${optionText(value)}`)
    .join(', ')

const quoted = (text: string) => (/^[A-Za-z0-9_./:=,@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** The command that makes it again: only what differs from the defaults is set. */
export function commandOf(kind: string, run: string, step: number | null, options: Readonly<Record<string, unknown>>): string {
  const facts = factsOf(kind)
  const defaults = (name: string): unknown => {
    const empty = facts?.options.shape[name]?.safeParse(undefined) as { success: boolean; data?: unknown } | undefined
    return empty?.success ? empty.data : undefined
  }
  const set = Object.entries(options)
    .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults(name)))
    .map(([name, value]) => `--set ${quoted(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`)
  return ['saddlescope analyse', kind, step === null ? run : `${run}:${step}`, ...set].join(' ')
}

/** Why two of one kind are not told apart by their options alone: those that differ. */
export function differingOptions(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>
): { readonly name: string; readonly a: string; readonly b: string }[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((name) => ({ name, a: optionText(a[name]), b: optionText(b[name]) }))
    .filter((one) => one.a !== one.b)
}
