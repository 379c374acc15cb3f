// A native library whose eigenproblems take two stages from an order of the test's choice, below the measured one.
import { lapackOver, probeLapack } from '../../../src/engine/linalg/backends/lapack'
import type { Library } from '../../../src/engine/linalg/backends/lapack/library'
import type { TwoStageChoice } from '../../../src/engine/linalg/stages'
import { openWasm } from '../../../src/engine/linalg/backends/wasm'
import { openFront } from '../../../src/engine/linalg/front'
import type { Linalg } from '../../../src/engine/linalg'

export const openTwoStage = async (file: string, choice: TwoStageChoice): Promise<Linalg> =>
  openFront(lapackOver(await openWasm({ threads: 2 }), probeLapack({ named: file }).library as Library, 2, choice))
