// Whether what is on screen may no longer be so: the page sets it, marks of state follow.
import { shallowRef } from 'vue'

export const stale = shallowRef(false)
