// Counts changes of the theme, for what reads token values instead of inheriting them (canvases).
import { shallowRef } from 'vue'

export const themeVersion = shallowRef(0)

/** The present value of a token such as `--text`. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}
