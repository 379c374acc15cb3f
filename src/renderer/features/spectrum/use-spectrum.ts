// What the Spectrum tab looks at: which snapshot, block and eigenvalue the address names, and what is stored of them.
import { computed, ref, watch } from 'vue'
import type { RunDetails } from '../../../shared/api/contract'
import { countSigns, finiteTolerance } from '../../../shared/run/curvature'
import { fetchOnce, useQuery } from '../../app/data'
import { formatNumber } from '../../app/format'
import { useViewNumber, useViewSwitch, useViewText } from '../../app/view'
import type { HistogramMark } from '../../charts/histogram-option'
import { useChosenStep } from '../curvature/use-chosen-step'
import { axesOver } from './axes-over'
import { useOverlays } from './use-overlays'
import { useRunSpectra } from './use-run-spectra'

export function useSpectrum(details: () => RunDetails) {
  const run = computed(() => details().summary.id)
  const steps = computed(() =>
    details()
      .snapshots.map((snapshot) => snapshot.step)
      .sort((a, b) => a - b)
  )
  const { chosenStep, step } = useChosenStep(() => steps.value)
  const goTo = (to: number) => (chosenStep.value = to === steps.value.at(-1) ? null : to)
  const blocks = computed(() => details().snapshots.find((snapshot) => snapshot.step === step.value)?.blocks ?? [])
  const chosenBlock = useViewText('block', '')
  const block = computed(() => (blocks.value.includes(chosenBlock.value) ? chosenBlock.value : (blocks.value[0] ?? null)))
  const at = computed(() => (step.value === null || block.value === null ? null : { run: run.value, step: step.value, block: block.value }))

  const eigenvalues = useQuery('snapshots.eigenvalues', () => at.value, { keep: true })
  const manifest = useQuery('snapshots.manifest', () => (step.value === null ? null : { run: run.value, step: step.value }), { keep: true })
  const values = computed(() => eigenvalues.data.value?.values ?? new Float64Array())
  /** Said where there are none to draw. */
  const nothing = computed(() => {
    if (eigenvalues.error.value) return 'They could not be read: see above'
    return eigenvalues.pending.value ? 'Loading…' : 'This block has no stored eigenvalues'
  })
  const units = computed(() => eigenvalues.data.value?.units ?? 1)
  /** Blocks of several units are stored unit by unit: their eigenvalues have no places among all, and no vectors here. */
  const ascending = computed(() => units.value === 1)
  const info = computed(() => manifest.data.value?.blocks.find((one) => one.name === block.value) ?? null)
  const course = useQuery('snapshots.course', () => (block.value === null ? null : { run: run.value, block: block.value }), { keep: true })
  const tolerance = computed(() => finiteTolerance(values.value))
  const signs = computed(() => countSigns(values.value, tolerance.value))
  /** The figures of the snapshot in view: its place in the course. */
  const place = computed(() => (course.data.value && step.value !== null ? course.data.value.steps.indexOf(step.value) : -1))

  const scale = useViewText('axis', 'symlog', ['linear', 'symlog'])
  const countScale = useViewText('count', 'log', ['linear', 'log'])
  const rankScale = useViewText('rank', 'log', ['linear', 'log'])
  const index = useViewNumber('eigenvalue')
  watch(block, () => (index.value = null))
  const selected = computed(() => (index.value !== null && index.value < values.value.length ? values.value[index.value] : null))

  const spectra = useRunSpectra(() =>
    block.value === null ? null : { run: run.value, block: block.value, steps: steps.value, size: values.value.length }
  )
  const playing = ref(false)
  const steady = useViewSwitch('steady', false)
  /** Axes that stay while the snapshots change. */
  const fixed = computed(() => (playing.value || steady.value ? axesOver(spectra.snapshots.value, scale.value) : null))
  const prepare = (next: number) =>
    block.value === null ? Promise.resolve() : fetchOnce('snapshots.eigenvalues', { run: run.value, step: next, block: block.value })
  const overlays = useOverlays(() => run.value)

  return {
    run,
    steps,
    chosenStep,
    step,
    goTo,
    blocks,
    chosenBlock,
    block,
    at,
    eigenvalues,
    nothing,
    manifest,
    values,
    units,
    ascending,
    info,
    course,
    place,
    tolerance,
    signs,
    scale,
    countScale,
    rankScale,
    index,
    selected,
    spectra,
    playing,
    steady,
    fixed,
    prepare,
    overlays
  }
}

export type Spectrum = ReturnType<typeof useSpectrum>

/** Damping and learning rate at the step that saw this curvature; those of the spec when the metrics do not say. */
export function useMarks(details: () => RunDetails, { run, step }: Pick<Spectrum, 'run' | 'step'>) {
  const rates = useQuery('runs.metrics', () =>
    step.value === null ? null : { id: run.value, columns: ['damping', 'learningRate'], from: step.value + 1, to: step.value + 1 }
  )
  return computed((): HistogramMark[] => {
    const { optimizer } = details().spec
    const fromMetrics = (name: string) => rates.data.value?.columns[name]?.[0]
    const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null)
    const damping = number(fromMetrics('damping')) ?? ('damping' in optimizer ? number(optimizer.damping.value) : null)
    const rate = number(fromMetrics('learningRate')) ?? number(optimizer.learningRate)
    return [
      ...(damping !== null && damping > 0 ? [{ value: -damping, label: `−δ = ${formatNumber(-damping)}` }] : []),
      ...(rate !== null && rate > 0 ? [{ value: 2 / rate, label: `2/lr = ${formatNumber(2 / rate)}` }] : [])
    ]
  })
}
