// The report on Dauphin et al. (2014): three optimizers on small nets, and what their critical points are worth.
import { listDatasets } from '../../../store/datasets'
import type { Report, ReportContext } from '../context'
import { gather } from './gather'
import { dauphinPage } from './layout'
import { plannedRuns, sizesOf } from './plan'

async function run(context: ReportContext) {
  const installed = new Set((await listDatasets(context.workspace)).flatMap(({ id, state }) => (state === 'available' ? [] : [id])))
  const there = (set: string) => set === 'mnist10' || installed.has('cifar-10')
  const planned = plannedRuns(context.scale, there)
  const finished = await context.runs(planned)
  const missing = sizesOf[context.scale].data.filter((set) => !there(set))
  return dauphinPage(await gather(context, planned, finished), context.scale, missing.length > 0)
}

export const dauphin: Report = { name: 'dauphin', title: 'Dauphin et al. 2014, run again', run }
