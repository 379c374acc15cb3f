// The draft of the next study: JSON text that form and editor share, kept while other screens are looked at and over a reload.
import { computed, shallowRef, watch } from 'vue'
import { formatJson } from '../../app/json'
import { keptInSession } from '../../app/session'
import { readJson, removeAt, setAt, type JsonPath } from '../new-run/json-text'
import { isObject } from '../new-run/spec-edit'

interface Stored {
  readonly text: string
  /** What it was made from, in words and as the address that asked for it. */
  readonly source: string
  readonly origin: string
  readonly pristine: string
}

const empty: Stored = { text: '', source: '', origin: '', pristine: '' }

const kept = keptInSession('saddlescope.study-draft', empty)
const parsed = computed(() => (kept.value.text.trim() === '' ? null : readJson(kept.value.text)))
const fault = computed(() => (parsed.value && 'fault' in parsed.value ? parsed.value.fault : null))
/** The newest study that could be read, so that the form stands while the text is being typed. */
const readable = shallowRef<Record<string, unknown> | null>(null)
watch(
  parsed,
  (now) => {
    if (now === null) readable.value = null
    else if ('value' in now && isObject(now.value)) readable.value = now.value
  },
  // Two edits of one moment build on each other.
  { immediate: true, flush: 'sync' }
)

export function useStudyDraft() {
  const change = (text: string) => (kept.value = { ...kept.value, text })
  return {
    text: computed({ get: () => kept.value.text, set: change }),
    source: computed(() => kept.value.source),
    origin: computed(() => kept.value.origin),
    edited: computed(() => kept.value.text.trim() !== '' && kept.value.text !== kept.value.pristine),
    fault,
    study: readable,
    /** Undefined takes the key out, so that its default counts. */
    set(path: JsonPath, value: unknown) {
      if (fault.value) return
      change(value === undefined ? removeAt(kept.value.text, path) : setAt(kept.value.text, path, value))
    },
    /** Puts another draft in its place and returns how to get the former back. */
    replace(study: object, source: string, origin: string): () => void {
      const before = kept.value
      const text = formatJson(study)
      kept.value = { text, source, origin, pristine: text }
      return () => void (kept.value = before)
    },
    discard(): () => void {
      const before = kept.value
      kept.value = empty
      return () => void (kept.value = before)
    }
  }
}
