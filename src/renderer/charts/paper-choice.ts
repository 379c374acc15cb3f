// The width, text and lines that pictures for papers were last saved with; kept for the next one.
import { shallowRef, watch } from 'vue'
import { paperFault, usualPaper, type PaperChoice } from './paper'

const key = 'saddlescope.paper'

function stored(): PaperChoice {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return usualPaper
    const choice = { ...usualPaper, ...kept }
    return typeof choice.title === 'boolean' && paperFault(choice) === null ? choice : usualPaper
  } catch {
    return usualPaper
  }
}

export const paperChoice = shallowRef<PaperChoice>(stored())
watch(paperChoice, (choice) => localStorage.setItem(key, JSON.stringify(choice)))
