// The form of a kind's options: its fields, what a text in them means, and what is wrong. Pure.
import { analysisKinds, type AnalysisKind } from '../../../shared/analyses/kinds'
import { schemaProblems } from '../../../shared/spec/check'
import { fieldsOf, type Field } from '../../../shared/spec/fields'

export interface OptionField {
  readonly field: Field
  readonly help: string
}

export type OptionValues = Readonly<Record<string, unknown>>

export function optionFields(kind: AnalysisKind): OptionField[] {
  const { options } = analysisKinds[kind]
  const shape = options.shape as Readonly<Record<string, { readonly description?: string }>>
  return fieldsOf(options).map((field) => ({ field, help: shape[field.key]?.description ?? '' }))
}

/** The default of a field as zod fills it in, which for nested ones says more than the field itself. */
export function fallbackOf(kind: AnalysisKind, name: string): unknown {
  const schema = (
    analysisKinds[kind].options.shape as Readonly<Record<string, { safeParse(value: unknown): { success: boolean; data?: unknown } }>>
  )[name]
  const empty = schema.safeParse(undefined)
  return empty.success ? empty.data : undefined
}

const numeral = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i

function listOf(text: string): unknown[] {
  return text
    .split(/[\s,;]+/)
    .filter((one) => one !== '')
    .map((one) => (numeral.test(one) ? Number(one) : one))
}

/** "path optimizer.learningRate from 0.1 to 1": names and values in turn, as `optionText` writes them; the text itself where it is no such thing. */
function groupOf(text: string): unknown {
  const words = text.split(/[\s,=]+/).filter((word) => word !== '')
  if (words.length % 2 === 1) return text
  return Object.fromEntries(
    Array.from({ length: words.length / 2 }, (_, k) => [
      words[2 * k],
      numeral.test(words[2 * k + 1]) ? Number(words[2 * k + 1]) : words[2 * k + 1]
    ])
  )
}

/** What is typed into a field: a number, a list ("1, 2, 3"), JSON, `none` for null where it may be that, else the text itself; undefined: left out. */
export function readOption({ shape, nullable }: Field, text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  if (nullable && /^(none|null)$/i.test(trimmed)) return null
  if (shape.type === 'text') return trimmed
  if (numeral.test(trimmed)) return shape.type === 'list' ? [Number(trimmed)] : Number(trimmed)
  if (/^[[{"]/.test(trimmed))
    try {
      return JSON.parse(trimmed) as unknown
    } catch {
      return trimmed
    }
  if (shape.type === 'group') return groupOf(trimmed)
  if (shape.type === 'list' || (shape.type === 'word' && /[,;]/.test(trimmed))) return listOf(trimmed)
  return trimmed
}

/** Sentences by the name of the option. */
export function optionProblems(kind: AnalysisKind, values: OptionValues): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {}
  for (const { path, message } of schemaProblems(analysisKinds[kind].options, values)) {
    const name = path.split('.')[0]
    ;(found[name] ??= []).push(message)
  }
  return found
}
