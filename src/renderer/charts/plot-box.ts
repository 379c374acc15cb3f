// Where in its element a plot draws.

/** The rectangle between the axes, in pixels from the element's left and top. */
export interface PlotFrameBox {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}
