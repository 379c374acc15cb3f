// The draft's specs, checked while they are typed: faults, completed specs and estimates, one answer a spec.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { MethodOutput } from '../../../shared/api/contract'
import { call } from '../../app/data'
import type { ParsedSpecs } from './spec-text'
import { messageOf } from '../../../shared/format/message-of'

export type Check = MethodOutput<'spec.check'>

/** The page asks so long after the last key. */
const pause = 250
const mostSpecs = 50

export function useChecks(parsed: Ref<ParsedSpecs>) {
  const checks = shallowRef<readonly Check[]>([])
  const failure = ref<string | null>(null)
  const checking = ref(false)
  let round = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  async function check(specs: readonly unknown[], own: number) {
    try {
      const answers = await Promise.all(specs.slice(0, mostSpecs).map((spec) => call('spec.check', { spec: spec as never })))
      if (own === round) checks.value = answers
    } catch (error) {
      if (own === round) failure.value = messageOf(error)
    }
    if (own === round) checking.value = false
  }
  const refresh = () => {
    const { specs, fault } = parsed.value
    const own = ++round
    if (timer) clearTimeout(timer)
    failure.value = null
    checking.value = specs.length > 0
    if (specs.length === 0 && !fault) checks.value = []
    if (specs.length > 0) timer = setTimeout(() => void check(specs, own), pause)
  }
  watch(parsed, refresh, { immediate: true })
  onScopeDispose(() => {
    round++
    if (timer) clearTimeout(timer)
  })

  const several = computed(() => parsed.value.specs.length > 1)
  /** With the place of the spec in front where there are several. */
  const problems = computed(() =>
    parsed.value.fault
      ? []
      : checks.value.flatMap((answer, place) =>
          answer.problems.map((problem) => ({
            ...problem,
            path: several.value ? `${place}${problem.path ? '.' : ''}${problem.path}` : problem.path
          }))
        )
  )
  const ready = computed(
    () =>
      parsed.value.specs.length > 0 &&
      !checking.value &&
      checks.value.length === parsed.value.specs.length &&
      checks.value.every(({ spec }) => spec !== null)
  )
  return { checks, failure, checking, several, problems, ready, refresh }
}
