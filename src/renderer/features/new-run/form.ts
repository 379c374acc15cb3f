// What the form's fields share: the values of the chosen spec (or of all), the edits that go into the text, and the faults by place.
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { SpecProblem } from '../../../shared/spec/problem'
import type { Draft } from './draft'
import { removeAt, setAt, type JsonPath } from './json-text'
import { editOf, valueAt } from './spec-edit'
import { fieldsFor } from './spec-text'

export type Value =
  | { readonly state: 'set'; readonly value: unknown }
  /** The key is not there: the default counts. */
  | { readonly state: 'left-out' }
  /** The runs differ here. */
  | { readonly state: 'mixed'; readonly values: readonly unknown[] }

export interface Form {
  valueAt(path: JsonPath): Value
  set(path: JsonPath, value: unknown): void
  /** Takes the key out, so that its default counts. */
  reset(path: JsonPath): void
  /** Faults at the place itself, or with `below` anywhere in it. */
  problemsAt(path: JsonPath, below?: boolean): readonly string[]
  /** Samples of a batch, for losses that are sums; null while not known. */
  readonly batchSamples: ComputedRef<number | null>
  readonly disabled: ComputedRef<boolean>
  /** Names of datasets, runs and the like to choose from. */
  readonly suggestions: ComputedRef<Readonly<Record<string, readonly Suggestion[]>>>
}

export interface Suggestion {
  readonly value: string
  /** What it is, beside the value in the list. */
  readonly label?: string
}

const key: InjectionKey<Form> = Symbol('form')

export function useForm(): Form {
  const form = inject(key)
  if (!form) throw new Error('there is no form here')
  return form
}

export function provideForm(
  draft: Pick<Draft, 'text' | 'parsed' | 'readable' | 'chosen'>,
  more: Pick<Form, 'batchSamples' | 'suggestions'> & { problems: ComputedRef<readonly (readonly SpecProblem[])[]> }
): Form {
  const { problems, batchSamples, suggestions } = more
  const { readable, chosen, parsed } = draft
  const places = computed(() =>
    readable.value.specs.map((_, place) => place).filter((place) => chosen.value === 'all' || chosen.value === place)
  )
  const prefix = (place: number): JsonPath => (readable.value.listed ? [place] : [])

  function edit(change: (text: string, place: number) => string) {
    if (parsed.value.fault) return
    draft.text.value = places.value.reduce(change, draft.text.value)
  }
  const form: Form = {
    batchSamples,
    suggestions,
    disabled: computed(() => parsed.value.fault !== null),
    valueAt(path) {
      const values = places.value.map((place) => valueAt(readable.value.specs[place], path))
      const [first] = values
      if (values.some((value) => JSON.stringify(value) !== JSON.stringify(first))) return { state: 'mixed', values }
      return first === undefined ? { state: 'left-out' } : { state: 'set', value: first }
    },
    set(path, value) {
      edit((text, place) => {
        const spec = readable.value.specs[place]
        const made = editOf(fieldsFor(spec), spec, path, value)
        return setAt(text, [...prefix(place), ...made.path], made.value)
      })
    },
    reset: (path) => edit((text, place) => removeAt(text, [...prefix(place), ...path])),
    problemsAt(path, below = false) {
      const here = path.join('.')
      const found = places.value.flatMap((place) => problems.value[place] ?? [])
      return [
        ...new Set(found.filter((one) => one.path === here || (below && one.path.startsWith(`${here}.`))).map(({ message }) => message))
      ]
    }
  }
  provide(key, form)
  return form
}
