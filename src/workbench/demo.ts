// The first start does the main job: an empty workspace trains the demonstration by itself and tells people how it goes.
import { Mutex } from 'async-mutex'
import { guideOf, guideSetting, type Guide } from '../shared/guide'
import { presetInfo } from '../shared/spec/preset-list'
import type { RunEvent } from '../shared/api/contract'
import { figure } from '../shared/format/figures'
import { checkRows, verdict } from '../shared/run/checks'
import type { SnapshotManifest } from '../shared/run/schema'
import { readManifest, runFolder, snapshotSteps } from '../store'
import type { Workbench } from './index'
import { channelOf } from './serve-connection'

const demoPreset = 'sfn-mnist10'

/** The checks whose figures are always told; others only when they fail. */
const told: readonly string[] = ['symmetry', 'trace', 'residual']

export interface Demo {
  readonly id: string
  /** Resolves when the run has ended and has been told of. */
  readonly told: Promise<void>
}

function cell(value: number | undefined, width: number): string {
  const text = value === 0 ? value.toPrecision(4) : figure(Number.isNaN(value) ? null : value)
  return text.padStart(width)
}

/** One sentence on the checks of a spectrum. */
export function checkSentence(manifest: SnapshotManifest): string {
  const rows = manifest.blocks.flatMap(({ checks, size }) => checkRows(checks, size, manifest.precision))
  const checks = [...new Set(rows.map(({ check }) => check))].map((check) => {
    const own = rows.filter((row) => row.check === check)
    const values = own.flatMap(({ value }) => value ?? [])
    return {
      check,
      name: own[0].name.toLowerCase(),
      worst: values.length === 0 ? 'not applicable' : Math.max(...values).toExponential(1),
      ok: own.every((row) => row.ok)
    }
  })
  const failed = checks.filter(({ ok }) => !ok)
  const outcome = verdict(rows) === 'failed' ? `FAILED for ${failed.map(({ name }) => name).join(', ')}` : 'passed'
  const words = checks.flatMap(({ check, name, worst, ok }) => (told.includes(check) || !ok ? [`${name} ${worst}`] : []))
  return `checks of the spectrum at step ${manifest.step} ${outcome}: ${words.join(', ')}`
}

/** Writes a line a step, in order and without gaps, until the run ends; then where it is and what its checks say. */
function tellOfRun(workbench: Workbench, id: string, write: (text: string) => void): Promise<void> {
  const { context, hub, workspace, runs } = workbench
  let told = 0
  const reading = new Mutex()

  async function tellNewSteps() {
    const { steps, columns } = await context.metrics.read(id, { columns: ['loss', 'lambdaMin', 'index'], from: told + 1 })
    steps.forEach((step, row) => {
      if (told === 0 && row === 0) write('   step        loss       λ_min     index')
      write(
        `${String(step).padStart(7)} ${cell(columns.loss?.[row], 11)} ${cell(columns.lambdaMin?.[row], 11)} ${cell(columns.index?.[row], 9)}`
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
  const { runs, context } = workbench
  if (runs.index.all().length > 0) return null
  const preset = await presetInfo(demoPreset)
  if (!preset) throw new Error(`the preset ${demoPreset} is missing`)
  const id = await runs.create(preset.specs[0], null)
  const guide: Guide = { run: id, closed: guideOf(context.settings.all())?.closed ?? false }
  // A guide that cannot be kept is no reason not to train.
  await context.settings.set({ [guideSetting]: guide }).catch(() => undefined)
  // Last: a page that learns of the demonstration opens it, and its guide has to be known then.
  context.session.demonstration = id
  write(`first start: training ${demoPreset}: ${preset.title}, ${preset.cost}`)
  const told = tellOfRun(workbench, id, write)
  await runs.start(id)
  return { id, told }
}
