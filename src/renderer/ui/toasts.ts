// Short notices, with an action such as Undo. Anything may post one; the toaster shows them.
import { shallowRef } from 'vue'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'info' | 'bad'
  readonly action?: { readonly label: string; readonly run: () => void }
}

export const toasts = shallowRef<readonly Toast[]>([])
let next = 1

export function notify(text: string, options: { tone?: 'info' | 'bad'; action?: Toast['action'] } = {}) {
  toasts.value = [...toasts.value.slice(-3), { id: next++, text, tone: options.tone ?? 'info', action: options.action }]
}

export const dismiss = (id: number) => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}
