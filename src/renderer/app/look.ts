// Files that wait to be imported: each is sent once, looked at by a job, and kept on the workbench's machine until it is imported or put away.
import { shallowRef, type ShallowRef } from 'vue'
import type { Inspected, MethodInput } from '../../shared/api/contract'
import { call } from './data'
import { onJobEnd, useJobs } from './jobs'
import type { StagedSet } from './stage'
import { Cancelled } from './uploads'
import { messageOf } from '../../shared/format/message-of'

export type LookState =
  | { readonly at: 'sending' }
  | { readonly at: 'looking'; readonly job: string }
  | { readonly at: 'seen'; readonly found: Inspected }
  | { readonly at: 'refused'; readonly why: string }

export interface Look {
  readonly state: ShallowRef<LookState>
  /** Where it is on the workbench's machine; null while it is on its way. */
  path(): string | null
  /** Looks again, the way it is said now. */
  again(options?: Omit<MethodInput<'datasets.inspect'>, 'path'>): Promise<void>
  /** Ends what is under way and lets go of what was sent. */
  discard(): Promise<void>
}

/** Begins at once. `method`: what looks at it. */
export function lookAt(staged: Pick<StagedSet, 'place'>, method: 'arrays.inspect' | 'datasets.inspect', first: object = {}): Look {
  const state = shallowRef<LookState>({ at: 'sending' })
  let place: string | null = null
  let gone = false
  let job: string | null = null
  const stopListening = onJobEnd((ended) => {
    if (ended.id !== job) return
    job = null
    if (ended.inspected) state.value = { at: 'seen', found: ended.inspected }
    else if (ended.state !== 'cancelled') state.value = { at: 'refused', why: ended.message }
  })

  async function again(options: object = {}) {
    const before = job
    job = null
    // What was seen before is not what is asked for now.
    state.value = place === null ? { at: 'sending' } : { at: 'looking', job: '' }
    try {
      if (before !== null) await call('jobs.cancel', { id: before })
      place ??= await staged.place()
      if (gone) return void call('files.discard', { path: place })
      const started = await call(method, { path: place, ...options })
      job = started.job
      state.value = { at: 'looking', job: started.job }
    } catch (error) {
      if (!gone)
        state.value = {
          at: 'refused',
          why: error instanceof Cancelled ? 'It was not sent.' : messageOf(error)
        }
    }
  }
  void again(first)
  return {
    state,
    path: () => place,
    again,
    async discard() {
      gone = true
      stopListening()
      if (job !== null) await call('jobs.cancel', { id: job }).catch(() => undefined)
      if (place !== null) await call('files.discard', { path: place }).catch(() => undefined)
    }
  }
}

/** How far the looking of a state is; null where there is none or it is not told. */
export function useLookProgress() {
  const jobs = useJobs()
  return (state: LookState) => (state.at === 'looking' ? (jobs.value.find(({ id }) => id === state.job)?.fraction ?? null) : null)
}
