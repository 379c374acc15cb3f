// Light or dark: what the system says, unless the person chose.
import { computed, shallowRef, watchEffect } from 'vue'
import { themeVersion } from '../ui/theme-version'

export type ThemeChoice = 'system' | 'light' | 'dark'
const key = 'saddlescope.theme'
const stored = localStorage.getItem(key)
export const themeChoice = shallowRef<ThemeChoice>(stored === 'light' || stored === 'dark' ? stored : 'system')
const query = matchMedia('(prefers-color-scheme: dark)')
const systemDark = shallowRef(query.matches)
query.addEventListener('change', () => (systemDark.value = query.matches))
export const theme = computed(() => (themeChoice.value === 'system' ? (systemDark.value ? 'dark' : 'light') : themeChoice.value))

export function startTheme() {
  watchEffect(() => {
    document.documentElement.dataset.theme = theme.value
    themeVersion.value++
  })
}

export function chooseTheme(choice: ThemeChoice) {
  themeChoice.value = choice
  if (choice === 'system') localStorage.removeItem(key)
  else localStorage.setItem(key, choice)
}
