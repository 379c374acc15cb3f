// Saving a plot: the entries of its menu, for every kind of plot the same.
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { MenuItem } from '../ui/menu'
import { notify } from '../ui/toasts'
import { chartStyle } from './chart-style'
import { svgDocument, type PlotFigure } from './export'
import { saveBlob, saveText, usePlotSubject } from './save'
import { csv } from './table'
import { messageOf } from '../../shared/format/message-of'

export interface PlotFiles {
  readonly items: ComputedRef<MenuItem[]>
  csv(): void
  /** Whether the dialog for a picture on paper is open. */
  readonly paper: Ref<boolean>
  /** The figure with the title of a file: it says what it is of. */
  readonly titled: ComputedRef<PlotFigure>
}

/** The document drawn at twice its size. */
async function savePng(document: string, name: string, scale = 2): Promise<void> {
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(document)}`
  await image.decode()
  const canvas = window.document.createElement('canvas')
  canvas.width = Math.round(image.naturalWidth * scale)
  canvas.height = Math.round(image.naturalHeight * scale)
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'))
  if (!blob) throw new Error(`${name}: a picture of ${canvas.width} × ${canvas.height} pixels is too large for this browser`)
  saveBlob(blob, name)
}

export function usePlotFiles(figure: () => PlotFigure, disabled: () => boolean = () => false): PlotFiles {
  /** What cannot be made says so. */
  async function attempt(what: string, make: () => void | Promise<void>) {
    try {
      await make()
    } catch (error) {
      notify(`The ${what} could not be made: ${messageOf(error)}`, { tone: 'bad' })
    }
  }
  const subject = usePlotSubject()
  /** A file says what it is of; on the page the screen does. */
  const titled = computed<PlotFigure>(() => ({ ...figure(), title: [subject(), figure().title].filter(Boolean).join(' · ') }))
  const svg = () => svgDocument(titled.value, chartStyle.value)
  const paper = ref(false)
  const png = () => attempt('picture', () => savePng(svg(), `${figure().file}.png`))
  const vector = () => attempt('picture', () => saveText(svg(), `${figure().file}.svg`, 'image/svg+xml'))
  const table = () => attempt('table', () => saveText(csv(figure().table()), `${figure().file}.csv`, 'text/csv'))
  return {
    items: computed(() => [
      { label: 'Save as PNG', run: () => void png(), disabled: disabled() },
      { label: 'Save as SVG', run: () => void vector(), disabled: disabled() },
      { label: 'Save as CSV', run: () => void table(), disabled: disabled() },
      { label: 'Save for a paper…', run: () => void (paper.value = true), disabled: disabled(), separator: true }
    ]),
    csv: () => void table(),
    paper,
    titled
  }
}
