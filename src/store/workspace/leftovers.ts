// Names of what is in the making, marked by host and process, so that leftovers of a killed process can be told from one at work.
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { isAlive } from './processes'

const thisHost = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/** Goes into a name, behind a dot. */
export const processMark = () => `${thisHost}-${process.pid}`

/** Another host's processes cannot be asked: what they left counts as left behind after a day. */
const patience = 86_400_000

/** Whether nobody works any more on what carries this mark; `modified` in milliseconds since 1970. Null: no mark of ours. */
export function isLeftBehind(mark: string | null, modified: number): boolean {
  const found = mark === null ? null : /^([0-9a-f]{8})-(\d+)$/.exec(mark)
  if (found?.[1] !== thisHost) return Date.now() - modified > patience
  const pid = Number(found[2])
  return pid !== process.pid && !isAlive(pid)
}
