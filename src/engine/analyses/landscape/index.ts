// The kind `landscape`: the loss on a plane through the weights, and the run's path on it.
import type { AnalysisOptions } from '../../../shared/analyses/kinds'
import { rowOf } from '../../linalg'
import { dot, norm } from '../../linalg/vectors'
import { quadraticForm } from '../curvature-along'
import { eigenpairsAt } from '../eigenpairs'
import { hasKinks, type AnalysisCall, type AnalysisEngine, type AnalysisPoint, type AnalysisSource } from '../interface'
import { samplesNote } from '../which-samples'
import { principalAxes, randomAxes, orthonormal, type Axes } from './axes'
import { planeLoss, pointOf, type Plane, type PlaneLoss } from './plane-loss'

type Options = AnalysisOptions<'landscape'>

interface Chosen {
  readonly axes: Axes
  readonly shares: readonly [number | null, number | null]
  readonly note: string
}

async function chooseAxes(source: AnalysisSource, point: AnalysisPoint, options: Options, call: AnalysisCall): Promise<Chosen> {
  const { parameters, linalg, step } = point
  const size = parameters.length
  const { plane, vectors, seed } = options
  if (plane === 'random')
    return {
      axes: randomAxes(size, seed),
      shares: [null, null],
      note: 'The axes are two random directions, uniform on the sphere, at right angles.'
    }
  if (plane === 'trajectory') {
    const { checkpoints } = source
    const read = (place: number) => source.parametersAt(checkpoints[place])
    const found = await principalAxes(linalg, parameters, checkpoints.length, read, { signal: call.signal })
    if (found === null)
      throw new Error(
        `landscape: plane=trajectory needs checkpoints in two directions from step ${step}; those of steps ${checkpoints.join(', ')} lie on one line through it: keep more checkpoints, or take eigenvectors`
      )
    return {
      ...found,
      note: `The axes are the two principal components of ${checkpoints.length} checkpoints about the weights of step ${step}.`
    }
  }
  const wanted = vectors === null ? { smallest: 1, largest: 1 } : { indices: vectors }
  const part: AnalysisCall = { ...call, onProgress: (fraction, message) => call.onProgress(0.3 * fraction, message) }
  const pairs = await eigenpairsAt(point, wanted, part)
  const row = (index: number) => rowOf(pairs.vectors, pairs.indices.indexOf(index))
  const [one, other] = vectors ?? [size - 1, 0]
  const value = (index: number) => pairs.values[pairs.indices.indexOf(index)].toPrecision(4)
  return {
    axes: orthonormal([row(one), row(other)]),
    shares: [null, null],
    note: `The axes are eigenvectors of the Hessian: number ${one} (λ = ${value(one)}) and ${other} (λ = ${value(other)}), counted from 0 for the smallest of ${size}.`
  }
}

interface Path {
  /** u, v of each. */
  readonly places: Float64Array
  readonly losses: Float64Array
  readonly distances: Float64Array
}

async function pathOn(
  source: AnalysisSource,
  { objective }: AnalysisPoint,
  { center, axes }: Plane,
  { signal, onProgress }: AnalysisCall
): Promise<Path> {
  const { checkpoints } = source
  const count = checkpoints.length
  const path = { places: new Float64Array(2 * count), losses: new Float64Array(count), distances: new Float64Array(count) }
  for (const [k, step] of checkpoints.entries()) {
    const weights = await source.parametersAt(step)
    const offset = weights.map((w, i) => w - center[i])
    axes.forEach((axis, a) => {
      const along = dot(offset, axis)
      path.places[2 * k + a] = along
      for (let i = 0; i < offset.length; i++) offset[i] -= along * axis[i]
    })
    path.distances[k] = norm(offset)
    path.losses[k] = await objective.loss(weights, { signal })
    onProgress(0.3 + (0.1 * (k + 1)) / count, 'path')
  }
  return path
}

/** How far the grid goes along both axes, and why. */
function extentsOf(
  asked: number | null,
  kind: Options['plane'],
  path: Path,
  loss: number,
  curvatures: readonly number[],
  center: Float64Array
): { readonly extents: readonly number[]; readonly why: string } {
  if (asked !== null) return { extents: [asked, asked], why: 'as asked' }
  const furthest = path.places.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  if (kind === 'trajectory') return { extents: [1.25 * furthest, 1.25 * furthest], why: '1.25 times the furthest checkpoint along an axis' }
  const most = Math.max(norm(center), 1)
  const extents = curvatures.map((curvature) => {
    const scale = Math.sqrt((2 * Math.abs(loss)) / Math.abs(curvature))
    return scale > 0 && scale < most ? scale : most
  })
  return {
    extents,
    why: `√(2 |loss| / |curvature|) of each axis, where its parabola alone has changed the loss by its own size, at most ${most.toPrecision(4)}, the length of the weights or 1`
  }
}

const symmetricGrid = (size: number, extent: number) =>
  Float64Array.from({ length: size }, (_, k) => (extent * (k - (size - 1) / 2)) / ((size - 1) / 2))

/** The closest that second differences of the loss come to uᵀHu, over the larger of both axes: the worse axis. */
async function differenceError(
  lossAt: PlaneLoss,
  extents: readonly number[],
  curvatures: readonly number[],
  signal: AbortSignal
): Promise<number> {
  const scale = Math.max(...curvatures.map(Math.abs))
  if (scale === 0) return 0
  const zero = Float64Array.of(0)
  let worst = 0
  for (const [axis, curvature] of curvatures.entries()) {
    const spacings = Array.from({ length: 7 }, (_, k) => extents[axis] * 10 ** (-2 - k / 2))
    const ladder = Float64Array.from([0, ...spacings.flatMap((h) => [h, -h])])
    const losses = await (axis === 0 ? lossAt(ladder, zero, { signal }) : lossAt(zero, ladder, { signal }))
    const errors = spacings.map((h, k) => Math.abs((losses[2 * k + 1] - losses[0] + (losses[2 * k + 2] - losses[0])) / (h * h) - curvature))
    worst = Math.max(worst, Math.min(...errors.filter(Number.isFinite), Infinity) / scale)
  }
  return worst
}

/** A loss that has all but vanished is the difference of numbers of order one: its rounding is theirs. */
const relative = (value: number, reference: number) => Math.abs(value - reference) / Math.max(Math.abs(reference), 1e-3)

/** The grid's corners against the objective, one by one: the largest relative difference where the loss is finite. */
async function cornerError(
  { objective }: AnalysisPoint,
  plane: Plane,
  us: Float64Array,
  vs: Float64Array,
  losses: Float64Array,
  signal: AbortSignal
) {
  const last = us.length - 1
  let worst = 0
  for (const [row, column] of [
    [0, 0],
    [0, last],
    [last, 0],
    [last, last]
  ]) {
    const own = await objective.loss(pointOf(plane, us[column], vs[row]), { signal })
    const found = losses[row * us.length + column]
    if (Number.isFinite(own) || Number.isFinite(found)) worst = Math.max(worst, relative(found, own))
  }
  return worst
}

export const landscape: AnalysisEngine<Options> = {
  cost({ parameterCount: size, samples, steps }, { plane, size: side }) {
    const whole = plane === 'eigenvectors' ? size : 0
    return {
      seconds: 0.2 + 2e-10 * whole ** 3 + side * side * (2e-5 + 5e-10 * size * samples) + steps * (1e-3 + 1e-9 * size * samples),
      memoryBytes: 18 * whole * whole + 8 * size * (plane === 'trajectory' ? steps + 10 : 10) + 64e6,
      diskBytes: 8 * (side * side + 3 * size + 5 * steps + 2 * side)
    }
  },
  refusal(_, { parameterCount }, { vectors }) {
    if (parameterCount < 2) return 'a plane needs at least two weights'
    const beyond = vectors?.find((index) => index >= parameterCount)
    return beyond === undefined ? null : `vectors: there are ${parameterCount} eigenvectors, 0 to ${parameterCount - 1}; got ${beyond}`
  },
  async work(source, options, call) {
    const { signal, onProgress } = call
    const { plane: kind, size } = options
    const point = await source.point()
    const { objective, parameters: center, step } = point
    const { axes, shares, note } = await chooseAxes(source, point, options, call)
    const plane: Plane = { center, axes }
    const lossAt = planeLoss(point, plane)
    const centerLoss = await objective.loss(center, { signal })
    const curvatures = await (await quadraticForm(objective, center, signal))(axes)
    const path = await pathOn(source, point, plane, call)
    const { extents, why } = extentsOf(options.extent, kind, path, centerLoss, curvatures, center)

    const [us, vs] = extents.map((extent) => symmetricGrid(size, extent))
    const losses = await lossAt(us, vs, { signal, onProgress: (fraction) => onProgress(0.4 + 0.6 * fraction, 'loss on the grid') })
    const finite = losses.filter(Number.isFinite)
    const notFinite = losses.length - finite.length
    const lowest = finite.length > 0 ? finite.reduce((a, b) => Math.min(a, b)) : null
    const highest = finite.length > 0 ? finite.reduce((a, b) => Math.max(a, b)) : null
    const middle = losses[(size * size - 1) / 2]
    const recorded = options.data === 'batch' ? await source.recordedLoss(step) : null
    const kinks = hasKinks(point)
    const skew = Math.max(...axes.map((axis) => Math.abs(dot(axis, axis) - 1)), Math.abs(dot(axes[0], axes[1])))

    const notes = [
      note,
      `The grid goes from −${extents[0].toPrecision(4)} to ${extents[0].toPrecision(4)} along axis 1 and from −${extents[1].toPrecision(4)} to ${extents[1].toPrecision(4)} along axis 2: ${why}.`,
      ...samplesNote(point, options.data)
    ]
    if (notFinite > 0) notes.push(`At ${notFinite} of ${losses.length} points the loss is not finite: NaN there.`)
    if (kinks)
      notes.push('The activation has kinks, across which second differences of the loss need not approach uᵀHu: that check is left out.')
    return {
      arrays: {
        loss: { shape: [size, size], data: losses.map((x) => (Number.isFinite(x) ? x : Number.NaN)) },
        u: { shape: [size], data: us },
        v: { shape: [size], data: vs },
        path: { shape: [source.checkpoints.length, 2], data: path.places },
        pathSteps: { shape: [source.checkpoints.length], data: Float64Array.from(source.checkpoints) },
        pathLoss: { shape: [source.checkpoints.length], data: path.losses },
        pathDistance: { shape: [source.checkpoints.length], data: path.distances },
        axes: { shape: [2, center.length], pieces: [...axes] },
        center: { shape: [center.length], data: center }
      },
      figures: {
        centerLoss,
        lowest,
        highest,
        extentU: extents[0],
        extentV: extents[1],
        curvatureU: curvatures[0],
        curvatureV: curvatures[1],
        shareU: shares[0],
        shareV: shares[1],
        notFinite
      },
      checks: {
        centre: { value: relative(middle, centerLoss), limit: 1e-11 },
        corners: { value: await cornerError(point, plane, us, vs, losses, signal), limit: 1e-10 },
        ...(recorded === null ? {} : { recorded: { value: relative(centerLoss, recorded), limit: 1e-11 } }),
        axes: { value: skew, limit: 1e-12 },
        ...(kinks ? {} : { curvature: { value: await differenceError(lossAt, extents, curvatures, signal), limit: 1e-4 } })
      },
      notes,
      said: `loss ${centerLoss.toPrecision(6)} at the centre, ${lowest === null ? 'nowhere finite' : `${lowest.toPrecision(4)} to ${highest?.toPrecision(4)}`} on the plane`
    }
  }
}
