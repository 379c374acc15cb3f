// What is wrong with the layout of a page as a person sees it: texts cut without a sign, outside the window, or over each other.
import type { Page } from 'playwright-core'

/** What `layoutFaults` says, but for notices: they lie over the page for some seconds. */
export const layoutFaultsPastNotices = async (page: Page): Promise<string[]> =>
  (await layoutFaults(page)).filter((fault) => !fault.includes('overlay-toast'))

/**
 * Sentences, one a fault; nothing is scrolled. Looked at are the texts that can be seen where they stand. A text may be cut where an ellipsis says so,
 * and may lie outside what is visible inside something that scrolls.
 */
export function layoutFaults(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const faults = []
    const say = (element) => element.tagName.toLowerCase() + '.' + String(element.className).slice(0, 30) + ' “' + (element.textContent ?? '').trim().slice(0, 40) + '”'
    const scrolls = (style, axis) => ['auto', 'scroll'].includes(axis === 'x' ? style.overflowX : style.overflowY)
    const clips = (style, axis) => (axis === 'x' ? style.overflowX : style.overflowY) !== 'visible'
    /** Something opaque lies over it, such as a head that stays while rows scroll. */
    const covered = (element, x, y) => {
      const top = document.elementFromPoint(x, y)
      for (let at = top; at && !at.contains(element) && !element.contains(at); at = at.parentElement) {
        const alpha = getComputedStyle(at).backgroundColor.match(/[\\d.]+/g)?.[3] ?? '1'
        if (Number(alpha) > 0.98) return true
      }
      return !top
    }
    const texts = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const node = walker.currentNode
      if (node.textContent.trim() === '') continue
      const element = node.parentElement
      if (element.closest('svg, option, textarea, .visually-hidden, [aria-hidden=true], script, style')) continue
      const own = getComputedStyle(element)
      if (own.visibility !== 'visible' || own.opacity === '0' || own.clipPath !== 'none') continue
      const range = document.createRange()
      range.selectNodeContents(node)
      for (const rect of range.getClientRects()) {
        if (rect.width < 2 || rect.height < 2) continue
        let box = { left: rect.left, right: rect.right, top: rect.top, bottom: rect.bottom }
        let excused = false
        for (let at = element; at && at !== document.body; at = at.parentElement) {
          const style = getComputedStyle(at)
          if (style.clipPath !== 'none') excused = true
          const bounds = at.getBoundingClientRect()
          for (const [axis, low, high] of [['x', 'left', 'right'], ['y', 'top', 'bottom']]) {
            if (!clips(style, axis)) continue
            const cut = box[low] < bounds[low] - 1.5 || box[high] > bounds[high] + 1.5
            if (cut && !scrolls(style, axis) && !(axis === 'x' && style.textOverflow === 'ellipsis') && !excused) {
              const scrollable = [...(function* () { for (let up = at; up; up = up.parentElement) yield up })()].some((up) => scrolls(getComputedStyle(up), axis) && up !== at)
              if (!(axis === 'y' && scrollable) && !at.dataset.cut) faults.push('cut: ' + say(element) + ' by ' + at.tagName.toLowerCase() + '.' + String(at.className).slice(0, 30))
            }
            if (cut && (scrolls(style, axis) || style.textOverflow === 'ellipsis')) excused = true
            box[low] = Math.max(box[low], bounds[low])
            box[high] = Math.min(box[high], bounds[high])
          }
        }
        if (box.right - box.left < 3 || box.bottom - box.top < 3) continue
        if (box.right > innerWidth + 1 || box.left < -1) faults.push('outside the window: ' + say(element))
        if (covered(element, (box.left + box.right) / 2, (box.top + box.bottom) / 2)) continue
        texts.push({ element, box })
      }
    }
    for (let i = 0; i < texts.length; i++)
      for (let k = i + 1; k < texts.length; k++) {
        const [a, b] = [texts[i], texts[k]]
        if (a.element === b.element) continue
        const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left)
        const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top)
        if (wide > 2 && high > 4) faults.push('over each other: ' + say(a.element) + ' and ' + say(b.element))
      }
    if (document.documentElement.scrollWidth > innerWidth + 1) faults.push('the page is wider than the window')
    return [...new Set(faults)]
  })()`)
}
