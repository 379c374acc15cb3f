// What the palette offers and what keys do: the application's own commands, and those of the screen that is open.
import { computed, onScopeDispose, shallowReactive } from 'vue'
import type { Router } from 'vue-router'
import type { Command } from '../ui/commands'
import { useQuery } from './data'
import { anyFiles, importFiles, pickFiles } from './files'
import { screens } from './navigation'
import { runList } from './runs'
import { chooseTheme } from './theme'

const sources = shallowReactive(new Set<() => readonly Command[]>())

/** Offers commands in the palette, with their keys, for as long as the component is there. */
export function useCommands(source: () => readonly Command[]) {
  sources.add(source)
  onScopeDispose(() => sources.delete(source))
}

function focusFilter() {
  document.querySelector<HTMLInputElement>('main input[type=search]')?.focus()
}

/** Of the screen that is open first, then screens, presets, appearance, help, and every run. */
export function useAllCommands(router: Router, open: { palette: () => void; shortcuts: () => void }) {
  const presets = useQuery('presets.list', () => ({}))
  const fixed: readonly Command[] = [
    ...screens.map((screen) => ({
      id: `screen:${screen.path}`,
      label: screen.label,
      group: 'Screen',
      shortcut: screen.shortcut,
      run: () => void router.push(screen.path)
    })),
    { id: 'new', label: 'Make a new run', group: 'Do', shortcut: 'n', run: () => void router.push('/new') },
    { id: 'import', label: 'Import a run or a data set…', group: 'Do', run: () => void pickFiles(anyFiles).then(importFiles) },
    { id: 'filter', label: 'Filter the list on screen', group: 'Do', shortcut: '/', run: focusFilter },
    { id: 'theme:light', label: 'Light theme', group: 'Appearance', run: () => chooseTheme('light') },
    { id: 'theme:dark', label: 'Dark theme', group: 'Appearance', run: () => chooseTheme('dark') },
    { id: 'theme:system', label: 'Theme of the system', group: 'Appearance', run: () => chooseTheme('system') },
    { id: 'palette', label: 'Command palette (⌘ K on a Mac)', group: 'Help', shortcut: 'Ctrl K', run: open.palette },
    { id: 'shortcuts', label: 'Keyboard shortcuts', group: 'Help', shortcut: '?', run: open.shortcuts },
    { id: 'gallery', label: 'Component gallery', group: 'Help', run: () => void router.push('/gallery') }
  ]
  return computed<Command[]>(() => [
    ...[...sources].flatMap((source) => source()),
    ...fixed,
    ...(presets.data.value ?? []).map((preset) => ({
      id: `preset:${preset.name}`,
      label: `New run from ${preset.title}`,
      group: 'Preset',
      run: () => void router.push({ path: '/new', query: { preset: preset.name } })
    })),
    ...runList.value.map((run) => ({
      id: `run:${run.id}`,
      label: run.name,
      group: `Run ${run.id}`,
      run: () => void router.push(`/run/${run.id}`)
    }))
  ])
}
