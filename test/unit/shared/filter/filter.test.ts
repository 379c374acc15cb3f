// The run list's filter language.
import { describe, expect, it } from 'vitest'
import { compileFilter } from '../../../../src/shared/filter'
import type { RunSummary } from '../../../../src/shared/run/summary'

const base: RunSummary = {
  id: 'sfn-mnist10',
  name: 'Saddle-free on MNIST',
  state: 'running',
  tags: ['mnist', 'first'],
  group: 'face-off',
  colour: null,
  pinned: true,
  notes: 'looks good',
  optimizer: 'sfn',
  optimizerScope: 'full',
  loss: 'half-sse',
  batchSize: null,
  trainingSamples: 100,
  dataset: 'mnist-10x10',
  parameterCount: 2785,
  step: 120,
  budgetSteps: 200,
  budgetEpochs: null,
  budgetSeconds: null,
  lastLoss: 0.05,
  minLoss: 0.04,
  minLossStep: 100,
  lastLossPerSample: 0.0005,
  minLossPerSample: 0.0004,
  minLossPerSampleStep: 100,
  lastTestLoss: null,
  lastAccuracy: 0.93,
  bestAccuracy: 0.95,
  bestAccuracyStep: 90,
  lastValLoss: 0.07,
  lastValAccuracy: 0.91,
  bestValAccuracy: 0.92,
  bestValAccuracyStep: 80,
  lambdaMin: -0.01,
  lambdaMax: 12,
  index: 0.2,
  curvatureStep: 120,
  curvatureSource: 'step',
  curvatureVectors: null,
  curvatureScope: 'full',
  curvatureMatrix: 'hessian',
  seconds: 700,
  wallSeconds: 900,
  bytes: 3e9,
  snapshots: 4,
  createdAt: '2026-11-23T10:00:00.000Z',
  sparkline: [],
  error: null,
  damage: null
}

describe('filters that hold', () => {
  it.each([
    '',
    'state:running',
    'state:queued,running',
    'STATE:Running',
    'tag:mnist tag:first',
    'loss<0.1',
    'loss<=5e-2',
    'accuracy>90%',
    'bytes>2GB',
    'seconds>10min',
    'wallSeconds>=15min',
    'valLoss<0.1',
    'valAccuracy>90%',
    'bestValAccuracy=92%',
    'optimizer:sfn -optimizer:adam',
    '-state:done',
    'name~saddle',
    'name~"free on"',
    '"Saddle-free on"',
    'lambdaMin<0',
    'steps=200',
    'is:pinned',
    'created:2026-11',
    'created>2026-10-01 created<2026-12',
    'state!=done',
    'good',
    'sfn-mnist'
  ])('%s', (filter) => expect(compileFilter(filter)(base)).toBe(true))
})

describe('filters that do not', () => {
  it.each([
    'state:done',
    'tag:mni',
    'loss>0.1',
    'testLoss<1',
    '-testLoss>=0 testLoss<1',
    'nothing-like-it',
    '-tag:mnist',
    'is:finished',
    'name:saddle',
    'created:2025'
  ])('%s', (filter) => expect(compileFilter(filter)(base)).toBe(false))
})

describe('filters that are wrong', () => {
  it.each([
    ['loss<abc', /"loss<abc": "abc" is not a number/],
    ['loss<', /a value is missing after "<"/],
    ['lose<1', /there is no field "lose"; there are id, name/],
    ['is:nice', /must be one of is:pinned/],
    ['name<3', /name is text; use name:value or name~part/],
    ['loss~1', /loss is a number/],
    ['"open', /a closing quotation mark is missing/],
    ['is:constructor', /must be one of/],
    ['constructor<1', /no field/],
    ['loss<1constructor', /not a number/]
  ])('%s', (filter, message) => expect(() => compileFilter(filter)).toThrow(message))
})
