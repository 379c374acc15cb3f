// histograms.ndjson as columns: for each array of the network what its weights and gradients looked like at every evaluation.
import type { HistogramSeries, HistogramTable } from '../../shared/api/contract'
import { histogramBins, type Histogram, type HistogramLine } from '../../shared/run/schema'
import { histogramsPath, readHistograms, runFolder } from '../run-folder'
import type { Workspace } from '../workspace'

const figures = ['from', 'to', 'min', 'max', 'mean', 'std', 'zeros'] as const

function seriesOf(lines: readonly HistogramLine[], of: (line: HistogramLine) => Histogram | null | undefined): HistogramSeries {
  const columns = Object.fromEntries(
    figures.map((figure) => [figure, Float64Array.from(lines, (line) => of(line)?.[figure] ?? NaN)])
  ) as Record<(typeof figures)[number], Float64Array>
  const counts = new Float64Array(lines.length * histogramBins)
  lines.forEach((line, row) => counts.set(of(line)?.counts ?? [], row * histogramBins))
  return { ...columns, counts }
}

/** `most` places of 0 … count − 1, evenly spaced, both ends among them. */
function spaced(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, k) => k)
  return Array.from({ length: most }, (_, k) => Math.round((k * (count - 1)) / (most - 1)))
}

/** The histograms of a run; no evaluations where it has none. Throws StorageError. */
export async function histogramTable(workspace: Workspace, id: string, most: number): Promise<HistogramTable> {
  const { lines: all, damaged } = await readHistograms(workspace.fileSystem, histogramsPath(runFolder(workspace, id)))
  const lines = spaced(all.length, most).map((place) => all[place])
  const layers = [...new Set(lines.flatMap((line) => Object.keys(line.layers)))]
  return {
    steps: Float64Array.from(lines, ({ step }) => step),
    bins: histogramBins,
    layers,
    series: Object.fromEntries(
      layers.map((layer) => [
        layer,
        {
          count: lines.find((line) => layer in line.layers)?.layers[layer].weights.count ?? 0,
          weights: seriesOf(lines, (line) => line.layers[layer]?.weights),
          gradients: seriesOf(lines, (line) => line.layers[layer]?.gradients)
        }
      ])
    ),
    total: all.length,
    damaged
  }
}
