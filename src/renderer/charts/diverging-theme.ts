// The diverging colours of the present theme.
import { computed } from 'vue'
import { themeVersion, token } from '../ui/theme-version'
import { divergingMap } from './diverging'

export const themeMap = computed(() => {
  void themeVersion.value
  return divergingMap(token('--plot-negative'), token('--surface'), token('--plot-positive'), token('--text'))
})
