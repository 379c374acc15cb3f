// Arrays of a stored analysis by name, all of them or a sentence.
import { computed } from 'vue'
import type { AnalysisManifest } from '../../../shared/analyses/manifest'
import { useQueries } from '../../app/data'
import type { ArrayValues } from './arrays'

/** A stored analysis, as its panel gets it. */
export interface PanelProps {
  readonly run: string
  readonly name: string
  readonly manifest: AnalysisManifest
}

/** An analysis that still computes, as its live panel gets it. */
export interface LivePanelProps {
  readonly run: string
  /** As asked: without defaults. */
  readonly options: Readonly<Record<string, unknown>>
  /** As far as they are known: NaN elsewhere. */
  readonly arrays: Readonly<Record<string, ArrayValues>>
}

/** `optional` ones are there only where the analysis has them. `values` null: not read yet, or the `fault` says why they cannot be. */
export function useArrays<Needed extends string, Optional extends string = never>(
  props: PanelProps,
  needed: readonly Needed[],
  optional: readonly Optional[] = []
) {
  const missing = computed(() => needed.filter((array) => !Object.hasOwn(props.manifest.arrays, array)))
  const wanted = computed(() => [...needed, ...optional].filter((array) => Object.hasOwn(props.manifest.arrays, array)))
  const { data, errors } = useQueries('analyses.array', () =>
    missing.value.length > 0 ? [] : wanted.value.map((array) => ({ run: props.run, name: props.name, array }))
  )
  const fault = computed(() =>
    missing.value.length > 0
      ? `${props.name} has no ${missing.value.join(', ')}: its picture cannot be drawn.`
      : (errors.value.find((error) => error !== null)?.message ?? null)
  )
  const values = computed(() => {
    const found = data.value
    if (fault.value !== null || found.length !== wanted.value.length || found.some((one) => one === undefined)) return null
    return Object.fromEntries(wanted.value.map((array, i) => [array, found[i]])) as Record<Needed, ArrayValues> &
      Partial<Record<Optional, ArrayValues>>
  })
  return { values, fault }
}
