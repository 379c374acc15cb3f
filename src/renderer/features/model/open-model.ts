// The network that is open: sent once, looked at, and kept while other screens are open, until it is imported or put away.
import { computed, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import type { JobInfo } from '../../../shared/api/contract'
import { messageOf } from '../../../shared/format/message-of'
import type { ModelInspection } from '../../../shared/models/inspection'
import { sayError } from '../../app/actions'
import { call } from '../../app/data'
import { onJobEnd } from '../../app/jobs'
import { stagedModelData, stagedModels } from '../../app/open'
import type { StagedSet } from '../../app/stage'
import { Cancelled } from '../../app/uploads'
import { setAt } from '../new-run/json-text'
import { parseSpecs, type ParsedSpecs } from '../new-run/spec-text'
import { firstText, importOf } from './answers'

type ModelState =
  | { readonly at: 'sending' }
  | { readonly at: 'looking' }
  | { readonly at: 'seen'; readonly found: ModelInspection }
  | { readonly at: 'refused'; readonly why: string }

export interface OpenModel {
  readonly set: StagedSet
  readonly state: ShallowRef<ModelState>
  /** On the workbench's machine; null while it is on its way. */
  readonly path: Ref<string | null>
  /** The spec as it is edited. */
  readonly text: Ref<string>
  /** null: it is asked and has not been said. */
  readonly order: Ref<readonly string[] | null>
  readonly expect: Ref<string>
  readonly name: Ref<string>
  /** Whether curvature is computed at once. */
  readonly compute: Ref<boolean>
  /** The job that imports it; null while none does. */
  readonly job: Ref<string | null>
  /** Why it was not imported; null where nothing was wrong. */
  readonly fault: Ref<string | null>
}

/** Above it the full Hessian takes more than a moment, and is asked for on the run's own tab. */
const quickParameters = 2500

export const openModel = shallowRef<OpenModel | null>(null)

async function look(model: OpenModel, order: readonly string[] | null) {
  try {
    const path = (model.path.value ??= await model.set.place())
    if (openModel.value !== model) return void call('files.discard', { path }).catch(() => undefined)
    if (model.state.value.at === 'sending') model.state.value = { at: 'looking' }
    const found = await call('models.inspect', { path, ...(order ? { order: [...order] } : {}) })
    const before = model.state.value
    model.state.value = { at: 'seen', found: before.at === 'seen' ? { ...found, asked: before.found.asked } : found }
    if (before.at === 'seen') return setAnswer(model, ['model', 'layers'], found.widths)
    model.text.value = firstText(found)
    model.order.value = found.asked.includes('order') ? null : found.layers.map(({ weight }) => weight)
    model.name.value = found.name.replace(/\.[^.]*$/, '')
    model.compute.value = found.parameters <= quickParameters
    takeData()
  } catch (error) {
    model.state.value = { at: 'refused', why: error instanceof Cancelled ? 'It was not sent.' : messageOf(error) }
  }
}

function begin(set: StagedSet): OpenModel {
  const model: OpenModel = {
    set,
    state: shallowRef<ModelState>({ at: 'sending' }),
    path: ref(null),
    text: ref(''),
    order: shallowRef(null),
    expect: ref(''),
    name: ref(''),
    compute: ref(true),
    job: ref(null),
    fault: ref(null)
  }
  return model
}

watch(
  stagedModels,
  ([first, ...more]) => {
    const before = openModel.value
    if (before?.set === first) {
      // What was refused gives way to what is opened next.
      if (before?.state.value.at === 'refused' && more.length > 0) putAway(before)
      return
    }
    openModel.value = first ? begin(first) : null
    if (openModel.value) void look(openModel.value, null)
  },
  { immediate: true }
)

export function openPath(path: string) {
  const name = path.split(/[/\\]/).at(-1) ?? path
  stagedModels.value = [...stagedModels.value, { kind: 'network', names: [name], bytes: null, place: async () => path }]
}

/** Lets go of it, and of what was sent; the next one that waits comes. */
export function putAway(model: OpenModel) {
  if (model.path.value !== null) void call('files.discard', { path: model.path.value }).catch(() => undefined)
  stagedModels.value = stagedModels.value.filter((one) => one !== model.set)
}

/** Puts the layers in another order that fits. */
export function reorder(model: OpenModel, order: readonly string[]) {
  model.order.value = order
  void look(model, order)
}

export function setAnswer(model: OpenModel, path: readonly string[], value: unknown) {
  model.text.value = setAt(model.text.value, path, value)
}

/** Samples that were opened for it: sent, and named in its spec. */
function takeData() {
  const [model, data] = [openModel.value, stagedModelData.value]
  if (!model || !data || model.state.value.at !== 'seen') return
  stagedModelData.value = null
  data.place().then(
    (path) => setAnswer(model, ['data', 'dataset'], { path }),
    (error: unknown) => {
      if (!(error instanceof Cancelled)) sayError(error)
    }
  )
}
watch(stagedModelData, takeData, { immediate: true })

/** The spec of the open network, as it was last readable. */
export const openSpecs = computed<ParsedSpecs>(() => parseSpecs(openModel.value?.text.value ?? ''))

/** Imports it in a job. */
export async function importModel(model: OpenModel) {
  if (model.state.value.at !== 'seen') return
  model.fault.value = null
  try {
    const [spec] = parseSpecs(model.text.value).specs
    const wish = importOf(model.state.value.found, spec, { order: model.order.value, expect: model.expect.value, name: model.name.value })
    if (wish === null) return
    model.job.value = (await call('models.import', wish)).job
  } catch (error) {
    model.fault.value = messageOf(error)
  }
}

async function arrive(model: OpenModel, run: string) {
  const isHere = location.hash.split('?')[0] === '#/model'
  if (model.compute.value) await call('snapshots.compute', { run, step: 0, scope: 'full', eigenvectors: 16, hessian: true }).catch(sayError)
  if (isHere) location.hash = `#/run/${run}/spectrum?step=0`
}

onJobEnd((job: JobInfo) => {
  const model = openModel.value
  if (!model || model.job.value !== job.id) return
  model.job.value = null
  if (job.state === 'failed') model.fault.value = job.message
  if (job.state !== 'done' || !job.made) return
  void arrive(model, job.made.id)
  stagedModels.value = stagedModels.value.filter((one) => one !== model.set)
})
