// The draft of the next run: kept while other screens are looked at and over a reload, until it is started or discarded.
import { computed, ref, shallowRef, watch } from 'vue'
import { keptInSession } from '../../app/session'
import { parseSpecs, type ParsedSpecs } from './spec-text'

interface Stored {
  readonly text: string
  readonly group: string | null
  /** What it was made from, in words and as the address that asked for it. */
  readonly source: string
  readonly origin: string
  /** The text as it was made. */
  readonly pristine: string
}

const empty: Stored = { text: '', group: null, source: '', origin: '', pristine: '' }

const kept = keptInSession('saddlescope.draft', empty)

/** Several runs: the place of the one that the form edits, or all of them. */
const chosen = ref<number | 'all'>('all')
/** The newest specs that could be read, so that the form stands while the text is being typed. */
const readable = shallowRef<ParsedSpecs>(parseSpecs(kept.value.text))
const parsed = computed(() => parseSpecs(kept.value.text))
watch(parsed, (now) => {
  if (now.fault) return
  readable.value = now
  if (chosen.value !== 'all' && chosen.value >= now.specs.length) chosen.value = 'all'
})

export type Draft = ReturnType<typeof useDraft>

export function useDraft() {
  const change = (part: Partial<Stored>) => (kept.value = { ...kept.value, ...part })
  return {
    text: computed({ get: () => kept.value.text, set: (text: string) => change({ text }) }),
    group: computed({ get: () => kept.value.group, set: (group: string | null) => change({ group }) }),
    source: computed(() => kept.value.source),
    origin: computed(() => kept.value.origin),
    edited: computed(() => kept.value.text.trim() !== '' && kept.value.text !== kept.value.pristine),
    parsed,
    readable,
    chosen,
    /** Puts another draft in its place and returns how to get the former back. */
    replace(next: { text: string; group: string | null; source: string; origin: string }): () => void {
      const before = kept.value
      kept.value = { ...next, pristine: next.text }
      chosen.value = 'all'
      return () => void (kept.value = before)
    },
    discard(): () => void {
      return this.replace(empty)
    }
  }
}
