// All of the linear algebra suite where `npm test` takes every third case: the embedded kernels on one thread, and each library that is here on one.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../src/engine/linalg'
import { librariesHere } from '../../reference/linalg/lapack-here'
import { everyCase } from '../../reference/linalg/suite'

const libraries = await librariesHere()

describe.each([
  { name: 'the embedded kernels', options: { backend: 'wasm', threads: 1 } as const },
  ...libraries.flatMap(({ source, file }) =>
    [1, 2].map((threads) => ({ name: `the ${source} library`, options: { backend: 'lapack', library: file, threads } as const }))
  )
])('$name on $options.threads thread(s)', ({ options }) => {
  let linalg: Linalg
  beforeAll(async () => {
    linalg = await openLinalg(options)
  })
  afterAll(() => linalg?.dispose())
  for (const { name, run } of everyCase) it(name, () => run(linalg))
})
