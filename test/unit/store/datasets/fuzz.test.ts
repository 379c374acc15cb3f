// Over a thousand damaged files a run, always the same ones; `bench fuzz` does 100,000.
import { expect, test } from 'vitest'
import { fuzz } from '../../../../bench/fuzz/run'

test('every reader of foreign files refuses in one sentence, or reads', async () => {
  const counts = await fuzz(1600, 20, undefined)
  expect(counts.flatMap((count) => count.violations)).toEqual([])
  for (const count of counts) expect(count.cases).toBeGreaterThan(20)
  // The damage is real, and not everything is noise.
  expect(counts.reduce((sum, count) => sum + count.refused, 0)).toBeGreaterThan(400)
  expect(counts.reduce((sum, count) => sum + count.accepted, 0)).toBeGreaterThan(120)
})
