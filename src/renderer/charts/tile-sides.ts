// What the rows and columns of a shown matrix are: their names, what is stored at each place, and where layers and units begin.
import type { ModelShape } from '../../shared/model/layout'
import {
  inputParts,
  layerParts,
  parameterIndex,
  parameterName,
  piecesOf,
  placesIn,
  unitOrder,
  unitParts,
  type LayerPiece,
  type Part
} from '../../shared/model/pieces'
import type { MatrixOrder } from '../../shared/run/matrix'

interface Sides<Each> {
  readonly rows: Each
  readonly columns: Each
}

export interface MatrixSides {
  readonly rowName: (place: number) => string
  readonly columnName: (place: number) => string
  readonly rowLabel: string
  readonly columnLabel: string
  readonly layers: Sides<readonly Part[]>
  /** Finer: units in the order by unit, inputs as stored. */
  readonly groups: Sides<readonly Part[]>
  /** What the groups are, for people; null where there are none. */
  readonly groupName: 'units' | 'inputs' | null
  /** Index in the file of what stands at a place. */
  readonly stored: (place: number) => number
  readonly place: (stored: number) => number
  /** Place of a row or column by what a person types: an index as stored, or a weight's name; else one sentence. */
  readonly find: (side: 'row' | 'column', text: string) => number | { readonly fault: string }
  /** In characters. */
  readonly longestName: number
}

export interface SidedMatrix {
  readonly rows: number
  readonly columns: number
  readonly units: number
  readonly model: ModelShape | null
  readonly block: string
}

function longest(pieces: readonly LayerPiece[] | null, size: number): number {
  if (!pieces) return `#${size - 1}`.length
  return Math.max(...pieces.map(({ name, inputs, columns }) => `${name}[${inputs - 1}, ${columns - 1}]`.length))
}

function found(text: string, side: string, size: number, named: () => number | { readonly fault: string }) {
  const trimmed = text.trim()
  if (trimmed === '') return { fault: `Give a ${side}: a number from 0 to ${size - 1}, or a weight such as W1[3, 5].` }
  if (/^[+-]?\d+$/.test(trimmed)) {
    const index = Number(trimmed)
    return index >= 0 && index < size ? index : { fault: `There is no ${side} ${trimmed}: they are 0 to ${size - 1}.` }
  }
  if (/^[+-]?[\d.e]+$/i.test(trimmed)) return { fault: `${trimmed} is no whole number: ${side}s are 0 to ${size - 1}.` }
  const index = named()
  if (typeof index === 'number') return index
  return { fault: `${index.fault.charAt(0).toUpperCase()}${index.fault.slice(1)}.` }
}

/** Blocks of single units lie one below the other: row u·size + i is weight i of unit u, and column c weight c of the same unit. */
function unitBlockSides({ rows, columns: size, units, model, block }: SidedMatrix): MatrixSides {
  const pieces = model && piecesOf(model, block, size * units)
  const [piece] = pieces ?? []
  const nameOf = (unit: number, within: number) => parameterName(pieces, within * units + unit)
  const columnName = (place: number) => {
    if (!piece) return `#${place}`
    return place < piece.inputs ? `${piece.name}[${place}, ·]` : piece.name.replace('W', 'b')
  }
  const layers = Array.from({ length: units }, (_, unit) => ({ at: unit * size, name: `unit ${unit}` }))
  return {
    rowName: (place) => nameOf(Math.floor(place / size), place % size),
    columnName,
    rowLabel: 'row (units one below the other)',
    columnLabel: 'column within the unit',
    layers: { rows: layers, columns: [] },
    groups: { rows: [], columns: [] },
    groupName: null,
    stored: (place) => place,
    place: (stored) => stored,
    find(side, text) {
      return found(text, side, side === 'row' ? rows : size, () => {
        const index = parameterIndex(pieces, text)
        if (typeof index !== 'number') return index
        const within = Math.floor(index / units)
        return side === 'row' ? (index % units) * size + within : within
      })
    },
    longestName: longest(pieces, rows)
  }
}

export function matrixSides(matrix: SidedMatrix, order: MatrixOrder): MatrixSides {
  if (matrix.units > 1) return unitBlockSides(matrix)
  const { columns: size, model, block } = matrix
  const pieces = model && piecesOf(model, block, size)
  const byUnit = order === 'unit' && pieces ? unitOrder(pieces) : null
  const places = byUnit && placesIn(byUnit)
  const stored = (place: number) => (byUnit ? byUnit[place] : place)
  const name = (place: number) => parameterName(pieces, stored(place))
  const layers = pieces ? layerParts(pieces) : []
  const groups = pieces ? (byUnit ? unitParts(pieces) : inputParts(pieces)) : []
  return {
    rowName: name,
    columnName: name,
    rowLabel: byUnit ? 'row, by unit' : 'row',
    columnLabel: byUnit ? 'column, by unit' : 'column',
    layers: { rows: layers, columns: layers },
    groups: { rows: groups, columns: groups },
    groupName: pieces ? (byUnit ? 'units' : 'inputs') : null,
    stored,
    place: (index) => (places ? places[index] : index),
    find(side, text) {
      const index = found(text, side, size, () => parameterIndex(pieces, text))
      return typeof index === 'number' ? (places ? places[index] : index) : index
    },
    longestName: longest(pieces, size)
  }
}
