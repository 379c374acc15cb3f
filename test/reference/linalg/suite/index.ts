// The one test suite of every backend. `everyCase` runs under vitest (test/unit/engine/linalg) and inside a utility process (test/electron).
import { behaviourCases } from './behaviour'
import type { LinalgCase } from './case'
import { eigenCases } from './eigen'
import { factorCases } from './factor'
import { leastSquaresCases } from './least-squares'
import { productCases } from './products'
import { tridiagonalCases } from './tridiagonal'

export type { LinalgCase } from './case'

export const everyCase: readonly LinalgCase[] = [
  ...productCases,
  ...factorCases,
  ...eigenCases,
  ...tridiagonalCases,
  ...leastSquaresCases,
  ...behaviourCases
]
