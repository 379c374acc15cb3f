// What can be done with one run of the table.
import type { RunSummary } from '../../../shared/run/summary'
import { canPause, canStart, canStop, canTrainLonger, pauseRun, startRun, stopRun } from '../../app/actions'
import { exportRun } from '../../app/files'
import { isVisible, toggleVisible } from '../../app/visibility'
import {
  IconDelete,
  IconDownload,
  IconEdit,
  IconHidden,
  IconPause,
  IconPlay,
  IconPlus,
  IconShown,
  IconStop,
  IconStudies
} from '../../ui/icons'
import type { MenuItem } from '../../ui/menu'

export interface RunMenuActions {
  open(run: RunSummary): void
  duplicate(run: RunSummary): void
  study(run: RunSummary): void
  edit(run: RunSummary): void
  trainLonger(run: RunSummary): void
  remove(run: RunSummary): void
}

export function runMenu(run: RunSummary, actions: RunMenuActions): MenuItem[] {
  const moves: MenuItem[] = [
    ...(canStart(run) ? [{ label: run.state === 'queued' ? 'Start now' : 'Resume', icon: IconPlay, run: () => void startRun(run) }] : []),
    ...(canTrainLonger(run)
      ? [
          {
            label: run.state === 'done' ? 'Train longer…' : 'Resume with another budget…',
            icon: IconPlay,
            run: () => actions.trainLonger(run)
          }
        ]
      : []),
    ...(canPause(run) ? [{ label: 'Pause', icon: IconPause, run: () => void pauseRun(run) }] : []),
    ...(canStop(run) ? [{ label: 'Stop', icon: IconStop, run: () => void stopRun(run) }] : [])
  ]
  return [
    { label: 'Open', run: () => actions.open(run) },
    { label: 'Duplicate and edit…', icon: IconPlus, run: () => actions.duplicate(run) },
    { label: 'Make a study of this run…', icon: IconStudies, run: () => actions.study(run) },
    { label: 'Rename, tag, note, colour…', icon: IconEdit, run: () => actions.edit(run) },
    isVisible(run.id)
      ? { label: 'Hide in comparisons', icon: IconHidden, run: () => toggleVisible(run.id) }
      : { label: 'Show in comparisons', icon: IconShown, run: () => toggleVisible(run.id) },
    ...moves.map((item, place) => ({ ...item, separator: place === 0 })),
    { label: 'Export as zip', icon: IconDownload, separator: true, run: () => void exportRun(run) },
    { label: 'Move to trash', icon: IconDelete, danger: true, separator: true, run: () => actions.remove(run) }
  ]
}
