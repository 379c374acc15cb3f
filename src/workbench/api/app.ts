// app.*, settings.*, presets.*, spec.*: the application itself.
import type { JobResult } from '../../engine-process/messages'
import { precheckSpec } from '../../engine-process/precheck'
import { examine, freeBytes } from '../../engine-process/doctor'
import { ownVersion } from '../../engine-process/versions'
import { cores, preferLinalg } from '../../engine/linalg'
import { speedsSetting } from '../../shared/linalg-choice'
import { checkSpec } from '../../shared/spec/check'
import { allPresets } from '../../shared/spec/preset-list'
import type { WorkbenchContext } from '../context'
import { diagnosticsFiles, diagnosticsName, runsTold, zipOf } from '../diagnostics'
import { availableHere, estimateHere, learn } from '../estimates'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'
import { settingsFault } from '../settings'
import { requireSpec, type MetSpec } from '../specs'

type Names =
  | 'app.info'
  | 'app.doctor'
  | 'app.bench'
  | 'app.diagnostics'
  | 'settings.get'
  | 'settings.set'
  | 'presets.list'
  | 'spec.check'
  | 'spec.probe'

export function appHandlers(context: WorkbenchContext): HandlersOf<Names> {
  const { workspace, runs, settings, machine, jobs, shell, logs, session } = context
  return {
    async 'app.info'() {
      const { backend } = await machine.facts()
      return {
        version: ownVersion(),
        workspace: workspace.folder,
        platform: process.platform,
        backend,
        cores: cores(),
        backendByEnvironment: process.env.SADDLESCOPE_BACKEND || null,
        freeBytes: await freeBytes(workspace.folder),
        shell,
        demonstration: session.demonstration
      }
    },
    'app.doctor': () => examine(workspace.folder, settings.linalg()),
    async 'app.bench'() {
      if (jobs.list().some(({ kind, state }) => kind === 'backend-bench' && state === 'running'))
        throw new Failure('conflict', 'the backends are being measured already')
      const job = jobs.start({ name: 'backend-bench' }, 'Measuring the linear algebra', {
        onSpeeds: (speeds) => settings.set({ [speedsSetting]: speeds }).then(() => undefined)
      })
      return { job }
    },
    async 'app.diagnostics'() {
      const newest = runs.index.query({ sort: 'createdAt', descending: true, limit: runsTold }).rows.map(({ id }) => id)
      const doctor = await examine(workspace.folder, settings.linalg())
      const files = await diagnosticsFiles({ workspace, settings: settings.all(), doctor, shell, logs, runs: newest })
      const sizes = files.map(({ name, text }) => ({ name, bytes: Buffer.byteLength(text) }))
      return { name: diagnosticsName(new Date()), files: sizes, zip: zipOf(files) }
    },
    'settings.get': async () => ({ ...settings.all() }),
    async 'settings.set'({ values }) {
      const fault = settingsFault(values)
      if (fault !== null) throw new Failure('bad-request', fault)
      const before = JSON.stringify(settings.linalg())
      const after = await settings.set(values)
      if (JSON.stringify(settings.linalg()) !== before) {
        preferLinalg(settings.linalg())
        machine.forget()
      }
      return after
    },
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
