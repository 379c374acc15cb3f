// A cell as the spec of a new run.
import type { Router } from 'vue-router'
import { sayError } from '../../app/actions'
import { call } from '../../app/data'

/** New run, filled in with the spec of the cell's first run. */
export async function openCell(router: Router, id: string, cell: number) {
  try {
    const spec = await call('studies.cellSpec', { id, cell })
    void router.push({ path: '/new', query: { spec: JSON.stringify(spec) } })
  } catch (error) {
    sayError(error)
  }
}
