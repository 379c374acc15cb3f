// The page's one cache of server data: an entry a request, held in a shallowRef, refreshed when an event says that it is stale.
import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { MethodInput, MethodName, MethodOutput } from '../../shared/api/contract'

type Call = <Name extends MethodName>(
  method: Name,
  input: MethodInput<Name>,
  options?: { signal?: AbortSignal }
) => Promise<MethodOutput<Name>>

interface Entry {
  readonly key: string
  readonly method: MethodName
  readonly input: unknown
  readonly data: ShallowRef<unknown>
  readonly error: ShallowRef<Error | null>
  readonly pending: ShallowRef<boolean>
  users: number
  stale: boolean
  abort: AbortController | null
  /** When the running or last request began, for pacing. */
  began: number
  timer: ReturnType<typeof setTimeout> | null
  again: boolean
}

export interface Query<Output> {
  /** The newest answer; while another input loads, the former one when `keep` is set. */
  readonly data: ComputedRef<Output | undefined>
  readonly error: ComputedRef<Error | null>
  readonly pending: ComputedRef<boolean>
  refetch(): void
}

export interface QueryOptions {
  /** Show the former answer until the new one is there. */
  readonly keep?: boolean
}

export interface QueriesOptions {
  readonly now?: () => number
  /** Whether an answer failed because the connection broke: it is asked for again, which waits for the connection. */
  readonly isLoss?: (error: unknown) => boolean
}

/** Entries that nobody looks at are kept up to this many, the most recently used first. */
const mostUnused = 60
/** An entry is asked for again at most so often, however many events arrive. */
const pace = 400

export function createQueries(call: Call, { now = () => performance.now(), isLoss = () => false }: QueriesOptions = {}) {
  const entries = new Map<string, Entry>()
  /** Changes with what is on screen, for `incomplete`. */
  const held = shallowRef(0)
  const keyOf = (method: string, input: unknown) => `${method} ${JSON.stringify(input)}`

  function entryOf(method: MethodName, input: unknown): Entry {
    const key = keyOf(method, input)
    let entry = entries.get(key)
    if (!entry) {
      entry = {
        key,
        method,
        input,
        data: shallowRef(undefined),
        error: shallowRef(null),
        pending: shallowRef(false),
        users: 0,
        stale: true,
        abort: null,
        began: -Infinity,
        timer: null,
        again: false
      }
    }
    // Re-inserting keeps the map in order of last use.
    entries.delete(key)
    entries.set(key, entry)
    return entry
  }

  async function request(entry: Entry) {
    entry.abort = new AbortController()
    entry.began = now()
    entry.stale = false
    entry.again = false
    entry.pending.value = true
    const { abort } = entry
    try {
      const data = await call(entry.method, entry.input as never, { signal: abort.signal })
      if (entry.abort !== abort) return
      entry.data.value = data
      entry.error.value = null
    } catch (error) {
      if (entry.abort !== abort) return
      if (isLoss(error)) return void request(entry)
      entry.error.value = error instanceof Error ? error : new Error(String(error))
    }
    entry.abort = null
    entry.pending.value = false
    if (entry.again) refresh(entry)
  }

  /** Asks again, now or as soon as the pace allows; while a request is under way, once more after it. */
  function refresh(entry: Entry) {
    entry.stale = true
    if (entry.users === 0 || entry.timer) return
    if (entry.abort) {
      entry.again = true
      return
    }
    const wait = entry.began + pace - now()
    if (wait <= 0) void request(entry)
    else
      entry.timer = setTimeout(() => {
        entry.timer = null
        if (entry.users > 0 && !entry.abort) void request(entry)
      }, wait)
  }

  function release(entry: Entry) {
    entry.users--
    held.value++
    if (entry.users > 0) return
    if (entry.timer) clearTimeout(entry.timer)
    entry.timer = null
    if (entry.abort) {
      const { abort } = entry
      entry.abort = null
      entry.pending.value = false
      entry.stale = true
      abort.abort()
    }
    const unused = [...entries.values()].filter((other) => other.users === 0)
    for (const old of unused.slice(0, Math.max(0, unused.length - mostUnused))) entries.delete(old.key)
  }

  function hold(method: MethodName, input: unknown): Entry {
    const entry = entryOf(method, input)
    entry.users++
    held.value++
    if (entry.stale && !entry.abort && !entry.timer) void request(entry)
    return entry
  }

  /** Follows `input()` as it changes; null asks for nothing. Ends with the component. */
  function useQuery<Name extends MethodName>(
    method: Name,
    input: () => MethodInput<Name> | null,
    options: QueryOptions = {}
  ): Query<MethodOutput<Name>> {
    const current = shallowRef<Entry | null>(null)
    const former = shallowRef<unknown>(undefined)
    watch(
      () => {
        const value = input()
        return value === null ? null : JSON.stringify(value)
      },
      (text) => {
        const before = current.value
        if (options.keep && before?.data.value !== undefined) former.value = before.data.value
        current.value = text === null ? null : hold(method, JSON.parse(text))
        if (text === null) former.value = undefined
        if (before) release(before)
      },
      { immediate: true }
    )
    onScopeDispose(() => {
      if (current.value) release(current.value)
      current.value = null
    })
    return {
      data: computed(() => {
        const own = current.value?.data.value
        return (own === undefined && options.keep && current.value && !current.value.error.value ? former.value : own) as
          | MethodOutput<Name>
          | undefined
      }),
      error: computed(() => current.value?.error.value ?? null),
      pending: computed(() => current.value?.pending.value ?? false),
      refetch: () => current.value && refresh(current.value)
    }
  }

  /** Follows several inputs of one method; the answers in the order of the inputs, undefined where none is there yet. */
  function useQueries<Name extends MethodName>(
    method: Name,
    inputs: () => readonly MethodInput<Name>[]
  ): { data: ComputedRef<readonly (MethodOutput<Name> | undefined)[]>; errors: ComputedRef<readonly (Error | null)[]> } {
    const current = shallowRef<readonly Entry[]>([])
    watch(
      () => JSON.stringify(inputs()),
      (text) => {
        const before = current.value
        current.value = (JSON.parse(text) as unknown[]).map((input) => hold(method, input))
        for (const entry of before) release(entry)
      },
      { immediate: true }
    )
    onScopeDispose(() => {
      for (const entry of current.value) release(entry)
      current.value = []
    })
    return {
      data: computed(() => current.value.map((entry) => entry.data.value as MethodOutput<Name> | undefined)),
      errors: computed(() => current.value.map((entry) => entry.error.value))
    }
  }

  /** Marks every matching entry stale; those on screen are asked for again. */
  function invalidate(matches: (method: MethodName, input: Record<string, unknown>) => boolean) {
    for (const entry of entries.values()) if (matches(entry.method, entry.input as Record<string, unknown>)) refresh(entry)
  }

  /** Whether something that is asked for on screen has no answer yet, neither data nor an error. */
  const incomplete = computed(
    () =>
      held.value >= 0 &&
      [...entries.values()].some((entry) => entry.users > 0 && entry.data.value === undefined && entry.error.value === null)
  )

  /** One request through the cache, for code outside components: the stored answer when it is fresh. */
  async function fetchOnce<Name extends MethodName>(method: Name, input: MethodInput<Name>): Promise<MethodOutput<Name>> {
    const known = entries.get(keyOf(method, input))
    if (known && !known.stale && known.data.value !== undefined) return known.data.value as MethodOutput<Name>
    const data = await call(method, input)
    const entry = entryOf(method, input)
    entry.data.value = data
    entry.error.value = null
    entry.stale = false
    return data
  }

  return { useQuery, useQueries, invalidate, fetchOnce, incomplete, size: () => entries.size }
}
