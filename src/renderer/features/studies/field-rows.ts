// The fields of a spec that a study may vary, flat: each with its path, what it is called and what it is now.
import { kindOf, type Field } from '../../../shared/spec/fields'
import { helpOf } from '../../../shared/spec/help'
import { fieldsIn, isObject, starterOf } from '../new-run/spec-edit'
import { fieldsFor } from '../new-run/spec-text'
import { labelOfPath } from './axis-names'
import { valueText } from './shape'

/** `number`: also a range or a random sample. `options`: a few values to tick. `json`: anything else. */
export type RowKind = 'number' | 'options' | 'json'

export interface FieldOption {
  readonly label: string
  readonly value: unknown
}

export interface FieldRow {
  readonly path: string
  readonly label: string
  readonly help: string
  readonly kind: RowKind
  readonly options: readonly FieldOption[]
  readonly current: unknown
}

/** What names a run, what starts alike in every cell, and what is kept beside the training. */
const unvaried = /^((schemaVersion|name|tags|seed|snapshots|checkpoints|problem\.kind)(\.|$)|optimizer\.damping\.candidates\.)/

const optionsOf = (field: Field): readonly FieldOption[] => {
  const { shape } = field
  const { options = {} } = helpOf(field)
  const label = (value: string) => options[value] ?? value
  if (shape.type === 'switch')
    return [
      { label: 'Yes', value: true },
      { label: 'No', value: false }
    ]
  if (shape.type === 'select') return shape.values.map((value) => ({ label: label(value), value }))
  if (shape.type === 'choice')
    return shape.alternatives.map(({ value, fields }) => ({ label: label(value), value: starterOf(fields, value) }))
  return []
}

function rowsOf(field: Field, path: string, value: unknown): FieldRow[] {
  const { shape } = field
  if (shape.type === 'constant' || unvaried.test(path)) return []
  const current = value === undefined ? field.fallback : value
  const own = (kind: RowKind): FieldRow => ({
    path,
    label: labelOfPath(path),
    help: helpOf(field).help,
    kind,
    options: optionsOf(field),
    current
  })
  const below = (fields: readonly Field[], owner: unknown) =>
    fields.flatMap((one) => rowsOf(one, `${path}.${one.key}`, isObject(owner) ? owner[one.key] : undefined))
  if (shape.type === 'group') return below(shape.fields, current)
  if (shape.type === 'choice') {
    const kind = kindOf(field, value)
    const fields = shape.alternatives.find((one) => one.value === kind)?.fields ?? []
    return [own('options'), ...below(fields, current)]
  }
  if (shape.type === 'either') return [own('json'), ...(isObject(current) ? below(fieldsIn(field, current), current) : [])]
  if (shape.type === 'list') {
    const items = Array.isArray(current) ? current : []
    const { item } = shape
    return [
      own('json'),
      ...items.flatMap((one, place) => (one === null ? [] : rowsOf({ ...item, key: String(place) }, `${path}.${place}`, one)))
    ]
  }
  if (shape.type === 'switch' || shape.type === 'select') return [own('options')]
  if (shape.type === 'number') return [own('number')]
  // A word may be a number, or text such as an expression.
  return [own(shape.type === 'word' && (typeof current === 'number' || current === null) ? 'number' : 'json')]
}

/** In the order of the form. */
export function fieldRows(spec: unknown): FieldRow[] {
  if (!isObject(spec)) return []
  return fieldsFor(spec).flatMap((field) => rowsOf(field, field.key, spec[field.key]))
}

/** Those of one optimizer that are numbers, for its own search. */
export const optimizerRows = (base: unknown, optimizer: unknown): FieldRow[] =>
  isObject(base) ? fieldRows({ ...base, optimizer }).filter(({ path, kind }) => path.startsWith('optimizer.') && kind === 'number') : []

/** By words: all of them somewhere in label, path or help. */
export function matchingRows(rows: readonly FieldRow[], text: string): readonly FieldRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(({ label, path, help }) => words.every((word) => `${label} ${path} ${help}`.toLowerCase().includes(word)))
}

export const currentText = ({ current, options }: FieldRow): string => {
  const known = options.find(
    ({ value }) =>
      JSON.stringify(value) === JSON.stringify(current) || (isObject(current) && isObject(value) && current.kind === value.kind)
  )
  if (known) return known.label
  return current === null || current === undefined ? 'none' : valueText(current)
}
