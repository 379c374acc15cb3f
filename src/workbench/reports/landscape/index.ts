// The report on the landscape: is it anisotropic at all scales, and has it even terms only?
import { listDatasets } from '../../../store/datasets'
import type { Report, ReportContext } from '../context'
import { gather } from './gather'
import { landscapePage } from './layout'
import { plannedPlaces } from './plan'

async function run(context: ReportContext) {
  const cifar = (await listDatasets(context.workspace)).some(({ id, state }) => id === 'cifar-100' && state !== 'available')
  const planned = plannedPlaces(context.scale, cifar)
  const finished = await context.runs(planned)
  return landscapePage(await gather(context, planned, finished), context.scale, !cifar)
}

export const landscape: Report = { name: 'landscape', title: 'The landscape at all scales', run }
