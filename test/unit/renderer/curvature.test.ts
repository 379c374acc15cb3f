// What eigenvalue figures are said to be of, and when they count as negative curvature.
import { describe, expect, it } from 'vitest'
import { noCurvature, ownCurvature, eigenvalueFigures, snapshotPreferred } from '../../../src/shared/run/curvature'
import type { RunSummary } from '../../../src/shared/run/summary'
import {
  curvatureMatrixNote,
  curvatureNote,
  curvatureSentence,
  isNegativeCurvature,
  lambdaBounds
} from '../../../src/renderer/app/curvature'

const own = (kind: string, curvatureStep: number, curvatureVectors: number | null = null) =>
  ownCurvature({ lambdaMin: -1, lambdaMax: 2, index: 0.25, curvatureStep, curvatureVectors }, { kind, scope: 'full' })
const at = (step: number, curvature: object) => ({ ...noCurvature, ...curvature, step, parameterCount: 100 }) as RunSummary

describe('notes', () => {
  it('are absent where the figures are the newest step’s own, of the whole Hessian', () => {
    expect(curvatureNote(at(50, own('sfn', 50)))).toBeNull()
    expect(curvatureMatrixNote(at(50, own('sfn', 50)))).toBeNull()
    expect(curvatureNote(at(50, noCurvature))).toBeNull()
  })
  it('name the step where the run has gone on', () => {
    expect(curvatureNote(at(60, own('damped-newton', 50)))).toBe('at step 50')
  })
  it('name the vectors of a Krylov step, and how its values are to be read', () => {
    expect(curvatureNote(at(50, own('sfn-krylov', 50, 20)))).toBe('20 Lanczos vectors')
    expect(curvatureNote(at(60, own('sfn-krylov', 50, 20)))).toBe('20 Lanczos vectors, at step 50')
    expect(lambdaBounds(at(50, own('sfn-krylov', 50, 20)))).toEqual({ min: '≤ ', max: '≥ ' })
    expect(lambdaBounds(at(50, own('sfn', 50)))).toEqual({ min: '', max: '' })
    expect(curvatureSentence(at(50, own('sfn-krylov', 50, 20)))).toContain('not among all eigenvalues')
  })
  it('name the snapshot, and the matrix where it is another', () => {
    const snapshot = { ...own('adam', 40), curvatureSource: 'snapshot', curvatureScope: 'layer-blocks' }
    expect(curvatureNote(at(40, snapshot))).toBe('at step 40 (snapshot)')
    expect(curvatureMatrixNote(at(40, snapshot))).toBe('layer blocks')
    expect(curvatureMatrixNote(at(40, own('levenberg-marquardt', 40)))).toBe('Gauss–Newton')
  })
})

describe('snapshots', () => {
  it('are looked at where steps have no figures, estimates, or older ones', () => {
    expect(snapshotPreferred(noCurvature, 0)).toBe(true)
    expect(snapshotPreferred(own('sfn-krylov', 50, 20), 10)).toBe(true)
    expect(snapshotPreferred(own('sfn', 50), 50)).toBe(false)
    expect(snapshotPreferred(own('damped-newton', 51), 100)).toBe(true)
  })
  it('give extremes over blocks, and the largest index of them with τ of each', () => {
    const tiny = 3 * Number.EPSILON * 8
    expect(eigenvalueFigures([Float64Array.of(-tiny / 2, 1, 8)])).toEqual({ lambdaMin: -tiny / 2, lambdaMax: 8, index: 0 })
    expect(eigenvalueFigures([Float64Array.of(-tiny * 2, 1, 8), Float64Array.of(-3, -2, 0, 9)])).toEqual({
      lambdaMin: -3,
      lambdaMax: 9,
      index: 0.5
    })
    expect(eigenvalueFigures([])).toEqual({ lambdaMin: null, lambdaMax: null, index: null })
  })
})

it('negative curvature is negative beyond rounding', () => {
  const run = (change: object) => at(1, { ...own('sfn', 1), ...change })
  expect(isNegativeCurvature(run({}))).toBe(true)
  expect(isNegativeCurvature(run({ lambdaMin: -2.4e-14, lambdaMax: 82, index: 0 }))).toBe(false)
  expect(isNegativeCurvature(run({ lambdaMin: -1e-13, lambdaMax: 82, index: null }))).toBe(false)
  expect(isNegativeCurvature(run({ lambdaMin: -1e-11, lambdaMax: 82, index: null }))).toBe(true)
  expect(isNegativeCurvature(run({ lambdaMin: null, lambdaMax: null, index: null }))).toBe(false)
})
