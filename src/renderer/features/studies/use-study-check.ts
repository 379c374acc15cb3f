// The draft of a study, checked while it is edited: problems, cells, runs, what they take, and the sentence of its selection.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { StudyCheck } from '../../../shared/api/contract'
import { call } from '../../app/data'
import { readJson } from '../new-run/json-text'
import { messageOf } from '../../../shared/format/message-of'

/** The page asks so long after the last key. */
const pause = 300

export function useStudyCheck(text: Ref<string>) {
  const check = shallowRef<StudyCheck | null>(null)
  const failure = ref<string | null>(null)
  const checking = ref(false)
  let round = 0
  let timer: ReturnType<typeof setTimeout> | null = null

  async function ask(spec: unknown, own: number) {
    try {
      const answer = await call('studies.check', { spec: spec as never })
      if (own === round) check.value = answer
    } catch (error) {
      if (own === round) failure.value = messageOf(error)
    }
    if (own === round) checking.value = false
  }
  watch(
    text,
    (now) => {
      const own = ++round
      if (timer) clearTimeout(timer)
      failure.value = null
      const read = now.trim() === '' ? null : readJson(now)
      const spec = read && 'value' in read ? read.value : null
      checking.value = spec !== null
      if (spec === null) check.value = null
      else timer = setTimeout(() => void ask(spec, own), pause)
    },
    { immediate: true }
  )
  onScopeDispose(() => {
    round++
    if (timer) clearTimeout(timer)
  })
  const problems = computed(() => check.value?.problems ?? [])
  return {
    check,
    failure,
    checking,
    problems,
    ready: computed(() => !checking.value && check.value !== null && check.value.problems.length === 0 && check.value.runs > 0),
    /** Problems at a path or below it, in one sentence; null where there is none. */
    problemAt(path: string): string | null {
      const found = problems.value.filter((one) => one.path === path || one.path.startsWith(`${path}.`)).map(({ message }) => message)
      return found.length === 0 ? null : found.join('; ')
    },
    /** The same with their paths from there. */
    problemsBelow: (path: string) =>
      problems.value
        .filter((one) => one.path === path || one.path.startsWith(`${path}.`))
        .map((one) => ({ path: one.path.slice(path.length + 1), message: one.message }))
  }
}
