// What a menu is made of; its items are commands of the palette too.
import type { Component } from 'vue'
import type { Command } from './commands'

export interface MenuItem {
  readonly label: string
  readonly run: () => void
  readonly icon?: Component
  readonly note?: string
  /** The key that does the same while the screen is open. */
  readonly shortcut?: string
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly separator?: boolean
  /** Given: a ticked or unticked item that keeps the menu open. */
  readonly checked?: boolean
}

/** What a menu offers, for the palette. */
export const menuCommands = (group: string, items: readonly MenuItem[]): Command[] =>
  items.flatMap(({ label, shortcut, run, disabled }) => (disabled ? [] : [{ id: `${group}:${label}`, label, group, shortcut, run }]))
