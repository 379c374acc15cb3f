// The levels of a matrix's overview pyramid: each halves the one before, until one fits a tile.

export const tileSize = 512

export interface Level {
  readonly rows: number
  readonly columns: number
  /** First entry of the level in the overview file's flat array. */
  readonly offset: number
}

/** Levels 1, 2, … of a matrix: at least one, until a level fits one tile. Level 0 is the matrix itself and not in the overview. */
export function overviewLevels(rows: number, columns: number): Level[] {
  const levels: Level[] = []
  let offset = 0
  for (let r = rows, c = columns; levels.length === 0 || Math.max(r, c) > tileSize;) {
    r = Math.ceil(r / 2)
    c = Math.ceil(c / 2)
    levels.push({ rows: r, columns: c, offset })
    offset += r * c
  }
  return levels
}

/** Entries of the whole overview. */
export function overviewCount(levels: readonly Level[]): number {
  const last = levels[levels.length - 1]
  return last.offset + last.rows * last.columns
}
