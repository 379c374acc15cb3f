// The methods paragraph of a run, on the page.
import type { DatasetInfo, RunDetails } from '../../../shared/api/contract'
import { methodsOf, type Methods } from '../../../shared/run/methods'
import { isFunctionSpec } from '../../../shared/spec/schema'
import { sayError } from '../../app/actions'
import { copyText } from '../../app/clipboard'
import { fetchOnce } from '../../app/data'

/** `datasets`: those that the workspace knows; one that is gone is named by its id. */
export function runMethods({ spec, meta, status }: RunDetails, datasets: readonly DatasetInfo[]): Methods {
  const id = isFunctionSpec(spec) ? null : spec.data.dataset
  const dataset = datasets.find((one) => one.id === id && one.state !== 'available') ?? null
  return methodsOf({ spec, meta, status, dataset })
}

export async function copyMethods(id: string) {
  try {
    const [details, datasets] = await Promise.all([fetchOnce('runs.get', { id }), fetchOnce('datasets.list', {})])
    await copyText(runMethods(details, datasets).text, 'Methods paragraph copied.')
  } catch (error) {
    sayError(error)
  }
}
