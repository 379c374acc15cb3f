// What axe says of the page as it is now.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Rules that do not hold while an overlay is open: a menu is no landmark and lies beside them all, but it holds the focus and hides the rest, so nobody looks for it by landmarks. */
export const besideOverlays = ['region']

/** Sentences, one a fault, without those of the rules that are named. The script goes in over the debugging protocol, which the page's policy does not govern. */
export async function accessibilityFaults(page: Page, without: readonly string[] = []): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe)
  // Colours on their way from one theme, or from under the pointer, are nobody's: the rules ask for those that stay.
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished.catch(() => null)))'
  )
  return page.evaluate<string[]>(
    `axe.run(document, { rules: ${JSON.stringify(Object.fromEntries(without.map((rule) => [rule, { enabled: false }])))} }).then(({ violations }) => violations.map((one) => one.id + ': ' + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 120) + (node.any[0]?.message ? ' (' + node.any[0].message + ')' : '')).join(' | ')))`
  )
}
