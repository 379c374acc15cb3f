// The width of an element, as it changes.
import { onScopeDispose, ref, watch, type Ref } from 'vue'

export function useWidth(element: Ref<HTMLElement | null>, atFirst: number): Ref<number> {
  const width = ref(atFirst)
  const observer = new ResizeObserver(([entry]) => (width.value = Math.round(entry.contentRect.width)))
  watch(
    element,
    (now, before) => {
      if (before) observer.unobserve(before)
      if (!now) return
      width.value = Math.round(now.clientWidth)
      observer.observe(now)
    },
    { flush: 'post' }
  )
  onScopeDispose(() => observer.disconnect())
  return width
}
