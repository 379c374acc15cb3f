// Saving a plot: the three entries of its menu, for every kind of plot the same.
import { computed, type ComputedRef } from 'vue'
import type { MenuItem } from '../ui/menu'
import { notify } from '../ui/toasts'
import { chartStyle } from './chart-style'
import { savePng, svgDocument, type PlotFigure } from './export'
import { saveText } from './save'
import { csv } from './table'

export interface PlotFiles {
  readonly items: ComputedRef<MenuItem[]>
  csv(): void
}

export function usePlotFiles(figure: () => PlotFigure, disabled: () => boolean = () => false): PlotFiles {
  /** What cannot be made says so. */
  async function attempt(what: string, make: () => void | Promise<void>) {
    try {
      await make()
    } catch (error) {
      notify(`The ${what} could not be made: ${error instanceof Error ? error.message : String(error)}`, { tone: 'bad' })
    }
  }
  const svg = () => svgDocument(figure(), chartStyle.value)
  const png = () => attempt('picture', () => savePng(svg(), `${figure().file}.png`))
  const vector = () => attempt('picture', () => saveText(svg(), `${figure().file}.svg`, 'image/svg+xml'))
  const table = () => attempt('table', () => saveText(csv(figure().table()), `${figure().file}.csv`, 'text/csv'))
  return {
    items: computed(() => [
      { label: 'Save as PNG', run: () => void png(), disabled: disabled() },
      { label: 'Save as SVG', run: () => void vector(), disabled: disabled() },
      { label: 'Save as CSV', run: () => void table(), disabled: disabled() }
    ]),
    csv: () => void table()
  }
}
