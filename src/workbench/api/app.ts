// app.*, settings.*, presets.*, spec.*: the application itself.
import { precheckSpec } from '../../engine-process/precheck'
import { examine, freeBytes } from '../../engine-process/doctor'
import { ownVersion } from '../../engine-process/versions'
import { checkSpec } from '../../shared/spec/check'
import { estimate, type SpecEstimate } from '../../shared/run/estimate'
import { allPresets } from '../../shared/spec/preset-list'
import type { SpecProblem } from '../../shared/spec/problem'
import type { WorkbenchContext } from '../context'
import type { HandlersOf } from '../router'

type Names = 'app.info' | 'app.doctor' | 'settings.get' | 'settings.set' | 'presets.list' | 'spec.check'

export function appHandlers({ workspace, settings, machine, shell }: WorkbenchContext): HandlersOf<Names> {
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
      const { spec, problems } = await checkSpec(input)
      if (!spec) return { spec: null, problems: [...problems], estimate: null }
      const met = await precheckSpec(workspace, spec)
      const { gflops } = await machine.facts()
      const { data, variables } = met.facts
      const found: { spec: typeof spec | null; problems: SpecProblem[]; estimate: SpecEstimate | null } = {
        spec: met.problems.length === 0 ? spec : null,
        problems: [...met.problems],
        estimate: estimate(spec, { data, gflops, ...(variables === null ? {} : { variables }) })
      }
      return found
    }
  }
}
