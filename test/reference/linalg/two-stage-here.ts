// A native library whose eigenproblems take two stages from an order of the test's choice, below the measured one.
import { lapackOver, probeLapack } from '../../../src/engine/linalg/backends/lapack'
import type { Library } from '../../../src/engine/linalg/backends/lapack/library'
import type { TwoStageChoice } from '../../../src/engine/linalg/stages'
import { openWasm } from '../../../src/engine/linalg/backends/wasm'
import { openFront } from '../../../src/engine/linalg/front'
import type { Linalg } from '../../../src/engine/linalg'
import { eigenCases } from './suite/eigen'
import { tridiagonalCases } from './suite/tridiagonal'

/** Of the suite what goes through a reduction to tridiagonal form, at small orders. */
export const reductionCases = [...eigenCases, ...tridiagonalCases].filter(({ name }) =>
  /tridiagonal form: random$|(smallest orders|ranges): (zero|repeated|glued Wilkinson|scaled by 1e-300|layer Hessian|tiny couplings)$|selection|views|goldens|gives its memory back/.test(
    name
  )
)

export const openTwoStage = async (file: string, choice: TwoStageChoice): Promise<Linalg> =>
  openFront(lapackOver(await openWasm({ threads: 2 }), probeLapack({ named: file }).library as Library, 2, choice))
