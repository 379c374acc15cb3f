// Metrics as columns of doubles that grow line by line; objects by block become columns such as `lambdaMin.W1`. What was not finite is told from what is not there.

export interface Columns {
  /** Rows so far. */
  readonly length: number
  /** Names in order of appearance; `step` is always there. */
  readonly names: readonly string[]
  /** A view of the column's rows (NaN where a line has no such figure); null when there is none of that name. */
  column(name: string): Float64Array | null
  /** Rows, ascending, whose figure of that name is NaN or infinite, which a line writes as null. */
  notFinite(name: string): readonly number[]
  /** Adds one parsed line. */
  add(line: Readonly<Record<string, unknown>>): void
  /** Keeps the first `rows` rows only. */
  truncate(rows: number): void
}

/** A run that invents a new name in every line is not given endless memory. */
const maximumColumns = 1000

/** An accuracy is always finite; null says that there is nothing to be right about, as without labels. */
const nullMeansAbsent = (name: string) => /accuracy$/i.test(name)

export function growingColumns(): Columns {
  const columns = new Map<string, Float64Array>()
  const bad = new Map<string, number[]>()
  let capacity = 1024
  let length = 0

  const set = (name: string, value: number) => {
    let column = columns.get(name)
    if (!column) {
      if (columns.size >= maximumColumns) return
      column = new Float64Array(capacity).fill(NaN)
      columns.set(name, column)
    }
    column[length] = value
    if (Number.isFinite(value)) return
    const rows = bad.get(name)
    if (rows) rows.push(length)
    else bad.set(name, [length])
  }
  const add = (prefix: string, value: unknown, depth: number) => {
    if (typeof value === 'number') set(prefix, value)
    else if (value === null && !nullMeansAbsent(prefix)) set(prefix, NaN)
    else if (typeof value === 'object' && value !== null && depth < 2)
      for (const [key, inner] of Object.entries(value)) add(prefix === '' ? key : `${prefix}.${key}`, inner, depth + 1)
  }
  return {
    get length() {
      return length
    },
    get names() {
      return [...columns.keys()]
    },
    column: (name) => columns.get(name)?.subarray(0, length) ?? null,
    notFinite: (name) => bad.get(name) ?? [],
    add(line) {
      if (length === capacity) {
        capacity *= 2
        for (const [name, column] of columns) {
          const wider = new Float64Array(capacity).fill(NaN)
          wider.set(column)
          columns.set(name, wider)
        }
      }
      // Top level: no prefix; one level below: by block.
      for (const [key, value] of Object.entries(line)) add(key, value, 1)
      length++
    },
    truncate(rows) {
      for (const column of columns.values()) column.fill(NaN, rows, length)
      for (const [name, list] of bad)
        bad.set(
          name,
          list.filter((row) => row < rows)
        )
      length = Math.min(length, rows)
    }
  }
}
