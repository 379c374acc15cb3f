// What a menu is made of.
import type { Component } from 'vue'

export interface MenuItem {
  readonly label: string
  readonly run: () => void
  readonly icon?: Component
  readonly note?: string
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly separator?: boolean
  /** Given: a ticked or unticked item that keeps the menu open. */
  readonly checked?: boolean
}
