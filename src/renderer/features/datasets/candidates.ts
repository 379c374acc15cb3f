// Data sets that wait to be installed, each looked at as soon as it is there; they wait while other screens are open too.
import { ref, shallowRef, watch, type Ref } from 'vue'
import type { DatasetInspection } from '../../../shared/datasets/inspection'
import type { JobInfo } from '../../../shared/api/contract'
import { call } from '../../app/data'
import { onJobEnd } from '../../app/jobs'
import { lookAt, type Look } from '../../app/look'
import { stagedSets } from '../../app/open'
import type { StagedSet } from '../../app/stage'
import { csvOptions, emptyCsvForm, type CsvForm } from './csv-form'

export interface Candidate {
  readonly set: StagedSet
  readonly look: Look
  /** How a table is to be read. */
  readonly form: Ref<CsvForm>
  /** Empty: what the data set itself says. */
  readonly id: Ref<string>
  /** The form as it was when it was last looked at. */
  readonly looked: Ref<string>
  /** The job that installs it; null while none does. */
  readonly installing: Ref<string | null>
}

const optionsText = (options: object) => JSON.stringify(options)

export const candidates = shallowRef<readonly Candidate[]>([])

/** A name is typed letter by letter: the last change counts. */
const settle = 400

function candidateOf(set: StagedSet): Candidate {
  const candidate: Candidate = {
    set,
    look: lookAt(set, 'datasets.inspect'),
    form: ref(emptyCsvForm()),
    id: ref(''),
    looked: ref(optionsText({})),
    installing: ref(null)
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(candidate.form, () => {
    clearTimeout(timer)
    timer = setTimeout(() => lookAgain(candidate), settle)
  })
  return candidate
}

/** How the last installations ended. */
export const ended = shallowRef<readonly JobInfo[]>([])

watch(
  stagedSets,
  (sets) => {
    const known = candidates.value
    for (const old of known) if (!sets.includes(old.set) && old.installing.value === null) void old.look.discard()
    candidates.value = sets.map((set) => known.find((one) => one.set === set) ?? candidateOf(set))
  },
  { immediate: true }
)

export const foundIn = ({ look }: Candidate): DatasetInspection | null => {
  const state = look.state.value
  return state.at === 'seen' && state.found.of === 'dataset' ? state.found.dataset : null
}
export const isTable = ({ set }: Candidate) => set.kind === 'table'
const optionsOf = (candidate: Candidate) => (isTable(candidate) ? csvOptions(candidate.form.value) : {})
/** What is shown was read the way the form says now. */
export const isFresh = (candidate: Candidate) => candidate.looked.value === optionsText(optionsOf(candidate))

/** Reads it again, as the form says now; nothing happens when it was. */
function lookAgain(candidate: Candidate) {
  if (isFresh(candidate)) return
  const options = optionsOf(candidate)
  candidate.looked.value = optionsText(options)
  void candidate.look.again(options)
}

export const forget = (set: StagedSet) => (stagedSets.value = stagedSets.value.filter((one) => one !== set))

/** Installs what was seen. Throws one sentence. */
export async function install(candidate: Candidate, id: string): Promise<string> {
  const found = foundIn(candidate)
  const path = candidate.look.path()
  if (!found || path === null) throw new Error(`${candidate.set.names[0]}: has not been read yet`)
  const { job } = await call('datasets.import', { path, id, fingerprint: found.fingerprint, ...optionsOf(candidate) })
  candidate.installing.value = job
  return job
}

// Also while the card is closed: what is installed waits no more, and its file is gone from the workbench's machine whatever came of it.
onJobEnd((job) => {
  const mine = candidates.value.find(({ installing }) => installing.value === job.id)
  if (!mine) return
  mine.installing.value = null
  ended.value = [...ended.value, job]
  forget(mine.set)
})
