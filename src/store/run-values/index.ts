// Values of table columns for many runs: fields of spec.json and metrics at a place, remembered while the file stays the same.
import { z } from 'zod'
import { specFields, type MetricPlace, type RunColumn, type RunValue } from '../../shared/run/column'
import { readJson } from '../files'
import { metricsService } from '../metrics'
import { metricsPath, runFolder, specPath } from '../run-folder'
import type { Workspace } from '../workspace'
import { valueAt, type PlacedValue } from './place'

export { valueAt } from './place'

export interface ColumnValues {
  /** In the order of the runs asked for. */
  readonly values: readonly RunValue[]
  /** Of metrics: the step that each value is from. */
  readonly steps: readonly (number | null)[] | null
}

export interface RunFields {
  readonly paths: readonly string[]
  readonly metrics: readonly string[]
}

export interface RunValues {
  /** A run that is gone or cannot be read has no values. */
  read(ids: readonly string[], columns: readonly RunColumn[]): Promise<ColumnValues[]>
  /** What there is to choose from in these runs. */
  fields(ids: readonly string[]): Promise<RunFields>
}

interface Remembered {
  readonly stamp: string
  readonly values: Map<string, PlacedValue>
}

/** Runs whose values are remembered; a value is a few dozen bytes. */
const mostRemembered = 20_000
const none: PlacedValue = { value: null, step: null }

const keyOf = (name: string, at: MetricPlace) => `${name} ${typeof at === 'string' ? at : at.step}`

export function runValues(workspace: Workspace): RunValues {
  const { fileSystem } = workspace
  // Of its own: reading through all runs must not push out what the screens look at.
  const metrics = metricsService(workspace, 4)
  const remembered = new Map<string, Remembered>()

  async function specOf(id: string): Promise<ReadonlyMap<string, RunValue>> {
    const spec = await readJson(fileSystem, specPath(runFolder(workspace, id)), z.unknown()).catch(() => null)
    return spec === null ? new Map() : specFields(spec)
  }

  async function memoryOf(id: string): Promise<Remembered> {
    const info = await fileSystem.info(metricsPath(runFolder(workspace, id))).catch(() => null)
    const stamp = info ? `${info.modified} ${info.bytes} ${info.identity}` : ''
    const known = remembered.get(id)
    const memory = known?.stamp === stamp ? known : { stamp, values: new Map<string, PlacedValue>() }
    remembered.delete(id)
    remembered.set(id, memory)
    for (const old of remembered.keys()) if (remembered.size > mostRemembered) remembered.delete(old)
    return memory
  }

  async function metricsOf(id: string, wanted: readonly { name: string; at: MetricPlace }[]): Promise<PlacedValue[]> {
    if (wanted.length === 0) return []
    const { values } = await memoryOf(id)
    const missing = wanted.filter(({ name, at }) => !values.has(keyOf(name, at)))
    if (missing.length > 0) {
      const { steps, columns } = await metrics.read(id, { columns: [...new Set(missing.map(({ name }) => name))] })
      for (const { name, at } of missing) values.set(keyOf(name, at), columns[name] ? valueAt(steps, columns[name], at) : none)
    }
    return wanted.map(({ name, at }) => values.get(keyOf(name, at)) ?? none)
  }

  return {
    async read(ids, columns) {
      const wanted = columns.flatMap((column) => (column.kind === 'metric' ? [column] : []))
      const needsSpec = columns.some(({ kind }) => kind === 'spec')
      const answer = columns.map(({ kind }) => ({ values: [] as RunValue[], steps: kind === 'metric' ? ([] as (number | null)[]) : null }))
      for (const id of ids) {
        const spec = needsSpec ? await specOf(id) : null
        const found = await metricsOf(id, wanted).catch(() => wanted.map(() => none))
        let next = 0
        for (const [place, column] of columns.entries()) {
          const { values, steps } = answer[place]
          const placed = column.kind === 'metric' ? found[next++] : { value: spec?.get(column.path) ?? null, step: null }
          values.push(placed.value)
          steps?.push(placed.step)
        }
      }
      return answer
    },
    async fields(ids) {
      const paths = new Set<string>()
      const names = new Set<string>()
      for (const id of ids) {
        for (const path of (await specOf(id)).keys()) paths.add(path)
        const table = await metrics.read(id, { columns: [], pixels: 1 }).catch(() => null)
        for (const name of table?.available ?? []) names.add(name)
      }
      return { paths: [...paths], metrics: [...names] }
    }
  }
}
