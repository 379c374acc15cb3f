// The basins of a function of two variables over a rectangle, one pass of coarse to fine: what the playground draws under its trajectories.
import { axisValues } from '../../../shared/analyses/map-axes'
import { map, type BasinPixels } from '../../../shared/analyses/map'
import type { OptimizerSpec } from '../../../shared/spec/schema'
import { functionDefinition } from '../../functions/list'
import { cores } from '../../linalg'
import { initialState } from '../../training'
import { playSpec } from '../../training/play'
import { computeTiles } from './team'
import { tilesOf } from './tiles'

export interface BasinPass {
  readonly function: string
  readonly optimizer: OptimizerSpec
  /** Left, right, bottom, top: edges of the picture. */
  readonly view: readonly [number, number, number, number]
  readonly columns: number
  readonly rows: number
  readonly steps: number
  /** 8, 4, 2 or 1: the pixels that this pass adds to those of the larger ones. */
  readonly stride: number
  readonly signal: AbortSignal
}

const { tolerance, merge, escape } = map.options.parse({})

/** Rejects with one sentence for a function of other than two variables, and with the signal's reason. */
export async function basinPass({
  function: name,
  optimizer,
  view,
  columns,
  rows,
  steps,
  stride,
  signal
}: BasinPass): Promise<BasinPixels> {
  const { variables } = functionDefinition({ function: name, variables: null, start: null })
  if (variables.length !== 2) throw new Error(`basins are drawn of functions of two variables; ${name} has ${variables.length}`)
  const spec = playSpec({ function: name, optimizers: [optimizer], steps }, optimizer)
  const axis = (k: 0 | 1, count: number) => {
    const [from, to] = [view[2 * k], view[2 * k + 1]]
    const half = (to - from) / count / 2
    const values = axisValues({ scale: 'linear', count }, [from + half, to - half])
    return { path: `start.${variables[k]}`, values, direction: Float64Array.of(1 - k, k) }
  }
  const walk = {
    spec,
    of: 'basin' as const,
    steps,
    tolerance,
    escape,
    x: axis(0, columns),
    y: axis(1, rows),
    state: initialState(spec, new Float64Array(2)),
    data: null
  }
  const tiles = tilesOf(columns, rows, 16).filter((tile) => tile.stride === stride)
  const found = { pixels: [] as number[], outcomes: [] as number[], steps: [] as number[], centres: [] as number[] }
  await computeTiles({ walk, columns, merge }, tiles, {
    threads: cores(),
    signal,
    known: async () => null,
    keep: async () => undefined,
    take({ tile, values, outcomes, centres }) {
      const before = found.centres.length / 3
      for (const [k, pixel] of tiles[tile].pixels.entries()) {
        found.pixels.push(pixel)
        found.outcomes.push(outcomes[k] > 0 ? before + outcomes[k] : outcomes[k])
        found.steps.push(values[k])
      }
      for (let at = 0; at < centres.length; at += 3) found.centres.push(centres[at + 1], centres[at + 2], centres[at])
    }
  })
  return {
    pixels: Float64Array.from(found.pixels),
    outcomes: Float64Array.from(found.outcomes),
    steps: Float64Array.from(found.steps),
    centres: Float64Array.from(found.centres)
  }
}
