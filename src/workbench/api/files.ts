// What comes into the workspace from files and goes out to them: datasets.import and .remove, runs.import and .export.
import { basename } from 'node:path'
import { runFolder } from '../../store'
import { removeDataset } from '../../store/datasets'
import { dropUpload, recognizePath } from '../../store/transfer'
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import { requireReadable, requireWritable } from '../given-path'
import type { HandlersOf } from '../router'

type Names =
  | 'files.recognize'
  | 'files.discard'
  | 'arrays.inspect'
  | 'datasets.inspect'
  | 'datasets.import'
  | 'datasets.remove'
  | 'runs.import'
  | 'runs.export'

export function fileHandlers({ workspace, jobs, runs, shell, storage }: WorkbenchContext): HandlersOf<Names> {
  return {
    async 'files.recognize'({ paths }) {
      const found = []
      // One after another: a hundred folders at once would hold up everything else.
      for (const path of paths) found.push({ path, ...(await recognizePath(workspace.fileSystem, path)) })
      return found
    },

    async 'files.discard'({ path }) {
      await dropUpload(workspace, path)
      storage.changed()
      return {}
    },

    async 'arrays.inspect'({ path }) {
      await requireReadable(workspace.fileSystem, path)
      return { job: jobs.start({ name: 'array-inspect', path }, `Look at ${basename(path)}`) }
    },

    async 'datasets.inspect'({ path, ...csv }) {
      await requireReadable(workspace.fileSystem, path)
      return { job: jobs.start({ name: 'dataset-inspect', path, csv }, `Look at ${basename(path)}`) }
    },

    async 'datasets.import'({ path, id, fingerprint, ...csv }) {
      await requireReadable(workspace.fileSystem, path)
      const job = { name: 'dataset-import', path, id: id ?? null, csv, ...(fingerprint ? { fingerprint } : {}) } as const
      return {
        job: jobs.start(job, `Import ${basename(path)}`, {
          async onEnd() {
            await dropUpload(workspace, path)
            storage.changed()
          }
        })
      }
    },

    async 'datasets.remove'({ id }) {
      await runs.refresh()
      const users = runs.index.query({ filter: '', sort: 'createdAt', descending: true, offset: 0, limit: 20_000 }).rows
      const using = users.filter((run) => run.dataset === id).map(runs.withLive)
      const busy = using.filter(({ state }) => state === 'running' || state === 'queued')
      if (busy.length > 0) {
        const [{ id: first, state }] = busy
        const more = busy.length === 1 ? '' : ` and ${busy.length - 1} more`
        throw new Failure(
          'conflict',
          `dataset ${id} is in use: run "${first}"${more} ${busy.length === 1 ? `is ${state}` : 'are running or queued'}; stop it first`
        )
      }
      const bytes = await removeDataset(workspace, id)
      storage.changed()
      return { bytes, runs: using.map((run) => run.id) }
    },

    async 'runs.import'({ path }) {
      await requireReadable(workspace.fileSystem, path)
      return {
        job: jobs.start({ name: 'run-import', path }, `Import ${basename(path)}`, {
          async onEnd(_state, made) {
            await dropUpload(workspace, path)
            storage.changed()
            if (made) await runs.refreshOne(made.id)
          }
        })
      }
    },

    async 'runs.export'({ id, file, out }) {
      if (shell !== 'electron')
        throw new Failure('bad-request', `in a browser a run is downloaded: /files/exports/${id}, or /files/runs/${id}/<file>`)
      await requireWritable(workspace.folder, out)
      if (!runs.summary(id)) throw new Failure('not-found', `there is no run "${id}"`)
      runFolder(workspace, id)
      return { job: jobs.start({ name: 'run-export', run: id, file, out }, `Export ${file ?? id}`) }
    }
  }
}
