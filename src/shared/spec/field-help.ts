// What people are told of one field of a spec.

export interface FieldHelp {
  readonly label: string
  readonly help: string
  readonly unit?: string
  /** What null means here, as a choice: "Never", "Full batch". */
  readonly none?: string
  /** The word before a value that is given instead of null: "Every", "First". */
  readonly given?: string
  /** A value to begin with when null is left. */
  readonly start?: unknown
  /** What is in use where the field may be left out and has no default of its own. */
  readonly absent?: string
  /** Names of the kinds or values to choose from; the members of a text-or-object are called `text` and `group`. */
  readonly options?: Readonly<Record<string, string>>
  /** It is a path: what a native dialog beside it chooses. */
  readonly chooses?: readonly ('dataset-file' | 'dataset-folder' | 'projection-matrix' | 'start-weights')[]
  /** It is a loss in the file's definition: shown per sample too. */
  readonly isLoss?: true
}
