// One change to many runs: a few at a time, told in one notice that can undo it.
import type { MethodInput } from '../../shared/api/contract'
import type { RunSummary } from '../../shared/run/summary'
import { notify } from '../ui/toasts'
import { call, invalidate } from './data'
import { formatCount } from './format'
import { messageOf } from '../../shared/format/message-of'

export type RunChange = Omit<MethodInput<'runs.update'>, 'id'>

const atOnce = 4

/** Runs `work` over all, a few at once; what failed comes back with the first message. */
async function overAll<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>
): Promise<{ done: Item[]; fault: string | null }> {
  const done: Item[] = []
  let fault: string | null = null
  let next = 0
  async function worker() {
    while (next < items.length) {
      const item = items[next++]
      try {
        await work(item)
        done.push(item)
      } catch (error) {
        fault ??= messageOf(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return { done, fault }
}

/** The same fields as they are now. */
function former(run: RunSummary, change: RunChange): RunChange {
  return {
    ...(change.name === undefined ? {} : { name: run.name }),
    ...(change.tags === undefined ? {} : { tags: [...run.tags] }),
    ...(change.notes === undefined ? {} : { notes: run.notes }),
    ...(change.pinned === undefined ? {} : { pinned: run.pinned }),
    ...(change.group === undefined ? {} : { group: run.group }),
    ...(change.colour === undefined ? {} : { colour: run.colour })
  }
}

export const countOfRuns = (count: number) => (count === 1 ? '1 run' : `${formatCount(count)} runs`)

/** `changeOf`: null leaves a run as it is. `did` says what was done, as "Tagged". */
export async function changeRuns(runs: readonly RunSummary[], changeOf: (run: RunSummary) => RunChange | null, did: string) {
  const planned = runs.flatMap((run) => {
    const change = changeOf(run)
    return change ? [{ run, change }] : []
  })
  if (planned.length === 0) return notify('Nothing to change: the runs are so already.')
  const update = ({ run, change }: { run: RunSummary; change: RunChange }) => call('runs.update', { id: run.id, ...change })
  const ids = new Set(planned.map(({ run }) => run.id))
  const refresh = () => invalidate((method, input) => method === 'runs.get' && ids.has(String(input.id)))
  const { done, fault } = await overAll(planned, update)
  refresh()
  if (done.length > 0)
    notify(`${did} ${countOfRuns(done.length)}.`, {
      action: {
        label: 'Undo',
        run: () =>
          void overAll(
            done.map(({ run, change }) => ({ run, change: former(run, change) })),
            update
          ).then((undone) => {
            refresh()
            if (undone.fault !== null) notify(`Not all of it could be undone: ${undone.fault}`, { tone: 'bad' })
          })
      }
    })
  if (fault !== null) notify(`${countOfRuns(planned.length - done.length)} could not be changed: ${fault}`, { tone: 'bad' })
}
