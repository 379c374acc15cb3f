// What a bench is and what it reports.
export type Cell = string | number | boolean | null
export type Row = Readonly<Record<string, Cell>>

export interface BenchOptions {
  /** Also what takes longer than a few minutes. */
  readonly long: boolean
  readonly signal?: AbortSignal
  /** Takes each row when it is measured. */
  report(row: Row): void
  /** Takes sentences for people: what is measured now, which baseline is missing and why. */
  note(text: string): void
}

export interface Bench {
  readonly describe: string
  run(options: BenchOptions): Promise<readonly Row[]>
}
