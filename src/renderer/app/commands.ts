// What the palette offers and what keys and the native menu do: the application's own commands, and those of the screen that is open.
import { computed, onScopeDispose, shallowReactive, watchEffect, type ComputedRef } from 'vue'
import type { Router } from 'vue-router'
import {
  pageCommandIds,
  pageCommands,
  shellCommandIds,
  shellCommands,
  type CommandEntry,
  type PageCommandId,
  type ScreenCommandId
} from '../../shared/shell/commands'
import { screens } from '../../shared/shell/screens'
import { examples } from '../../shared/spec/examples'
import type { Command } from '../ui/commands'
import { sayError } from './actions'
import { useQuery } from './data'
import { askedExample } from './examples'
import { openByChoice } from './open'
import { runList } from './runs'
import { onNews } from './shell'
import { studyList } from './studies'
import { chooseTheme, themeChoice } from './theme'

const sources = shallowReactive(new Set<() => readonly Command[]>())

/** Offers commands in the palette, with their keys, for as long as the component is there. */
export function useCommands(source: () => readonly Command[]) {
  sources.add(source)
  onScopeDispose(() => sources.delete(source))
}

/** Addresses of screens that have a list to filter. */
const filtered = /^\/(snapshots|analyses|compare|run\/[^/]+\/(files|log))?$/
const filterField = () => document.querySelector<HTMLInputElement>('main input[type=search]')

type Actions = Readonly<Record<PageCommandId, () => void>>

function actionsOf(router: Router, open: { palette: () => void; shortcuts: () => void }): Actions {
  const toScreens = Object.fromEntries(screens.map(({ name, path }) => [`screen:${name}`, () => void router.push(path)]))
  return {
    ...(toScreens as Record<ScreenCommandId, () => void>),
    new: () => void router.push('/new'),
    open: () => void openByChoice(),
    filter: () => filterField()?.focus(),
    'theme:light': () => chooseTheme('light'),
    'theme:dark': () => chooseTheme('dark'),
    'theme:system': () => chooseTheme('system'),
    palette: open.palette,
    shortcuts: open.shortcuts,
    gallery: () => void router.push('/gallery')
  }
}

const command = (id: string, { label, group, shortcut }: CommandEntry, run: () => void): Command => ({ id, label, group, shortcut, run })

function fromShell(bridge: NonNullable<Window['saddlescope']>): Command[] {
  return shellCommandIds.map((id) => command(id, shellCommands[id], () => void bridge.ask('shell-command', { id }).catch(sayError)))
}

/** The native menu does what the palette does, and knows what can be done now. */
function useNativeMenu(bridge: NonNullable<Window['saddlescope']>, router: Router, actions: Actions) {
  onScopeDispose(onNews('command', ({ id }) => actions[id]()))
  watchEffect(() => {
    const canFilter = filtered.test(router.currentRoute.value.path)
    const available = pageCommandIds.filter((id) => id !== 'filter' || canFilter)
    void bridge.ask('menu-state', { available, checked: [`theme:${themeChoice.value}` as const] }).catch(sayError)
  })
}

/** Of the screen that is open first, then screens, examples, presets, appearance, help, every study and every run. */
export function useAllCommands(router: Router, open: { palette: () => void; shortcuts: () => void }): ComputedRef<readonly Command[]> {
  const presets = useQuery('presets.list', () => ({}))
  const bridge = window.saddlescope
  const actions = actionsOf(router, open)
  if (bridge) useNativeMenu(bridge, router, actions)
  const fixed = [...pageCommandIds.map((id) => command(id, pageCommands[id], actions[id])), ...(bridge ? fromShell(bridge) : [])]
  return computed(() => [
    ...[...sources].flatMap((source) => source()),
    ...fixed,
    ...examples.map((example) => ({
      id: `example:${example.name}`,
      label: example.title,
      group: 'Examples',
      run: () => void (askedExample.value = example)
    })),
    ...(presets.data.value ?? []).map((preset) => ({
      id: `preset:${preset.name}`,
      label: `New run from ${preset.title}`,
      group: 'Preset',
      run: () => void router.push({ path: '/new', query: { preset: preset.name } })
    })),
    ...studyList.value.map((study) => ({
      id: `study:${study.id}`,
      label: study.name,
      group: `Study ${study.id}`,
      run: () => void router.push(`/study/${study.id}`)
    })),
    ...runList.value.map((run) => ({
      id: `run:${run.id}`,
      label: run.name,
      group: `Run ${run.id}`,
      run: () => void router.push(`/run/${run.id}`)
    }))
  ])
}
