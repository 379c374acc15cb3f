// app.*, settings.*, presets.*, spec.*: the application itself.
import type { JobResult } from '../../engine-process/messages'
import { precheckSpec } from '../../engine-process/precheck'
import { examine, freeBytes } from '../../engine-process/doctor'
import { ownVersion } from '../../engine-process/versions'
import { checkSpec } from '../../shared/spec/check'
import { allPresets } from '../../shared/spec/preset-list'
import type { WorkbenchContext } from '../context'
import { availableHere, estimateHere, learn } from '../estimates'
import type { HandlersOf } from '../router'
import { requireSpec, type MetSpec } from '../specs'

type Names = 'app.info' | 'app.doctor' | 'settings.get' | 'settings.set' | 'presets.list' | 'spec.check' | 'spec.probe'

export function appHandlers(context: WorkbenchContext): HandlersOf<Names> {
  const { workspace, settings, machine, jobs, shell } = context
  return {
    async 'app.info'() {
      const { backend } = await machine.facts()
      return {
        version: ownVersion(),
        workspace: workspace.folder,
        platform: process.platform,
        backend,
        freeBytes: await freeBytes(workspace.folder),
        shell
      }
    },
    'app.doctor': () => examine(workspace.folder),
    'settings.get': async () => ({ ...settings.all() }),
    'settings.set': ({ values }) => settings.set(values),
    'presets.list': () => allPresets(),
    async 'spec.check'({ spec: input }) {
      const { spec, problems, parsed } = await checkSpec(input)
      const available = await availableHere(context)
      if (!parsed) return { spec: null, problems, estimate: null, data: null, available }
      const met = await precheckSpec(workspace, parsed)
      const all = [...problems, ...met.problems.filter(({ path }) => !problems.some((known) => known.path === path))]
      return {
        spec: all.length === 0 ? spec : null,
        problems: all,
        estimate: problems.length === 0 ? await estimateHere(context, parsed, met.facts) : null,
        data: met.facts.data,
        available
      }
    },
    async 'spec.probe'({ specs }) {
      const checked: MetSpec[] = []
      for (const input of specs) checked.push(await requireSpec(context, input))
      const title = `Measuring ${checked.length === 1 ? checked[0].spec.name || 'a spec' : `${checked.length} specs`}`
      const keep = async (results: JobResult) => {
        for (const [place, { spec, facts }] of checked.entries()) await learn(context, spec, facts, results[place])
      }
      const job = jobs.start({ name: 'spec-probe', specs: checked.map(({ spec }) => spec) }, title, {
        onResult: (results) => void keep(results).catch(() => undefined)
      })
      return { job }
    }
  }
}
