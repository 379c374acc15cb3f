// Every backend passes the same suite: the embedded kernels, the system's library, the fetched one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { everyCase } from '../../../reference/linalg/suite'
import { bundledFault, librariesHere } from '../../../reference/linalg/lapack-here'

const here = await librariesHere()
const fileOf = (source: 'bundled' | 'system') => here.find((library) => library.source === source)?.file

/** Builds of the embedded kernels that V8 has to widen are there where it can. */
const widens = process.arch === 'x64' && Number(process.versions.v8.split('.')[0]) >= 13
const wideBuilds = widens ? (['wasm-256', 'wasm-256-fma'] as const) : []

/**
 * The embedded kernels on one thread, and the system's library, take every third case here and all of them in the long tests: they share their code with
 * the ones beside them. Where no library is, it cannot be tested, and a test says so; SADDLESCOPE_REQUIRE_LAPACK and SADDLESCOPE_REQUIRE_BUNDLED make that a failure (the
 * checks of this project set them).
 */
const backends = [
  { name: 'wasm', kind: 'wasm', threads: 1, fault: null, required: undefined, every: 3 },
  { name: 'wasm', kind: 'wasm', threads: 2, fault: null, required: undefined },
  ...wideBuilds.map((name) => ({ name, kind: 'wasm', build: name, threads: 2, fault: null, required: undefined }) as const),
  {
    name: "the system's library",
    kind: 'lapack',
    threads: 2,
    library: fileOf('system'),
    fault: fileOf('system') === undefined ? 'the system has none' : null,
    required: 'SADDLESCOPE_REQUIRE_LAPACK',
    every: 3
  },
  {
    name: 'the fetched library',
    kind: 'lapack',
    threads: 2,
    library: fileOf('bundled'),
    fault: bundledFault(here),
    required: 'SADDLESCOPE_REQUIRE_BUNDLED'
  }
] as const

describe.each(backends)('$name on $threads thread(s)', (backend) => {
  const { kind, threads, fault, required } = backend
  const library = 'library' in backend ? backend.library : undefined
  const absent = fault !== null
  let linalg: Linalg
  beforeAll(async () => {
    if (!absent) linalg = await openLinalg({ backend: 'build' in backend ? backend.build : kind, threads, library })
  })
  afterAll(() => linalg?.dispose())

  it.runIf(absent)(`is not tested on this machine (${fault})`, () => {
    expect(required && process.env[required], `${required} is set, but ${fault}`).toBeUndefined()
  })
  it.skipIf(absent)('says what it is', () => {
    expect(linalg.info).toMatchObject({ kind, threads })
    expect(linalg.info.description).not.toBe('')
  })
  // Threads of a native library that wait for each other take long on a busy machine.
  const cases = 'every' in backend ? everyCase.filter((_, k) => k % backend.every === 0) : everyCase
  for (const { name, run } of cases) it.skipIf(absent)(name, () => run(linalg), kind === 'lapack' ? 180_000 : 30_000)
})
