// The cache: one request for one question, fresh answers after an event, never faster than its pace.
import { effectScope, nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createQueries } from '../../../src/renderer/app/queries'

type Call = Parameters<typeof createQueries>[0]

function fixture() {
  const asked: { method: string; input: unknown; answer: (data: unknown) => void; fail: (error: Error) => void; signal?: AbortSignal }[] =
    []
  const call = ((method: string, input: unknown, options?: { signal?: AbortSignal }) =>
    new Promise((answer, fail) => asked.push({ method, input, answer, fail, signal: options?.signal }))) as unknown as Call
  return { asked, queries: createQueries(call, { now: () => Date.now() }) }
}
const settle = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('queries', () => {
  it('two users of one question share one request and its answer', async () => {
    const { asked, queries } = fixture()
    const scope = effectScope()
    const [one, two] =
      scope.run(() => [queries.useQuery('runs.get', () => ({ id: 'a' })), queries.useQuery('runs.get', () => ({ id: 'a' }))]) ?? []
    expect(asked).toHaveLength(1)
    expect(one?.pending.value).toBe(true)
    asked[0].answer({ summary: 1 })
    await settle()
    expect(one?.data.value).toEqual({ summary: 1 })
    expect(two?.data.value).toBe(one?.data.value)
    expect(two?.pending.value).toBe(false)
    scope.stop()
  })

  it('many events ask again at most every 400 ms, and not while a request is under way', async () => {
    const { asked, queries } = fixture()
    const scope = effectScope()
    scope.run(() => queries.useQuery('runs.get', () => ({ id: 'a' })))
    for (let i = 0; i < 50; i++) queries.invalidate(() => true)
    expect(asked).toHaveLength(1)
    asked[0].answer(1)
    await settle()
    expect(asked).toHaveLength(1)
    for (let elapsed = 0; elapsed < 2000; elapsed += 10) {
      queries.invalidate((method, input) => method === 'runs.get' && input.id === 'a')
      await vi.advanceTimersByTimeAsync(10)
      asked.at(-1)?.answer(elapsed)
    }
    // 2 s at a pace of 400 ms: five or six, not two hundred.
    expect(asked.length - 1).toBeGreaterThanOrEqual(4)
    expect(asked.length - 1).toBeLessThanOrEqual(6)
    queries.invalidate((method) => method === 'runs.log')
    scope.stop()
  })

  it('follows its input; an answer to a former question does not show under the new one', async () => {
    const { asked, queries } = fixture()
    const id = ref<string | null>('a')
    const scope = effectScope()
    const query = scope.run(() => queries.useQuery('runs.get', () => (id.value === null ? null : { id: id.value })))
    id.value = 'b'
    await nextTick()
    expect(asked.map((one) => (one.input as { id: string }).id)).toEqual(['a', 'b'])
    expect(asked[0].signal?.aborted).toBe(true)
    asked[0].answer('late')
    asked[1].answer('right')
    await settle()
    expect(query?.data.value).toBe('right')
    id.value = null
    await nextTick()
    expect(query?.data.value).toBeUndefined()
    scope.stop()
  })

  it('keeps the former answer on the screen when asked to', async () => {
    const { asked, queries } = fixture()
    const step = ref(1)
    const scope = effectScope()
    const query = scope.run(() => queries.useQuery('snapshots.manifest', () => ({ run: 'a', step: step.value }), { keep: true }))
    asked[0].answer('first')
    await settle()
    step.value = 2
    await nextTick()
    expect(query?.data.value).toBe('first')
    expect(query?.pending.value).toBe(true)
    asked[1].fail(new Error('gone'))
    await settle()
    expect(query?.error.value?.message).toBe('gone')
    expect(query?.data.value).toBeUndefined()
    scope.stop()
  })

  it('serves a stored answer at once, asks for a stale one when it is used again, and keeps a bounded number', async () => {
    const { asked, queries } = fixture()
    for (let i = 0; i < 100; i++) {
      const scope = effectScope()
      scope.run(() => queries.useQuery('runs.get', () => ({ id: `r${i}` })))
      asked[i].answer(i)
      await settle()
      scope.stop()
    }
    expect(queries.size()).toBeLessThanOrEqual(61)
    const scope = effectScope()
    const kept = scope.run(() => queries.useQuery('runs.get', () => ({ id: 'r99' })))
    expect(kept?.data.value).toBe(99)
    expect(asked).toHaveLength(100)
    scope.stop()
    queries.invalidate(() => true)
    expect(asked).toHaveLength(100)
    const again = effectScope()
    const stale = again.run(() => queries.useQuery('runs.get', () => ({ id: 'r99' })))
    expect(stale?.data.value).toBe(99)
    expect(asked).toHaveLength(101)
    again.stop()
  })

  it('follows several inputs in their order', async () => {
    const { asked, queries } = fixture()
    const ids = ref(['a', 'b'])
    const scope = effectScope()
    const many = scope.run(() => queries.useQueries('runs.get', () => ids.value.map((id) => ({ id }))))
    asked[1].answer('B')
    await settle()
    expect(many?.data.value).toEqual([undefined, 'B'])
    ids.value = ['b', 'a']
    await nextTick()
    expect(many?.data.value).toEqual(['B', undefined])
    expect(asked).toHaveLength(2)
    scope.stop()
  })

  it('an answer that was lost with the connection is asked for again and is no error; any other failure is one', async () => {
    const asked: { answer: (data: unknown) => void; fail: (error: Error) => void }[] = []
    const call = (() => new Promise((answer, fail) => asked.push({ answer, fail }))) as unknown as Call
    const queries = createQueries(call, { isLoss: (error) => error instanceof Error && error.message === 'lost' })
    const scope = effectScope()
    const query = scope.run(() => queries.useQuery('runs.get', () => ({ id: 'a' })))
    expect(queries.incomplete.value).toBe(true)
    asked[0].fail(new Error('lost'))
    await settle()
    expect([asked.length, query?.error.value, query?.pending.value, queries.incomplete.value]).toEqual([2, null, true, true])
    asked[1].answer({ summary: 1 })
    await settle()
    expect([query?.data.value, queries.incomplete.value]).toEqual([{ summary: 1 }, false])
    const other = scope.run(() => queries.useQuery('runs.log', () => ({ id: 'a' })))
    expect(queries.incomplete.value).toBe(true)
    asked[2].fail(new Error('there is no run'))
    await settle()
    expect([asked.length, other?.error.value?.message, queries.incomplete.value]).toEqual([3, 'there is no run', false])
    scope.stop()
    expect(queries.incomplete.value).toBe(false)
  })
})
