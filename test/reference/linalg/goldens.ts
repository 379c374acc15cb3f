// SciPy's answers (goldens.json, made by make_goldens.py) with their types.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Goldens {
  readonly madeWith: string
  readonly symmetric: Readonly<Record<string, { readonly n: number; readonly eigenvalues: readonly number[] }>>
  readonly singularValues: Readonly<Record<'tall' | 'wide' | 'low', readonly number[]>>
  readonly leastSquares: Readonly<Record<'tall' | 'wide' | 'low', { readonly solution: readonly number[]; readonly rank: number }>>
  readonly choleskyCondition: number
}

/** From the checkout: bundles of the suite run with the checkout as working folder. */
export const goldens: Goldens = JSON.parse(readFileSync(join(process.cwd(), 'test', 'reference', 'linalg', 'goldens.json'), 'utf8'))
