// The screens that are linked, and the keys.
import type { Component } from 'vue'
import { IconCompare, IconDatasets, IconHessian, IconPlayground, IconPlus, IconRuns, IconSettings } from '../ui/icons'

export interface ScreenLink {
  readonly path: string
  readonly name: string
  readonly label: string
  readonly icon: Component
  readonly shortcut: string
}

const ready = ['runs', 'new', 'compare', 'snapshots', 'datasets', 'playground', 'settings']

export const screens: readonly ScreenLink[] = (
  [
    { path: '/', name: 'runs', label: 'Runs', icon: IconRuns, shortcut: 'g r' },
    { path: '/new', name: 'new', label: 'New run', icon: IconPlus, shortcut: 'g n' },
    { path: '/compare', name: 'compare', label: 'Compare', icon: IconCompare, shortcut: 'g c' },
    { path: '/snapshots', name: 'snapshots', label: 'Snapshots', icon: IconHessian, shortcut: 'g h' },
    { path: '/datasets', name: 'datasets', label: 'Datasets', icon: IconDatasets, shortcut: 'g d' },
    { path: '/playground', name: 'playground', label: 'Playground', icon: IconPlayground, shortcut: 'g p' },
    { path: '/settings', name: 'settings', label: 'Settings', icon: IconSettings, shortcut: 'g s' }
  ] as ScreenLink[]
).filter((screen) => ready.includes(screen.name))

export const shortcuts = [
  { keys: 'Ctrl K', does: 'Command palette (⌘ K on a Mac)' },
  { keys: '?', does: 'This list' },
  { keys: '/', does: 'Filter the list on screen' },
  { keys: 'n', does: 'New run' },
  ...screens.map((screen) => ({ keys: screen.shortcut, does: `Go to ${screen.label}` })),
  { keys: '← →', does: 'Snapshot before or after, on a focused slider' },
  { keys: 'F8', does: 'Move to the notices' }
]
