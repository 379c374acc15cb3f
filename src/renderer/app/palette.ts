// The command palette, opened from anywhere, with a text typed already or without.
import { ref } from 'vue'

export const paletteOpen = ref(false)
export const paletteText = ref('')

export function openPalette(text = '') {
  paletteText.value = text
  paletteOpen.value = true
}
