// Other spectra laid over the one in view: which they are stands in the address, their eigenvalues are read as they are needed.
import { computed } from 'vue'
import { seriesColour } from '../../app/colours'
import { useQueries } from '../../app/data'
import { formatCount } from '../../app/format'
import { runById } from '../../app/runs'
import { useViewText } from '../../app/view'
import type { HistogramOverlay } from '../../charts/histogram-option'
import type { LinePattern } from '../../charts/line-style'
import { snapshotKey, snapshotText, type SnapshotAt } from '../curvature/snapshot-options'
import { parseSnapshots } from './snapshot-text'

export const mostOverlays = 4
const lines: readonly LinePattern[] = ['solid', 'dashed', 'dotted', 'dash-dot']

export interface Overlay {
  readonly at: SnapshotAt
  readonly key: string
  readonly name: string
  readonly colour: string
  readonly line: LinePattern
  readonly values: Float64Array | null
  readonly error: string | null
}

/** `run`: the run in view, which needs no name. */
export function useOverlays(run: () => string) {
  const text = useViewText('with', '')
  const chosen = computed(() => parseSnapshots(text.value).slice(0, mostOverlays))
  const answers = useQueries('snapshots.eigenvalues', () => chosen.value.map(({ run: of, step, block }) => ({ run: of, step, block })))
  const overlays = computed((): Overlay[] =>
    chosen.value.map((at, i) => {
      const values = answers.data.value[i]?.values ?? null
      const size = values ? `, P = ${formatCount(values.length)}` : ''
      const of = at.run === run() ? '' : `${runById(at.run)?.name ?? at.run}, `
      // Colours of the theme that are none of the signs' own.
      return {
        at,
        key: snapshotKey(at),
        name: `${of}${snapshotText(at)}${size}`,
        colour: seriesColour(i + 2),
        line: lines[i],
        values,
        error: answers.errors.value[i]?.message ?? null
      }
    })
  )
  const drawn = computed((): HistogramOverlay[] =>
    overlays.value.flatMap(({ key, values, ...look }) =>
      values ? [{ id: key, values, name: look.name, colour: look.colour, line: look.line }] : []
    )
  )
  const set = (list: readonly SnapshotAt[]) => (text.value = list.map(snapshotKey).join(','))
  return {
    overlays,
    drawn,
    add(at: SnapshotAt) {
      if (chosen.value.length < mostOverlays && !chosen.value.some((one) => snapshotKey(one) === snapshotKey(at)))
        set([...chosen.value, at])
    },
    remove: (key: string) => set(chosen.value.filter((one) => snapshotKey(one) !== key))
  }
}

export type Overlays = ReturnType<typeof useOverlays>
