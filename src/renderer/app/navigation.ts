// The screens that are linked, each with its key.
import type { Component } from 'vue'
import {
  IconCompare,
  IconDatasets,
  IconDelete,
  IconHessian,
  IconPlayground,
  IconPlus,
  IconQueue,
  IconRuns,
  IconSettings
} from '../ui/icons'

export interface ScreenLink {
  readonly path: string
  readonly name: string
  readonly label: string
  readonly icon: Component
  readonly shortcut: string
}

export const screens: readonly ScreenLink[] = [
  { path: '/', name: 'runs', label: 'Runs', icon: IconRuns, shortcut: 'g r' },
  { path: '/new', name: 'new', label: 'New run', icon: IconPlus, shortcut: 'g n' },
  { path: '/compare', name: 'compare', label: 'Compare', icon: IconCompare, shortcut: 'g c' },
  { path: '/queue', name: 'queue', label: 'Queue', icon: IconQueue, shortcut: 'g q' },
  { path: '/snapshots', name: 'snapshots', label: 'Snapshots', icon: IconHessian, shortcut: 'g h' },
  { path: '/datasets', name: 'datasets', label: 'Datasets', icon: IconDatasets, shortcut: 'g d' },
  { path: '/playground', name: 'playground', label: 'Playground', icon: IconPlayground, shortcut: 'g p' },
  { path: '/trash', name: 'trash', label: 'Trash', icon: IconDelete, shortcut: 'g t' },
  { path: '/settings', name: 'settings', label: 'Settings', icon: IconSettings, shortcut: 'g s' }
]
