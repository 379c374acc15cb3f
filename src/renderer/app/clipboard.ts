// Copies text and says so.
import { notify } from '../ui/toasts'

export async function copyText(text: string, said: string) {
  try {
    await navigator.clipboard.writeText(text)
    notify(said)
  } catch {
    notify('The clipboard is not available here: select the text and copy it by hand.', { tone: 'bad' })
  }
}
