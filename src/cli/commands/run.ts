// `run SPEC.json | PRESET`: makes a run and trains it to its budget.
import { versions } from '../../engine-process/versions'
import type { RunSpec } from '../../shared/spec/schema'
import { presetNames } from '../../shared/spec/preset-list'
import { isFunctionSpec } from '../../shared/spec/schema'
import { createRun, openRunIndex } from '../../store'
import { say, userFolder, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError } from '../ending'
import { requireFit, requireRoom } from '../require-fit'
import { specsOf } from '../spec-source'
import { trainHere } from '../train'

interface RunOptions extends WorkspaceOptions {
  readonly set: readonly string[]
  readonly id?: string
  readonly force?: boolean
}

function lineageOf(spec: RunSpec) {
  if (isFunctionSpec(spec) || spec.model.init.kind !== 'run') return null
  return { run: spec.model.init.run, step: spec.model.init.step }
}

/** Several specs (as of a preset that compares) run one after the other in one group; the worst exit status counts. */
export async function run(argument: string, options: RunOptions): Promise<number> {
  const { specs, group } = await specsOf(argument, options.set)
  if (options.id !== undefined && specs.length > 1)
    throw new UsageError(`--id: ${argument} makes ${specs.length} runs, which need ids of their own`)
  const workspace = await writableWorkspace(options)
  const fitting = []
  for (const spec of specs) fitting.push({ spec, facts: await requireFit(workspace, spec) })
  if (!options.force) await requireRoom(workspace, fitting)
  const index = await openRunIndex(workspace)
  let status = 0
  for (const [place, spec] of specs.entries()) {
    const id = await createRun(workspace, spec, {
      ...(options.id === undefined ? {} : { id: options.id }),
      group: specs.length > 1 ? group : null,
      colour: index.freeColour(),
      lineage: lineageOf(spec),
      versions: versions(),
      inputsFrom: userFolder(),
      origin: `on the command line from ${presetNames.includes(argument) ? 'the preset' : 'the file'} ${argument}${options.set.length === 0 ? '' : ` with ${options.set.join(', ')}`}`
    })
    await index.touch(id)
    if (specs.length > 1 && !options.json) say(`${place > 0 ? '\n' : ''}${place + 1} of ${specs.length}: ${spec.name}`)
    const result = await trainHere(workspace, id, { json: options.json })
    if (result === 130) return result
    status = Math.max(status, result)
  }
  return status
}
