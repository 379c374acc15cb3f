// Where the columns of a network's picture stand: as many beside each other as there is room for, the rest in further rows. Pure.

export interface Place {
  /** Middle of the column. */
  readonly x: number
  /** Top of its row. */
  readonly y: number
  /** It begins a row below another one: its arrow comes from the edge. */
  readonly continues: boolean
}

export interface Arrangement {
  readonly places: readonly Place[]
  readonly width: number
  readonly height: number
  /** From column to column. */
  readonly step: number
}

const narrowest = 92
const widest = 124
/** Room for the shape of the weights before the first column of a further row. */
const margin = 34

export function arrange(count: number, room: number, rowHeight: number): Arrangement {
  const one = Math.min(widest, Math.max(narrowest, room / Math.max(1, count)))
  if (count * one <= Math.max(room, one)) {
    const places = Array.from({ length: count }, (_, i) => ({ x: (i + 0.5) * one, y: 0, continues: false }))
    return { places, width: count * one, height: rowHeight, step: one }
  }
  const perRow = Math.max(1, Math.floor((room - margin) / narrowest))
  const rows = Math.ceil(count / perRow)
  // Rows of nearly the same length.
  const each = Math.ceil(count / rows)
  const step = Math.min(widest, Math.max(narrowest, (room - margin) / each))
  const places = Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / each)
    return { x: margin + ((i % each) + 0.5) * step, y: row * rowHeight, continues: row > 0 && i % each === 0 }
  })
  return { places, width: margin + each * step, height: rows * rowHeight, step }
}

/** At most two lines of so many characters, broken at spaces where there are any; what is left ends in …. */
export function twoLines(text: string, most: number): string[] {
  if (text.length <= most) return [text]
  const space = text.lastIndexOf(' ', most)
  const cut = space > most / 3 ? space : most
  const rest = text.slice(cut).trim()
  return [text.slice(0, cut).trim(), rest.length <= most ? rest : `${rest.slice(0, most - 1)}…`]
}
