// Residual ‖AQ − QΛ‖/‖A‖ and orthogonality ‖QᵀQ − I‖ of every backend over the test gallery, in units of √n·ε (30 are allowed).
import { openLinalg } from '../src/engine/linalg'
import { librariesHere } from '../test/reference/linalg/lapack-here'
import { gallery } from '../test/reference/linalg/gallery'
import { largest } from '../test/reference/linalg/suite/case'
import { quality } from '../test/reference/linalg/suite/quality'
import type { Bench, Row } from './bench'

export const linalgAccuracyBench: Bench = {
  describe: 'accuracy of eigenpairs',
  async run(options) {
    const rows: Row[] = []
    const libraries = (await librariesHere()).map(({ source, file }) => ({ backend: `lapack-${source}`, library: file }))
    for (const { backend, library } of [{ backend: 'wasm', library: undefined }, ...libraries]) {
      const linalg = await openLinalg({ backend: library === undefined ? 'wasm' : 'lapack', library })
      for (const n of options.long ? [101, 301, 1501] : [101, 301])
        for (const [name, make] of Object.entries(gallery)) {
          if (options.signal?.aborted) throw options.signal.reason
          const a = make(n)
          const { values, vectors } = await linalg.eigenSymmetric(a)
          const row = { matrix: name, n, backend, ...(await quality(linalg, a, values, vectors, largest(values))) }
          linalg.release(vectors.data)
          rows.push(row)
          options.report(row)
        }
      await linalg.dispose()
    }
    return rows
  }
}
