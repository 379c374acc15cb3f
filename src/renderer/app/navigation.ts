// The pictures of the screens that are linked.
import type { Component } from 'vue'
import type { ScreenName } from '../../shared/shell/screens'
import {
  IconAnalyses,
  IconCompare,
  IconDatasets,
  IconDelete,
  IconHessian,
  IconPlayground,
  IconPlus,
  IconQueue,
  IconRuns,
  IconSettings,
  IconStudies
} from '../ui/icons'

export const screenIcons: Readonly<Record<ScreenName, Component>> = {
  runs: IconRuns,
  new: IconPlus,
  compare: IconCompare,
  studies: IconStudies,
  queue: IconQueue,
  snapshots: IconHessian,
  analyses: IconAnalyses,
  datasets: IconDatasets,
  playground: IconPlayground,
  trash: IconDelete,
  settings: IconSettings
}
