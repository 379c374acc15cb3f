// comparisons.*: named choices of runs with the view they were seen in, one small file each.
import { join } from 'node:path'
import { z } from 'zod'
import { readJson, requireId, slug, writeJson, type Workspace } from '../../store'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'

const comparisonSchema = z.looseObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  runs: z.array(z.string()),
  createdAt: z.string(),
  view: z.unknown()
})

const pathOf = (workspace: Workspace, id: string) => join(workspace.folder, 'comparisons', `${requireId(id, 'comparison id')}.json`)
const read = (workspace: Workspace, id: string) => readJson(workspace.fileSystem, pathOf(workspace, id), comparisonSchema)

async function idsOf(workspace: Workspace): Promise<string[]> {
  const names = await workspace.fileSystem.list(join(workspace.folder, 'comparisons')).catch(() => [])
  return names.flatMap((name) => /^([a-z0-9][a-z0-9-]*)\.json$/.exec(name)?.[1] ?? [])
}

function freeId(base: string, taken: readonly string[]): string {
  let id = base
  for (let number = 2; taken.includes(id); number++) id = `${base}-${number}`
  return id
}

type Names = 'comparisons.list' | 'comparisons.save' | 'comparisons.get' | 'comparisons.remove'

export function comparisonHandlers({ workspace }: WorkbenchContext): HandlersOf<Names> {
  const require = async (id: string) => {
    const found = await read(workspace, id)
    if (!found) throw new Failure('not-found', `there is no comparison "${id}"`)
    return found
  }
  return {
    async 'comparisons.list'() {
      const list = []
      for (const id of await idsOf(workspace)) {
        const found = await read(workspace, id).catch(() => null)
        if (found) list.push({ id, name: found.name, runs: found.runs, createdAt: found.createdAt })
      }
      return list.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    },
    async 'comparisons.save'({ id: given, name, runs, view }) {
      const taken = await idsOf(workspace)
      const id = given ?? freeId(slug(name), taken)
      const before = taken.includes(id) ? await read(workspace, id) : null
      const createdAt = before?.createdAt ?? new Date().toISOString()
      await writeJson(workspace.fileSystem, pathOf(workspace, id), { schemaVersion: 1, name, runs, createdAt, view })
      return { id }
    },
    async 'comparisons.get'({ id }) {
      const { name, runs, view } = await require(id)
      return { id, name, runs, view }
    },
    async 'comparisons.remove'({ id }) {
      await require(id)
      await workspace.fileSystem.remove(pathOf(workspace, id))
      return {}
    }
  }
}
