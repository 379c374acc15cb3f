// Saving the entries in view as .npy, with its progress.
import { ref } from 'vue'
import type { MatrixOrder } from '../../../shared/run/matrix'
import { sayError } from '../../app/actions'
import { formatBytes, formatCount } from '../../app/format'
import { fileName, usePlotSubject } from '../../charts/save'
import type { TileEnds } from '../../charts/tile-axes'
import { mostRegionBytes, regionBytes, regionOf, saveRegion } from './save-region'
import type { ShownMatrix } from './shown-matrix'

export function useSavePart() {
  const subject = usePlotSubject()
  /** 0 … 1 while a part is saved. */
  const fraction = ref<number | null>(null)
  async function save({ text, name }: ShownMatrix, order: MatrixOrder, ends: TileEnds) {
    const region = regionOf(ends)
    const { row, column, rows, columns } = region
    fraction.value = 0
    try {
      if (regionBytes(region) > mostRegionBytes)
        throw new Error(
          `The part in view is ${formatCount(rows)} × ${formatCount(columns)}, ${formatBytes(regionBytes(region))}: at most ${formatBytes(mostRegionBytes)} are saved at once. Zoom in, or take the whole file from the Files tab.`
        )
      const place = `${order === 'unit' ? 'by unit ' : ''}rows ${row}-${row + rows - 1} columns ${column}-${column + columns - 1}`
      // The subject may be long: the place must stay.
      const file = `${fileName(`${subject().slice(0, 24)} ${name.slice(0, 40)}`).slice(0, 40)}-${fileName(place)}.npy`
      await saveRegion(text, order, region, file, (done) => (fraction.value = done))
    } catch (error) {
      sayError(error)
    }
    fraction.value = null
  }
  return { fraction, save }
}
