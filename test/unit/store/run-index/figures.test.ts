// Figures of the run list that are not simply a line's: losses per sample with a shorter last batch, eigenvalues of snapshots, both of older runs too.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { MetricsLine } from '../../../../src/shared/run/schema'
import { createRun, openRunForTraining, openRunIndex, readStatus, type Workspace } from '../../../../src/store'
import { backend, nextState, parameterCount, startState, temporaryWorkspace, giveTestSnapshot, testSpec } from '../fake-run'

let workspace: Workspace
let remove: () => Promise<void>
beforeEach(async () => ({ workspace, remove } = await temporaryWorkspace()))
afterEach(() => remove())

const samples = 103
/** Samples of the batches of one epoch, counted out by hand. */
const batches = [20, 20, 20, 20, 20, 3]
/** The sum is smallest where the batch is: of the losses per sample that is the largest. */
const lossOf = (step: number) => (step % 6 === 0 ? 6 : 30 - step)
const perSample = (step: number) => lossOf(step) / batches[(step - 1) % 6]

type Extra = (step: number) => Partial<MetricsLine>

async function train(
  id: string,
  steps: number,
  extra: Extra = () => ({}),
  optimizer: object = { kind: 'adam' },
  snapshotAt: number | null = null
) {
  if (!(await readStatus(workspace, id).catch(() => null)))
    await createRun(workspace, testSpec({ batch: { size: 20 }, optimizer, budget: { steps: 20 } }), { id })
  const run = await openRunForTraining(workspace, id, { backend })
  await run.setTrainingSamples(samples)
  let state = run.resume ?? startState()
  if (state.step === 0) await run.sink.checkpoint(state)
  while (state.step < steps) {
    state = nextState(state)
    const { step } = state
    const seen = Math.floor((step - 1) / 6) * samples + batches.slice(0, ((step - 1) % 6) + 1).reduce((sum, one) => sum + one, 0)
    await run.sink.metrics({
      step,
      epoch: seen / samples,
      seconds: state.seconds,
      loss: lossOf(step),
      gradNorm: 1,
      stepNorm: 1,
      ...extra(step)
    })
    if (step === snapshotAt) await giveTestSnapshot(run.sink, state)
  }
  await run.sink.checkpoint(state)
  await run.finish(steps === 20 ? 'done' : 'paused')
}

const statusPath = (id: string) => join(workspace.folder, 'runs', id, 'status.json')
/** As a version wrote it that knew none of this. */
async function makeOlder(id: string) {
  const status = JSON.parse(await readFile(statusPath(id), 'utf8'))
  delete status.trainingSamples
  for (const name of ['lastLossPerSample', 'minLossPerSample', 'minLossPerSampleStep', 'curvatureStep', 'curvatureVectors'])
    delete status.figures[name]
  await writeFile(statusPath(id), JSON.stringify(status))
}
const summary = async (id: string) => (await openRunIndex(workspace)).get(id)

/** Of the steps so far, computed anew. */
function expected(steps: number) {
  const all = Array.from({ length: steps }, (_, k) => k + 1)
  const at = all.reduce((best, step) => (perSample(step) < perSample(best) ? step : best))
  return { trainingSamples: samples, lastLossPerSample: perSample(steps), minLossPerSample: perSample(at), minLossPerSampleStep: at }
}

it('has the smallest loss per sample where it is, which is not where the smallest sum is', async () => {
  await train('new', 20)
  expect(await summary('new')).toMatchObject({
    ...expected(20),
    lastLoss: lossOf(20),
    minLoss: 6,
    minLossStep: 6,
    batchSize: 20,
    loss: 'half-sse'
  })
  expect((await summary('new'))?.sparkline).toEqual(Array.from({ length: 20 }, (_, k) => perSample(k + 1)))
})

it('finds the same of an older run, and records it when that goes on', async () => {
  await train('older', 13)
  const before = await summary('older')
  await makeOlder('older')
  expect(await summary('older')).toEqual(before)
  expect(before).toMatchObject(expected(13))
  await train('older', 20)
  const { trainingSamples, figures } = await readStatus(workspace, 'older')
  expect({ trainingSamples, ...figures }).toMatchObject(expected(20))
})

it('says nothing per sample where nothing tells how many a batch has', async () => {
  await createRun(workspace, testSpec({ batch: { size: null } }), { id: 'unknown' })
  const run = await openRunForTraining(workspace, 'unknown', { backend })
  await run.sink.checkpoint(startState())
  await run.sink.metrics({ step: 1, epoch: 1, seconds: 1, loss: 5, gradNorm: 1, stepNorm: 1 })
  await run.finish('done')
  expect(await summary('unknown')).toMatchObject({ lastLoss: 5, lastLossPerSample: null, minLossPerSample: null, trainingSamples: null })
})

// The eigenvalues of the test's snapshots are −3, −2, …, 22.
const exact = { lambdaMin: -3, lambdaMax: parameterCount - 4, index: 3 / parameterCount }

it('takes eigenvalue figures from the newest snapshot where the steps have none', async () => {
  await train('adam', 20, undefined, undefined, 10)
  expect(await summary('adam')).toMatchObject({
    ...exact,
    step: 20,
    curvatureStep: 10,
    curvatureSource: 'snapshot',
    curvatureMatrix: 'hessian'
  })
})

it('prefers it to the estimates of a Krylov step, and calls these what they are where there is none', async () => {
  const ritz: Extra = () => ({ lambdaMin: -0.5, lambdaMax: 9, index: 0.05, path: 'krylov', figures: { vectors: 8 } })
  await train('exact', 20, ritz, { kind: 'sfn-krylov', vectors: 8 }, 10)
  expect(await summary('exact')).toMatchObject({ ...exact, curvatureStep: 10, curvatureSource: 'snapshot', curvatureVectors: null })
  await train('estimates', 20, ritz, { kind: 'sfn-krylov', vectors: 8 })
  const estimates = { lambdaMin: -0.5, lambdaMax: 9, index: 0.05, curvatureStep: 20, curvatureSource: 'lanczos', curvatureVectors: 8 }
  expect(await summary('estimates')).toMatchObject(estimates)
  await makeOlder('estimates')
  expect(await summary('estimates')).toMatchObject(estimates)
})

it('keeps the steps’ own exact figures, with the step they are of, until a snapshot is newer', async () => {
  const sometimes: Extra = (step) => (step % 7 === 0 ? { lambdaMin: -0.25, lambdaMax: 4, index: 0.1 } : {})
  const newton = { kind: 'damped-newton' }
  await train('own', 20, sometimes, newton, 10)
  const own = { lambdaMin: -0.25, lambdaMax: 4, index: 0.1, curvatureStep: 14, curvatureSource: 'step' }
  expect(await summary('own')).toMatchObject(own)
  await makeOlder('own')
  expect(await summary('own')).toMatchObject(own)
  await train('newer', 20, sometimes, newton, 20)
  expect(await summary('newer')).toMatchObject({ ...exact, curvatureStep: 20, curvatureSource: 'snapshot' })
})

it('builds the index anew when a version knew less', async () => {
  await train('one', 20)
  const index = await openRunIndex(workspace)
  await index.save()
  const path = join(workspace.folder, 'index.json')
  const stored = JSON.parse(await readFile(path, 'utf8'))
  for (const entry of stored.runs) delete entry.summary.lastLossPerSample
  await writeFile(path, JSON.stringify({ ...stored, version: stored.version - 1 }))
  expect(await summary('one')).toMatchObject(expected(20))
})
