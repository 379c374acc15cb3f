// The height that is left for an element in what scrolls around it, so that it ends where the window does.
import { onScopeDispose, ref, watch, type Ref } from 'vue'

function scroller(element: HTMLElement): HTMLElement {
  for (let at = element.parentElement; at; at = at.parentElement) if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at
  return document.documentElement
}

/**
 * Pixels from the element's top to the visible end, less `below`. Where that is less than `least`, as much as the visible part holds when it is scrolled to.
 */
export function useFillHeight(host: Ref<HTMLElement | null>, below: () => number, least: number): Ref<number> {
  const height = ref(least)
  let around: HTMLElement | null = null
  function measure() {
    if (!host.value || !around) return
    const seen = around.clientHeight
    const top = host.value.getBoundingClientRect().top - around.getBoundingClientRect().top + around.scrollTop
    const left = seen - top - below()
    height.value = Math.round(left >= least ? left : Math.max(240, Math.min(least, seen - below() - 8)))
  }
  const observer = new ResizeObserver(measure)
  watch(
    host,
    (now) => {
      observer.disconnect()
      around = now && scroller(now)
      if (!now || !around) return
      observer.observe(around)
      // What stands above may grow and shrink.
      if (now.parentElement) observer.observe(now.parentElement)
      measure()
    },
    { flush: 'post' }
  )
  onScopeDispose(() => observer.disconnect())
  return height
}
