// What a plot is made of, for a script that draws it again: curves, bins, categories, cells or a surface, with the scales of its axes.
import type { ScaleKind } from './scale'
import type { LineSeries } from './series'
import type { LinePattern } from './line-style'

export interface ScriptAxis {
  readonly label: string
  readonly kind: ScaleKind
  /** A symlog axis is linear within ± this. */
  readonly constant: number
  /** The ends in view. */
  readonly low: number
  readonly high: number
  /** As on the screen. */
  readonly ticks?: readonly { readonly value: number; readonly label: string }[]
}

interface Axes {
  readonly x: ScriptAxis
  readonly y: ScriptAxis
}

export type ScriptPlot =
  | ({
      readonly kind: 'lines'
      readonly series: readonly LineSeries[]
      readonly points: boolean
      readonly levels: readonly { readonly y: number; readonly label: string }[]
      readonly places: readonly { readonly x: number; readonly label: string }[]
    } & Axes)
  /** One more edge than heights. */
  | ({
      readonly kind: 'bins'
      readonly edges: ArrayLike<number>
      readonly bars: { readonly name: string; readonly colour: string; readonly heights: ArrayLike<number> }
      readonly outlines: readonly {
        readonly name: string
        readonly colour: string
        readonly line: LinePattern
        readonly heights: ArrayLike<number>
      }[]
    } & Axes)
  | {
      readonly kind: 'categories'
      readonly xLabel: string
      readonly yLabel: string
      readonly names: readonly string[]
      readonly series: readonly { readonly name: string; readonly colour: string; readonly heights: ArrayLike<number> }[]
    }
  /** Values at rows and columns that are numbered, by place: what has none stays white. */
  | {
      readonly kind: 'cells'
      readonly rowLabel: string
      readonly columnLabel: string
      readonly label: string
      readonly rows: ArrayLike<number>
      readonly columns: ArrayLike<number>
      readonly values: ArrayLike<number>
    }
  /** Coloured squares at places. */
  | {
      readonly kind: 'spots'
      readonly x: { readonly label: string; readonly kind: ScaleKind }
      readonly y: { readonly label: string; readonly kind: ScaleKind }
      readonly label: string
      readonly xs: ArrayLike<number>
      readonly ys: ArrayLike<number>
      readonly values: ArrayLike<number>
    }
  /** Values on a grid, row by row from the highest y, with paths over it. */
  | {
      readonly kind: 'surface'
      readonly xLabel: string
      readonly yLabel: string
      /** [x0, x1, y0, y1] of the grid, and of what is in view. */
      readonly grid: readonly number[]
      readonly view: readonly number[]
      readonly rows: number
      readonly columns: number
      readonly values: ArrayLike<number>
      readonly levels: ArrayLike<number>
      readonly paths: readonly { readonly name: string; readonly colour: string; readonly points: ArrayLike<number> }[]
    }
