// Both backends pass the same suite.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { everyCase } from '../../../reference/linalg/suite'
import { lapackFault } from '../../../reference/linalg/lapack-here'

/** Where no LAPACK is installed the accelerator cannot be tested; SADDLESCOPE_REQUIRE_LAPACK makes that a failure (the checks of this project set it). */
const fault = await lapackFault()

const backends = [
  { kind: 'wasm', threads: 1 },
  { kind: 'wasm', threads: 2 },
  { kind: 'lapack', threads: 2 }
] as const

describe.each(backends)('$kind on $threads thread(s)', ({ kind, threads }) => {
  const absent = kind === 'lapack' && fault !== null
  let linalg: Linalg
  beforeAll(async () => {
    if (!absent) linalg = await openLinalg({ backend: kind, threads })
  })
  afterAll(() => linalg?.dispose())

  it.runIf(absent)(`has no library on this machine (${fault})`, () => {
    expect(process.env.SADDLESCOPE_REQUIRE_LAPACK, 'a LAPACK library is required here').toBeUndefined()
  })
  it.skipIf(absent)('says what it is', () => {
    expect(linalg.info).toMatchObject({ kind, threads })
    expect(linalg.info.description).not.toBe('')
  })
  for (const { name, run } of everyCase) it.skipIf(absent)(name, () => run(linalg))
})
