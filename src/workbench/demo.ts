// The first start does the main job: an empty workspace trains the demonstration by itself and tells people how it goes.
import { Mutex } from 'async-mutex'
import { presetInfo } from '../shared/spec/preset-list'
import type { RunEvent } from '../shared/api/contract'
import type { SnapshotManifest } from '../shared/run/schema'
import { readManifest, runFolder, snapshotSteps } from '../store'
import type { Workbench } from './index'
import { channelOf } from './serve-connection'

const demoPreset = 'sfn-mnist10'

/** How large a check's figure may be: rounding, nothing more. */
const limits = { symmetry: 1e-10, trace: 1e-10, residual: 1e-8 } as const

export interface Demo {
  readonly id: string
  /** Resolves when the run has ended and has been told of. */
  readonly told: Promise<void>
}

function figure(value: number | undefined, width: number): string {
  if (value === undefined || Number.isNaN(value)) return '·'.padStart(width)
  const size = Math.abs(value)
  return (value !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toPrecision(4)).padStart(width)
}

/** One sentence on the checks of a spectrum. */
export function checkSentence(manifest: SnapshotManifest): string {
  const worst = Object.keys(limits).map((check) => {
    const name = check as keyof typeof limits
    const figures = manifest.blocks.flatMap(({ checks }) => checks[name] ?? [])
    return { name, figure: figures.length === 0 ? null : Math.max(...figures), limit: limits[name] }
  })
  const words = worst.map(({ name, figure: value }) => `${name} ${value === null ? 'not applicable' : value.toExponential(1)}`)
  const failed = worst.filter(({ figure: value, limit }) => value !== null && !(value <= limit))
  const verdict = failed.length === 0 ? 'passed' : `FAILED for ${failed.map(({ name }) => name).join(', ')}`
  return `checks of the spectrum at step ${manifest.step} ${verdict}: ${words.join(', ')}`
}

/** Writes a line a step, in order and without gaps, until the run ends; then where it is and what its checks say. */
export function tellOfRun(workbench: Workbench, id: string, write: (text: string) => void): Promise<void> {
  const { context, hub, workspace, runs } = workbench
  let told = 0
  const reading = new Mutex()

  async function tellNewSteps() {
    const { steps, columns } = await context.metrics.read(id, { columns: ['loss', 'lambdaMin', 'index'], from: told + 1 })
    steps.forEach((step, row) => {
      if (told === 0 && row === 0) write('   step        loss       λ_min     index')
      write(
        `${String(step).padStart(7)} ${figure(columns.loss?.[row], 11)} ${figure(columns.lambdaMin?.[row], 11)} ${figure(columns.index?.[row], 9)}`
      )
    })
    told = steps[steps.length - 1] ?? told
  }

  async function tellEnd() {
    const summary = await runs.refreshOne(id)
    if (!summary) return
    write(`${summary.state} after step ${summary.step}${summary.error ? ` (${summary.error})` : ''}; saved in ${runFolder(workspace, id)}`)
    const last = (await snapshotSteps(workspace, id)).at(-1)
    if (last !== undefined) write(checkSentence(await readManifest(workspace, { run: id, step: last })))
  }

  return new Promise((resolve) => {
    const queueReading = () => reading.runExclusive(tellNewSteps).catch(() => undefined)
    const end = hub.subscribe(channelOf('run', id), null, ({ event }) => {
      const news = event as RunEvent | null
      if (news?.kind === 'step') void queueReading()
      if (news?.kind !== 'state' || runs.isActive(id) || ['queued', 'running'].includes(news.summary.state)) return
      end()
      void queueReading()
        .then(tellEnd)
        .then(resolve, () => resolve())
    })
  })
}

/** Trains the demonstration when the workspace has no run at all. Null when it has. */
export async function startDemoIfEmpty(workbench: Workbench, write: (text: string) => void): Promise<Demo | null> {
  const { runs } = workbench
  if (runs.index.all().length > 0) return null
  const preset = await presetInfo(demoPreset)
  if (!preset) throw new Error(`the preset ${demoPreset} is missing`)
  const id = await runs.create(preset.specs[0], null)
  write(`first start: training ${demoPreset}: ${preset.title}, ${preset.cost}`)
  const told = tellOfRun(workbench, id, write)
  await runs.start(id)
  return { id, told }
}
