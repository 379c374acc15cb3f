// studies.*: sweeps and face-offs.
import type { WorkbenchContext } from '../context'
import { Failure } from '../failure'
import type { HandlersOf } from '../router'

type Names =
  | 'studies.list'
  | 'studies.get'
  | 'studies.check'
  | 'studies.create'
  | 'studies.start'
  | 'studies.stop'
  | 'studies.remove'
  | 'studies.cellSpec'
  | 'studies.fairness'

export function studyHandlers(_context: WorkbenchContext): HandlersOf<Names> {
  const later = () => Promise.reject(new Failure('unavailable', 'studies are not served yet'))
  return {
    'studies.list': later,
    'studies.get': later,
    'studies.check': later,
    'studies.create': later,
    'studies.start': later,
    'studies.stop': later,
    'studies.remove': later,
    'studies.cellSpec': later,
    'studies.fairness': later
  }
}
