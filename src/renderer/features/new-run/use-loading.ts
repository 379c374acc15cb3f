// Where a draft comes from: an address that names a preset, a run or a spec, or a preset that is picked; edits that it replaces can be had back.
import { nextTick, ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { PresetInfo } from '../../../shared/spec/preset-list'
import { sayError } from '../../app/actions'
import { call, fetchOnce } from '../../app/data'
import { notify } from '../../ui/toasts'
import type { Draft } from './draft'
import { blankSpecs, briefText, parseSpecs } from './spec-text'

export function useLoading(draft: Draft, onLoaded: () => void) {
  const route = useRoute()
  const router = useRouter()
  const failure = ref<string | null>(null)

  function put(next: Parameters<Draft['replace']>[0]) {
    failure.value = null
    const wasEdited = draft.edited.value
    const former = draft.origin.value
    const undo = draft.replace(next)
    if (wasEdited)
      notify(`Loaded ${next.source} in place of what you had edited.`, {
        action: {
          label: 'Undo',
          run() {
            undo()
            void router.replace({ query: queryOf(former) })
          }
        }
      })
    void nextTick(onLoaded)
  }
  const queryOf = (origin: string) => Object.fromEntries(new URLSearchParams(origin))
  const use = (preset: PresetInfo) =>
    put({
      text: briefText(preset.specs),
      group: preset.group,
      source: `the preset “${preset.title}”`,
      origin: new URLSearchParams({ preset: preset.name }).toString()
    })

  async function load() {
    const { preset, from, spec } = route.query
    const wanted = Object.entries({ preset, from, spec }).find(([, value]) => typeof value === 'string' && value !== '') as
      | [string, string]
      | undefined
    if (route.name !== 'new' || !wanted) return
    const origin = new URLSearchParams([wanted]).toString()
    // Coming back to where the draft is from leaves it as it was edited.
    if (origin === draft.origin.value && draft.text.value.trim() !== '') return
    const [kind, value] = wanted
    try {
      if (kind === 'spec') {
        const { specs, fault } = parseSpecs(value)
        put({ text: fault ? value : briefText(specs), group: null, source: 'a link', origin })
      } else if (kind === 'from') {
        const { spec: own, summary } = await call('runs.get', { id: value })
        put({ text: briefText([{ ...own, name: `${own.name} (copy)` }]), group: null, source: `the run “${summary.name}”`, origin })
      } else {
        const found = (await fetchOnce('presets.list', {})).find((one) => one.name === value)
        if (found) use(found)
        else failure.value = `There is no preset named ${value}.`
      }
    } catch (error) {
      sayError(error)
    }
  }
  watch(() => route.fullPath, load, { immediate: true })

  return {
    failure,
    pick(preset: PresetInfo) {
      use(preset)
      void router.replace({ query: { preset: preset.name } })
    },
    blank(kind: keyof typeof blankSpecs) {
      put({ text: briefText([blankSpecs[kind]]), group: null, source: 'scratch', origin: '' })
      void router.replace({ query: {} })
    },
    discard() {
      const former = draft.origin.value
      const undo = draft.discard()
      void router.replace({ query: {} })
      notify('Discarded the draft.', {
        action: {
          label: 'Undo',
          run() {
            undo()
            void router.replace({ query: queryOf(former) })
          }
        }
      })
    }
  }
}
