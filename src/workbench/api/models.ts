// Networks from elsewhere: models.inspect and models.import.
import { basename } from 'node:path'
import { inspectModel } from '../../store/models'
import { dropUpload } from '../../store/transfer'
import type { WorkbenchContext } from '../context'
import { requireReadable } from '../given-path'
import type { HandlersOf } from '../router'

export function modelHandlers({ workspace, jobs, runs, storage }: WorkbenchContext): HandlersOf<'models.inspect' | 'models.import'> {
  return {
    async 'models.inspect'({ path, order }) {
      await requireReadable(workspace.fileSystem, path)
      return inspectModel(workspace.fileSystem, path, order)
    },

    async 'models.import'(order) {
      const { path, dataset } = order
      await requireReadable(workspace.fileSystem, path)
      if (typeof dataset !== 'string') await requireReadable(workspace.fileSystem, dataset.path, 'dataset.path')
      for (const [place, transform] of (order.transforms ?? []).entries())
        if (transform.kind === 'random-projection' && transform.matrix !== null)
          await requireReadable(workspace.fileSystem, transform.matrix, `transforms.${place}.matrix`)
      return {
        job: jobs.start({ name: 'model-import', order }, `Import ${basename(path)}`, {
          async onEnd(state, made) {
            // What was refused stays, to be tried again with other answers.
            if (state === 'done') {
              await dropUpload(workspace, path)
              if (typeof dataset !== 'string') await dropUpload(workspace, dataset.path)
            }
            storage.changed()
            if (made) await runs.refreshOne(made.id)
          }
        })
      }
    }
  }
}
