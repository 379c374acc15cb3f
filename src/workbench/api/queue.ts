// queue.*: what runs, what waits and in which order, and when each is expected to start.
import { precheckSpec } from '../../engine-process/precheck'
import { estimate, type SpecEstimate } from '../../shared/run/estimate'
import { secondsLeft } from '../../shared/run/time-left'
import type { RunSummary } from '../../shared/run/summary'
import type { BudgetSpec } from '../../shared/spec/schema'
import { readSpec } from '../../store'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'
import { startTimes } from '../runs/queue'

type Names = 'queue.list' | 'queue.move' | 'queue.hold' | 'queue.release' | 'queue.start'

export function queueHandlers({ workspace, runs, machine }: WorkbenchContext): HandlersOf<Names> {
  const { queue } = runs
  const inQueue = (id: string) => {
    if (!queue.places().some((place) => place.id === id)) throw new Failure('not-found', `run "${id}" is not in the queue`)
  }

  /** What a run in the queue is expected to take does not change while it is there. */
  const expected = new Map<string, Pick<SpecEstimate, 'steps' | 'secondsPerStep'> & { budget: BudgetSpec }>()

  async function expectationOf(id: string) {
    const known = expected.get(id)
    if (known) return known
    const spec = await readSpec(workspace, id)
    const { facts } = await precheckSpec(workspace, spec)
    const { gflops } = await machine.facts()
    const { steps, secondsPerStep } = estimate(spec, { ...facts, gflops })
    const found = { steps, secondsPerStep, budget: spec.budget }
    expected.set(id, found)
    return found
  }

  async function left(summary: RunSummary | null): Promise<number | null> {
    if (!summary) return null
    try {
      const { budget, ...pace } = await expectationOf(summary.id)
      return secondsLeft(summary, budget, pace)
    } catch {
      return null
    }
  }

  return {
    async 'queue.list'() {
      const present = new Set([...queue.running(), ...queue.places().map(({ id }) => id)])
      for (const id of expected.keys()) if (!present.has(id)) expected.delete(id)
      const running = []
      for (const id of queue.running()) running.push({ id, secondsLeft: await left(runs.summary(id)) })
      const waiting = []
      for (const { id, held } of queue.places()) waiting.push({ id, held, seconds: await left(runs.summary(id)) })
      const inLine = waiting.filter(({ held }) => !held)
      const starts = startTimes(
        running.map((run) => run.secondsLeft),
        inLine.map(({ seconds }) => seconds),
        Math.max(1, queue.most())
      )
      return {
        most: queue.most(),
        running,
        waiting: waiting.map((run) => ({ ...run, startsIn: run.held ? null : starts[inLine.indexOf(run)] }))
      }
    },
    async 'queue.move'({ id, before }) {
      inQueue(id)
      if (before !== null) inQueue(before)
      await queue.move(id, before)
      return {}
    },
    async 'queue.hold'({ ids }) {
      for (const id of ids) {
        inQueue(id)
        await queue.hold(id)
      }
      return {}
    },
    async 'queue.release'({ ids }) {
      for (const id of ids) {
        inQueue(id)
        await runs.start(id)
      }
      return {}
    },
    async 'queue.start'({ id }) {
      inQueue(id)
      await runs.start(id)
      if (queue.places().some((place) => place.id === id)) await queue.startNow(id)
      return {}
    }
  }
}
