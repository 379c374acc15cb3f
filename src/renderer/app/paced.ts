// A value that many answers change in turn, taken at most so often: what is drawn from it is not drawn anew for each.
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'

export function usePaced<Value>(source: () => Value, interval: number): Readonly<ShallowRef<Value>> {
  const taken = shallowRef(source()) as ShallowRef<Value>
  let last = performance.now()
  let timer: ReturnType<typeof setTimeout> | null = null
  const take = () => {
    timer = null
    last = performance.now()
    taken.value = source()
  }
  watch(source, () => {
    const wait = last + interval - performance.now()
    if (wait <= 0 && !timer) take()
    else timer ??= setTimeout(take, wait)
  })
  onScopeDispose(() => timer && clearTimeout(timer))
  return taken
}
