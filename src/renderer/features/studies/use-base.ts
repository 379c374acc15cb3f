// Where a study comes from: an address that names a run, a preset or another study; and the whole spec that its base stands for.
import { computed, watch, type Ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { PresetInfo } from '../../../shared/spec/preset-list'
import { sayError } from '../../app/actions'
import { call, useQuery } from '../../app/data'
import { notify } from '../../ui/toasts'
import { isObject, withoutDefaults } from '../new-run/spec-edit'
import { fieldsFor } from '../new-run/spec-text'
import type { useStudyDraft } from './draft'
import { defaultSelect } from './selection'

const starter = (name: string, base: unknown, spec: unknown) => ({
  schemaVersion: 1,
  name: name.slice(0, 100),
  base,
  axes: [],
  seeds: 3,
  select: defaultSelect(spec),
  parallel: 1
})
const brief = (spec: unknown) => withoutDefaults(fieldsFor(spec), spec)

export function useBase(draft: ReturnType<typeof useStudyDraft>, study: Ref<Record<string, unknown> | null>) {
  const route = useRoute()
  const router = useRouter()
  const { data } = useQuery('presets.list', () => ({}))
  /** A study repeats one spec. */
  const presets = computed(() => (data.value ?? []).filter(({ specs }) => specs.length === 1))
  const spec = computed<unknown>(() => {
    const base = study.value?.base
    return typeof base === 'string' ? presets.value.find(({ name }) => name === base)?.specs[0] : base
  })
  const baseText = computed(() => {
    const base = study.value?.base
    if (typeof base === 'string') return `the preset “${presets.value.find(({ name }) => name === base)?.title ?? base}”`
    return isObject(base) ? `the spec “${String(base.name ?? '')}” in the JSON` : 'nothing yet'
  })

  function put(made: object, source: string, origin: string) {
    const wasEdited = draft.edited.value
    const undo = draft.replace(made, source, origin)
    if (wasEdited) notify(`Loaded ${source} in place of the study you had edited.`, { action: { label: 'Undo', run: undo } })
  }
  const usePreset = (preset: PresetInfo) =>
    put(starter(`Study of ${preset.title}`, preset.name, preset.specs[0]), `the preset “${preset.title}”`, `preset=${preset.name}`)

  async function load() {
    const { from, preset, study: other } = route.query
    const wanted = Object.entries({ from, preset, study: other }).find(([, value]) => typeof value === 'string' && value !== '') as
      | [string, string]
      | undefined
    if (route.name !== 'new-study' || !wanted) return
    const [kind, value] = wanted
    const origin = `${kind}=${value}`
    // Coming back to where the draft is from leaves it as it was edited.
    if (origin === draft.origin.value && draft.text.value.trim() !== '') return
    try {
      if (kind === 'from') {
        const { spec: own, summary } = await call('runs.get', { id: value })
        put(starter(`Study of ${summary.name}`, brief(own), own), `the run “${summary.name}”`, origin)
      } else if (kind === 'study') {
        const { spec: own } = await call('studies.get', { id: value })
        const { optimizers, target, analyse, ...rest } = own
        const made = {
          ...rest,
          name: `${own.name} (copy)`.slice(0, 100),
          base: brief(own.base),
          ...(optimizers === null ? {} : { optimizers }),
          ...(analyse.length === 0 ? {} : { analyse }),
          ...(target === null ? {} : { target })
        }
        put(made, `the study “${own.name}”`, origin)
      } else {
        const found = (await call('presets.list', {})).find(({ name }) => name === value)
        if (found?.specs.length === 1) usePreset(found)
        else
          sayError(
            new Error(
              found ? `The preset ${value} has ${found.specs.length} specs; a study repeats one.` : `There is no preset named ${value}.`
            )
          )
      }
    } catch (error) {
      sayError(error)
    }
  }
  watch(() => route.fullPath, load, { immediate: true })

  return {
    presets,
    spec,
    baseText,
    pick(preset: PresetInfo) {
      usePreset(preset)
      void router.replace({ query: { preset: preset.name } })
    },
    discard() {
      const undo = draft.discard()
      void router.replace({ query: {} })
      notify('Discarded the study.', { action: { label: 'Undo', run: undo } })
    }
  }
}
