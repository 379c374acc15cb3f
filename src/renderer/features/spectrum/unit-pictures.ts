// The input weights of a layer's units as pictures, plane by plane.
import type { UnitPatterns } from '../../../shared/api/contract'
import { formatCount, formatNumber } from '../../app/format'

export interface UnitPictures {
  readonly height: number
  readonly width: number
  /** By unit, by plane: height × width. */
  readonly units: readonly (readonly Float64Array[])[]
  readonly left: number
  /** Drawn in units of their own, not of the vector's entries. */
  readonly projected: boolean
}

/** Height, width and planes of pictures of `inputs` numbers; null when they are no pictures. */
export function imageShape(shape: readonly number[], inputs: number): { channels: number; height: number; width: number } | null {
  const all = shape.reduce((whole, length) => whole * length, 1)
  if (all !== inputs) return null
  if (shape.length === 3) return { channels: shape[0], height: shape[1], width: shape[2] }
  if (shape.length === 2) return { channels: 1, height: shape[0], width: shape[1] }
  const side = Math.round(Math.sqrt(inputs))
  return side * side === inputs ? { channels: 1, height: side, width: side } : null
}

export function unitPictures({ patterns, units, shape, projections }: UnitPatterns, all: number): UnitPictures | null {
  const size = imageShape(shape, patterns.length / units)
  if (!size) return null
  const area = size.height * size.width
  const planes = (unit: number) =>
    Array.from({ length: size.channels }, (_, plane) =>
      patterns.slice((unit * size.channels + plane) * area, (unit * size.channels + plane + 1) * area)
    )
  return {
    height: size.height,
    width: size.width,
    units: Array.from({ length: units }, (_, unit) => planes(unit)),
    left: all - units,
    projected: projections.length > 0
  }
}

/** What is drawn, in words. */
export function picturesText({ projections, scale }: UnitPatterns, { height, width, units }: UnitPictures): string {
  const planes = units[0].length === 1 ? '' : units[0].length === 3 ? ' in red, green, blue' : ` in ${units[0].length} channels`
  const size = `${height} × ${width}${planes}`
  if (projections.length === 0) return `input weights of each unit, ${size}`
  const chain = projections.map(({ rows, columns }) => `${formatCount(rows)} → ${formatCount(columns)}`).join(', then ')
  const worth = Number.isInteger(1 / scale) ? `1/${formatCount(1 / scale)}` : formatNumber(scale, 4)
  return `Pᵀw of each unit, ${size}: its weights w taken back through the random projection P (${chain}) to the inputs before it; 1 of a stored pixel value counts ${worth} there`
}
