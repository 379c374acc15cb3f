// Every optimizer × scope × damping takes the steps it took before, to the bit.
// SADDLESCOPE_WRITE_GOLDENS=replace writes what is taken now (only where numbers are meant to change), =add keeps it beside what was there (where another version of V8 rounds Math.pow otherwise).
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLinalg, type Linalg } from '../../../../src/engine/linalg'
import { trajectoryCases, trajectoryOf, type Trajectory } from '../../../reference/trajectories/cases'

const path = join(import.meta.dirname, '../../../reference/trajectories/goldens.json')
const writing = process.env.SADDLESCOPE_WRITE_GOLDENS
const goldens = writing === 'replace' ? {} : (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Trajectory[]>)
const cases = trajectoryCases()

let linalg: Linalg
beforeAll(async () => void (linalg = await openLinalg({ backend: 'wasm', threads: 2 })))
afterAll(async () => {
  await linalg.dispose()
  if (writing) writeFileSync(path, `${JSON.stringify(goldens, null, 1)}\n`)
})

test('there is a golden for every case, and no other', () => {
  if (!writing) expect(Object.keys(goldens)).toEqual([...cases.keys()])
})

test.each([...cases])('%s', async (name, changes) => {
  const taken = await trajectoryOf(linalg, changes)
  const known = (goldens[name] ??= [])
  if (writing && !known.some((one) => isDeepStrictEqual(one, taken))) known.push(taken)
  expect(known).toContainEqual(taken)
})
