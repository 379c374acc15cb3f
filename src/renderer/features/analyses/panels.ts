// The picture of each kind of analysis; a kind that is not here has its arrays drawn one by one.
import type { Component } from 'vue'
import CriticalPointsPanel from './panels/CriticalPointsPanel.vue'
import DensityPanel from './panels/DensityPanel.vue'
import DepthPanel from './panels/DepthPanel.vue'
import DifferencePanel from './panels/DifferencePanel.vue'
import FdSweepPanel from './panels/FdSweepPanel.vue'
import InfluencePanel from './panels/InfluencePanel.vue'
import LandauPanel from './panels/LandauPanel.vue'
import LandscapePanel from './panels/LandscapePanel.vue'
import LyapunovLive from './panels/LyapunovLive.vue'
import LyapunovPanel from './panels/LyapunovPanel.vue'
import MapLive from './panels/MapLive.vue'
import MapPanel from './panels/MapPanel.vue'
import NtkPanel from './panels/NtkPanel.vue'
import OverlapPanel from './panels/OverlapPanel.vue'
import RelaxationLive from './panels/RelaxationLive.vue'
import RelaxationPanel from './panels/RelaxationPanel.vue'
import ScalesPanel from './panels/ScalesPanel.vue'
import SharpnessPanel from './panels/SharpnessPanel.vue'
import TensorPanel from './panels/TensorPanel.vue'

/** By kind; each takes PanelProps. */
export const panels: Readonly<Record<string, Component>> = {
  landau: LandauPanel,
  scales: ScalesPanel,
  landscape: LandscapePanel,
  overlap: OverlapPanel,
  lyapunov: LyapunovPanel,
  ntk: NtkPanel,
  density: DensityPanel,
  depth: DepthPanel,
  'critical-points': CriticalPointsPanel,
  sharpness: SharpnessPanel,
  difference: DifferencePanel,
  tensor: TensorPanel,
  'fd-sweep': FdSweepPanel,
  relaxation: RelaxationPanel,
  influence: InfluencePanel,
  map: MapPanel
}

/** What of a kind is drawn while it still computes, from its previews; each takes LivePanelProps. Kinds that are not here show their progress alone. */
export const livePanels: Readonly<Record<string, Component>> = { lyapunov: LyapunovLive, relaxation: RelaxationLive, map: MapLive }
