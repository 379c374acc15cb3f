// What the first start says of its spectrum.
import { expect, test } from 'vitest'
import type { SnapshotManifest, SnapshotManifestChecks } from '../../../src/shared/run/schema'
import { checkSentence } from '../../../src/workbench/demo'

const good: SnapshotManifestChecks = { symmetry: 1.2e-16, trace: 3e-15, frobenius: 2e-15, residual: 4e-12, finiteDifference: null }
const block = (checks: Partial<SnapshotManifestChecks>, size = 565) => ({ size, checks: { ...good, ...checks } })
const sentence = (...blocks: ReturnType<typeof block>[]) =>
  checkSentence({ step: 40, precision: 'float64', blocks } as unknown as SnapshotManifest)

test('the worst figure of all blocks; what fails is named with its figure', () => {
  expect(sentence(block({}), block({ trace: 5e-15, residual: null }))).toBe(
    'checks of the spectrum at step 40 passed: symmetry 1.2e-16, trace 5.0e-15, residual 4.0e-12'
  )
  expect(sentence(block({ residual: null }))).toMatch(/passed: .*, residual not applicable$/)
  // Rounding of sums over 565 entries: 5650 · 2⁻⁵² = 1.25e-12.
  expect(sentence(block({ trace: 1.2e-12 }))).toMatch(/ passed:/)
  expect(sentence(block({ trace: 1.3e-12, frobenius: 1 }))).toBe(
    'checks of the spectrum at step 40 FAILED for trace, squares: symmetry 1.2e-16, trace 1.3e-12, squares 1.0e+0, residual 4.0e-12'
  )
  expect(sentence(block({ symmetry: Number.NaN }))).toMatch(/FAILED for symmetry: symmetry NaN/)
})
