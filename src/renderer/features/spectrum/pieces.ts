// A layer's part of a parameter vector.

export interface LayerPiece {
  readonly name: string
  /** Of its first entry. */
  readonly offset: number
  /** Inputs, and one more with a bias. */
  readonly rows: number
  readonly columns: number
  /** Inputs without the bias. */
  readonly inputs: number
}

/** At least an input and an output, all but the input known. */
export function isNetworkLayers(layers: readonly (number | null)[]): boolean {
  return layers.length >= 2 && layers.slice(1).every((width) => width !== null && width > 0)
}
