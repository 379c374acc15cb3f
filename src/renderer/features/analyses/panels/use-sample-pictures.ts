// Pictures and class names of a run's samples, where its data set is a named one and shows pictures.
import { computed } from 'vue'
import { useQuery } from '../../../app/data'

export interface SamplePicture {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
  readonly channels: number
}

/** `places`: of samples in a part of the data set, at most 200; pictures are null while they are read, and where samples are rows of numbers. */
export function useSamplePictures(run: () => string, part: () => 'train' | 'test', places: () => readonly number[]) {
  const details = useQuery('runs.get', () => ({ id: run() }), { keep: true })
  const data = computed(() => {
    const spec = details.data.value?.spec
    return spec && 'data' in spec ? spec.data : null
  })
  const dataset = computed(() => (typeof data.value?.dataset === 'string' ? data.value.dataset : null))
  const statistics = useQuery('datasets.statistics', () => (dataset.value === null ? null : { id: dataset.value }), { keep: true })
  const sheet = useQuery(
    'datasets.thumbnails',
    () => (dataset.value === null || places().length === 0 ? null : { id: dataset.value, split: part(), samples: [...places()] }),
    { keep: true }
  )
  const pictures = computed(() => {
    const found = sheet.data.value
    const byPlace = new Map<number, SamplePicture>()
    // Rows of numbers are no pictures.
    if (!found || found.height === 1) return byPlace
    const { width, height, channels, pixels } = found
    const length = width * height * channels
    found.samples.forEach((sample, i) =>
      byPlace.set(sample, { width, height, channels, pixels: pixels.subarray(i * length, (i + 1) * length) })
    )
    return byPlace
  })
  const names = computed(() => {
    const counts = statistics.data.value
    return (data.value?.labels === 'coarse' ? counts?.coarse?.names : counts?.fine?.names) ?? null
  })
  return { pictures, names }
}
