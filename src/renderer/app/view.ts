// Parts of the view that live in the address's query.
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** Changes of the same moment go into one address, so that none overwrites another. */
let pending: Record<string, string | undefined> | null = null

function useSetter() {
  const route = useRoute()
  const router = useRouter()
  return (name: string, value: string | undefined) => {
    if (pending) {
      pending[name] = value
      return
    }
    pending = { [name]: value }
    queueMicrotask(() => {
      const query = { ...route.query, ...pending }
      pending = null
      for (const key of Object.keys(query)) if (query[key] === undefined || query[key] === null) delete query[key]
      void router.replace({ query, params: route.params })
    })
  }
}

/** A text in the query; the default is left out of the address. */
export function useViewText(name: string, fallback: string): WritableComputedRef<string>
export function useViewText<Text extends string>(name: string, fallback: Text, allowed: readonly Text[]): WritableComputedRef<Text>
export function useViewText<Text extends string>(name: string, fallback: Text, allowed?: readonly Text[]): WritableComputedRef<Text> {
  const route = useRoute()
  const set = useSetter()
  return computed({
    get: () => {
      const value = route.query[name]
      return typeof value === 'string' && (!allowed || (allowed as readonly string[]).includes(value)) ? (value as Text) : fallback
    },
    set: (value) => set(name, value === fallback ? undefined : value)
  })
}

export function useViewSwitch(name: string, fallback: boolean): WritableComputedRef<boolean> {
  const text = useViewText(name, fallback ? '1' : '0', ['0', '1'])
  return computed({ get: () => text.value === '1', set: (on) => (text.value = on ? '1' : '0') })
}

/** A whole number in the query, or null. */
export function useViewNumber(name: string): WritableComputedRef<number | null> {
  const text = useViewText(name, '')
  return computed({
    get: () => (/^\d+$/.test(text.value) ? Number(text.value) : null),
    set: (value) => (text.value = value === null ? '' : String(value))
  })
}
