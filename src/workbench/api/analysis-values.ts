// analyses.all, analyses.array, analyses.startWeights: what the analyses of all runs hold, and a run that starts where one of them says.
import { allAnalyses, planePoint, readAnalysisArray, receiveUpload } from '../../store'
import type { WorkbenchContext } from '../context'
import type { HandlersOf } from '../router'

type Names = 'analyses.all' | 'analyses.array' | 'analyses.startWeights'

export function analysisValueHandlers({ workspace }: WorkbenchContext): HandlersOf<Names> {
  return {
    'analyses.all': () => allAnalyses(workspace),
    'analyses.array': ({ run, name, array }) => readAnalysisArray(workspace, run, name, array),
    async 'analyses.startWeights'({ run, name, u, v }) {
      const { spec, weights } = await planePoint(workspace, run, name, u, v)
      if (weights === null || !('model' in spec)) return spec
      // As an upload: whole or not there, swept up by the next start of the workbench; a run keeps a copy of its own.
      async function* body() {
        if (weights) yield weights.bytes
      }
      const { path } = await receiveUpload(workspace, { name: weights.fileName, bytes: weights.bytes.length }, body())
      return { ...spec, model: { ...spec.model, init: { kind: 'npz', path } } }
    }
  }
}
