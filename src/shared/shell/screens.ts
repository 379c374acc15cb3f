// The screens that are linked, each with its key.

export const screens = [
  { path: '/', name: 'runs', label: 'Runs', shortcut: 'g r' },
  { path: '/new', name: 'new', label: 'New run', shortcut: 'g n' },
  { path: '/compare', name: 'compare', label: 'Compare', shortcut: 'g c' },
  { path: '/studies', name: 'studies', label: 'Studies', shortcut: 'g u' },
  { path: '/queue', name: 'queue', label: 'Queue', shortcut: 'g q' },
  { path: '/snapshots', name: 'snapshots', label: 'Snapshots', shortcut: 'g h' },
  { path: '/analyses', name: 'analyses', label: 'Analyses', shortcut: 'g a' },
  { path: '/datasets', name: 'datasets', label: 'Datasets', shortcut: 'g d' },
  { path: '/playground', name: 'playground', label: 'Playground', shortcut: 'g p' },
  { path: '/trash', name: 'trash', label: 'Trash', shortcut: 'g t' },
  { path: '/settings', name: 'settings', label: 'Settings', shortcut: 'g s' }
] as const

export type ScreenName = (typeof screens)[number]['name']
