// A stored eigenvector with what makes it a picture: the layers' pieces, and its input weights in pixels.
import { computed } from 'vue'
import type { RunDetails } from '../../../shared/api/contract'
import { layerName } from '../../../shared/model/layout'
import { piecesOf, type LayerPiece } from '../../../shared/model/pieces'
import { useQuery } from '../../app/data'
import type { SnapshotAt } from '../curvature/snapshot-options'
import { picturesText, unitPictures, type UnitPictures } from './unit-pictures'

/** More units than these fill no screen. */
const mostUnits = 60

/** One layer's part of a vector: as pictures of each unit's input weights, or as a matrix. */
export interface VectorView {
  readonly piece: LayerPiece
  readonly values: Float64Array
  /** What is drawn, in words. */
  readonly text: string
  readonly pictures: UnitPictures | null
}

export function useVector(at: () => (SnapshotAt & { readonly index: number }) | null, details: () => RunDetails | null) {
  const query = useQuery('snapshots.eigenvector', at, { keep: true })
  const vector = computed(() => query.data.value?.vector ?? null)
  const network = computed(() => {
    const spec = details()?.spec
    return spec && 'model' in spec ? spec : null
  })
  const pieces = computed(() => {
    const block = at()?.block
    return network.value && vector.value && block ? piecesOf(network.value.model, block, vector.value.length) : null
  })
  const hasInputs = computed(() => pieces.value?.some(({ name }) => name === layerName(0)) ?? false)
  const patterns = useQuery(
    'snapshots.patterns',
    () => {
      const place = at()
      return place && hasInputs.value ? { ...place, units: mostUnits } : null
    },
    { keep: true }
  )
  const views = computed((): VectorView[] =>
    (pieces.value ?? []).map((piece) => {
      const found = piece.name === layerName(0) ? (patterns.data.value ?? null) : null
      const pictures = found && unitPictures(found, piece.columns)
      return {
        piece,
        pictures,
        values: vector.value?.subarray(piece.offset, piece.offset + piece.rows * piece.columns) ?? new Float64Array(),
        text: found && pictures ? picturesText(found, pictures) : `${piece.rows} × ${piece.columns}, inputs down, units across`
      }
    })
  )
  /** Why there are no pictures where there might be. */
  const remark = computed(() =>
    hasInputs.value && patterns.error.value ? `No pictures of the input weights: ${patterns.error.value.message}` : null
  )
  return { query, vector, pieces, views, remark }
}

export type Vector = ReturnType<typeof useVector>
