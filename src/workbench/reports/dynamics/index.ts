// The report on dynamics: is training chaotic, how much does it forget, and are Newton's basins fractal?
import type { Report, ReportContext } from '../context'
import { gather } from './gather'
import { dynamicsPage } from './layout'
import { plan } from './plan'

async function run(context: ReportContext) {
  const planned = plan(context.scale)
  const finished = await context.runs([...planned.sweep, ...planned.known, ...planned.basins])
  const byId = new Map(finished.map((one) => [one.id, one]))
  return dynamicsPage(await gather(context, planned, byId), context.scale)
}

export const dynamics: Report = { name: 'dynamics', title: 'The dynamics of training', run }
