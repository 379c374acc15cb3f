// The width of an element, as it changes.
import { onScopeDispose, ref, watch, type Ref } from 'vue'

/** The element may come and go, as with an empty state. */
export function useWidth(host: Ref<HTMLElement | null>, before = 600): Ref<number> {
  const width = ref(before)
  const take = (now: number) => {
    if (now > 0) width.value = now
  }
  const observer = new ResizeObserver(([entry]) => take(entry.contentRect.width))
  watch(
    host,
    (now, old) => {
      if (old) observer.unobserve(old)
      if (!now) return
      take(now.clientWidth)
      observer.observe(now)
    },
    { flush: 'post' }
  )
  onScopeDispose(() => observer.disconnect())
  return width
}
