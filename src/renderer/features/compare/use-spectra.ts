// Stored spectra of the compared runs at matching snapshots, with their distances from one of them.
import { computed } from 'vue'
import { useQueries } from '../../app/data'
import { useViewText } from '../../app/view'
import { countSigns, finiteTolerance } from '../../../shared/run/curvature'
import { ascending, spectrumDistance, type SpectrumFigures } from './distances'
import { commonTarget, matchRules, matchSnapshot, snapshotPlaces } from './match'
import type { Compared } from './use-compared'
import type { CompareView } from './use-view'

/** More spectra side by side than this fill no screen; the newest choice is by hiding runs in the legend. */
export const mostSpectra = 12

export function useSpectra(view: CompareView, compared: Compared) {
  const rule = useViewText('match', 'step', matchRules)
  const targetText = useViewText('target', '')
  const chosenBlock = useViewText('block', '')

  const candidates = computed(() =>
    compared.runs.value.flatMap((run) => {
      const snapshots = compared.details.value.get(run.id)?.snapshots ?? []
      return run.visible && snapshots.length > 0 ? [{ run, snapshots }] : []
    })
  )
  const blocks = computed(() => [...new Set(candidates.value.flatMap(({ snapshots }) => snapshots.flatMap((one) => one.blocks)))])
  const block = computed(() => (blocks.value.includes(chosenBlock.value) ? chosenBlock.value : (blocks.value[0] ?? null)))
  const withBlock = computed(() =>
    candidates.value.flatMap(({ run, snapshots }) => {
      const steps = snapshots.filter((one) => block.value !== null && one.blocks.includes(block.value)).map((one) => one.step)
      return steps.length > 0 ? [{ run, steps }] : []
    })
  )
  const chosen = computed(() => withBlock.value.slice(0, mostSpectra))
  const without = computed(() => compared.runs.value.filter((run) => run.visible).length - withBlock.value.length)

  const lossColumn = computed(() => (compared.available.value.includes('lossPerSample') ? 'lossPerSample' : 'loss'))
  const tables = useQueries('runs.metrics', () => chosen.value.map(({ run }) => ({ id: run.id, columns: [lossColumn.value, 'seconds'] })))
  const places = computed(() => chosen.value.map(({ steps }, i) => snapshotPlaces(steps, tables.data.value[i], lossColumn.value)))
  const common = computed(() => commonTarget(places.value, rule.value))
  const target = computed(() => {
    const own = Number(targetText.value)
    return targetText.value.trim() !== '' && Number.isFinite(own) ? own : common.value
  })
  const matched = computed(() =>
    chosen.value.flatMap(({ run }, i) => {
      const place = target.value === null ? null : matchSnapshot(places.value[i], rule.value, target.value)
      return place ? [{ run, place }] : []
    })
  )
  const answers = useQueries('snapshots.eigenvalues', () =>
    block.value === null ? [] : matched.value.map(({ run, place }) => ({ run: run.id, step: place.step, block: block.value ?? '' }))
  )
  const spectra = computed(() =>
    matched.value.flatMap(({ run, place }, i) => {
      const stored = answers.data.value[i]?.values
      if (!stored || stored.length === 0) return []
      const values = ascending(stored)
      const tolerance = finiteTolerance(values)
      const signs = countSigns(values, tolerance)
      const figures: SpectrumFigures = {
        count: values.length,
        lambdaMin: values[0],
        lambdaMax: values[values.length - 1],
        index: signs.negative / values.length
      }
      return [{ run, place, values, tolerance, signs, figures, colour: run.colour }]
    })
  )
  /** The baseline where it has a spectrum, else the first. */
  const reference = computed(() => spectra.value.find(({ run }) => run.id === view.baseline.value) ?? spectra.value[0] ?? null)
  const rows = computed(() =>
    spectra.value.map((one) => ({
      ...one,
      distance: reference.value && reference.value.run.id !== one.run.id ? spectrumDistance(one, reference.value) : null
    }))
  )
  const failures = computed(() => [...answers.errors.value, ...tables.errors.value].flatMap((error) => (error ? [error.message] : [])))
  return { rule, targetText, target, common, chosenBlock, block, blocks, withBlock, without, rows, reference, failures, lossColumn }
}
