// Dense linear algebra: our backends beside SciPy, ml-matrix and mathjs, in GFlop/s.
import type { Bench } from './index'

export const linalgBench: Bench = {
  describe: 'dense linear algebra',
  run: async () => {
    throw new Error('not written yet')
  }
}
