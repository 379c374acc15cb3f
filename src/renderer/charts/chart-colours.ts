// The colours and the font of a chart, as CSS has them.

export interface ChartStyle {
  readonly text: string
  readonly soft: string
  readonly axis: string
  readonly grid: string
  readonly surface: string
  readonly border: string
  readonly negative: string
  readonly positive: string
  readonly mark: string
  readonly font: string
}
