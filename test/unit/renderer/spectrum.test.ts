// What the Spectrum tab works out: bins' members, columns at true steps, how two vectors lie, addresses, playing.
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { columnAt, columnOutline, evenColumns, lineReach, trueColumns } from '../../../src/renderer/charts/column-places'
import { ascendingFinite, binMembers, histogram, jointRange } from '../../../src/renderer/charts/histogram'
import { symlogConstant } from '../../../src/renderer/charts/scale'
import { drawnSeries, rangeOfX, rangeOfY } from '../../../src/renderer/charts/series'
import { axesOver } from '../../../src/renderer/features/spectrum/axes-over'
import { nearestStep } from '../../../src/renderer/features/spectrum/nearest-step'
import { parseSnapshots, parseVector } from '../../../src/renderer/features/spectrum/snapshot-text'
import { imageShape, unitPictures } from '../../../src/renderer/features/spectrum/unit-pictures'
import { usePlayback } from '../../../src/renderer/features/spectrum/use-playback'
import { bySign, compareVectors, largestEntries, shownPart } from '../../../src/renderer/features/spectrum/vector-figures'

describe('a bin', () => {
  it('names exactly the values that it counts, in ascending order, with none lost or twice', () => {
    const values = fc.array(fc.oneof(fc.double({ noNaN: true, min: -50, max: 50 }), fc.constantFrom(0, 1, 1, -2)), {
      minLength: 1,
      maxLength: 300
    })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 90 }), fc.constantFrom('linear' as const, 'symlog' as const), (list, count, scale) => {
        const bins = histogram(list, count, scale, symlogConstant(list))
        const sorted = ascendingFinite(list)
        const all = Array.from(bins.counts, (_, bin) => binMembers(bins, sorted, bin))
        all.forEach(({ from, to }, bin) => {
          expect(to - from).toBe(bins.counts[bin])
          expect(from).toBe(bin === 0 ? 0 : all[bin - 1].to)
        })
        expect(all[all.length - 1].to).toBe(list.length)
      })
    )
  })
  it('is shared: the joint range holds every spectrum, and axes over a run hold its fullest bin', () => {
    expect(jointRange([[1, 2], [], [Number.NaN, -3]])).toEqual([-3, 2])
    expect(jointRange([[], [Number.NaN]])).toBeNull()
    const spectra = [{ values: [0, 1, 2, 3] }, { values: [0, 0, 0, 10] }]
    const axes = axesOver(spectra, 'linear')
    expect(axes).toMatchObject({ range: [0, 10], most: 3, sizes: [1, 10] })
    expect(axesOver([{ values: [0, 0] }], 'symlog')?.sizes).toBeNull()
    expect(axesOver([], 'linear')).toBeNull()
  })
})

describe('a series along the foot', () => {
  it('counts for x and not for y', () => {
    const scale = { kind: 'log' as const, constant: 1 }
    const points = { id: 'a', name: 'a', colour: '', x: [1, 2], y: [4, 2] }
    const zeros = { id: 'z', name: 'z', colour: '', x: [3, 10], y: [1e-30, 0], foot: true }
    const drawn = [points, zeros].map((series) => drawnSeries(series, scale, scale))
    expect(drawn[1].foot).toEqual([Math.log10(3), 1])
    expect(drawn[1].hidden).toBe(0)
    const [low, high] = rangeOfX(drawn, scale) ?? []
    expect(low).toBeCloseTo(1, 12)
    expect(high).toBeCloseTo(10, 12)
    const [least, most] = rangeOfY(drawn, scale, 0, 1) ?? []
    expect(least).toBeCloseTo(2, 12)
    expect(most).toBeCloseTo(4, 12)
  })
})

describe('columns', () => {
  it('stand at their true steps, and every place belongs to the nearest', () => {
    const steps = [0, 1, 10, 100]
    const places = trueColumns(steps)
    const [low, high] = places.range ?? []
    expect([low, high]).toEqual([-0.5, 145])
    steps.forEach((step, i) => expect(places.centres[i]).toBeCloseTo((step + 0.5) / 145.5, 12))
    for (const step of [0, 0.4, 0.6, 4, 7, 30, 56, 144]) {
      const nearest = steps.reduce((best, one, i) => (Math.abs(one - step) < Math.abs(steps[best] - step) ? i : best), 0)
      expect(columnAt(places, (step + 0.5) / 145.5)).toBe(nearest)
    }
    const roomy = trueColumns(steps, 0.25)
    expect(roomy.edges[4]).toBeCloseTo(0.75, 12)
    expect(trueColumns([7]).range).toEqual([6.5, 7.5])
    expect([...evenColumns(4).edges]).toEqual([0, 0.25, 0.5, 0.75, 1])
  })
  it('as lines reach further the further apart they stand, and change colour behind the last below zero', () => {
    expect(lineReach([0, 1, 2, 3, 4])).toBe(0.18)
    expect(lineReach(Array.from({ length: 101 }, (_, i) => i))).toBe(0.025)
    expect(lineReach([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60])).toBeCloseTo(1.4 / 12, 12)
    const { area, negative, positive } = columnOutline([-0.5, 0, 1], 10, 100, { top: 0, height: 30 })
    expect(negative).toBe('M60.0 25.0L10.0 15.0')
    expect(positive).toBe('M10.0 15.0L110.0 5.0')
    expect(area).toBe('M10.0 25.0L60.0 25.0L10.0 15.0L110.0 5.0L10.0 5.0Z')
  })
  it('a click means the nearest snapshot', () => {
    expect(nearestStep([0, 10, 50], 29)).toBe(10)
    expect(nearestStep([0, 10, 50], 30)).toBe(10)
    expect(nearestStep([], 3)).toBeNull()
  })
})

describe('eigenvectors', () => {
  const pieces = [
    { name: 'W1', offset: 0, rows: 2, columns: 2, inputs: 2 },
    { name: 'W2', offset: 4, rows: 2, columns: 1, inputs: 2 }
  ]
  it('are compared with the sign that makes their product positive', () => {
    const found = compareVectors([1, 0, 0, 0, 1, 0], [-3, 0, 0, 0, 0, 4], pieces)
    expect(found.cosine).toBeCloseTo(3 / (Math.SQRT2 * 5), 14)
    expect(found.sign).toBe(-1)
    expect(found.layers).toEqual([
      { name: 'W1', shareOfU: 0.5, shareOfV: 0.36, cosine: 1 },
      { name: 'W2', shareOfU: 0.5, shareOfV: 0.64, cosine: -0 }
    ])
    expect(compareVectors([1, 2], [2, -1], null)).toMatchObject({ cosine: 0, sign: 1, layers: [] })
  })
  it('name their largest entries', () => {
    expect(largestEntries([0.1, -5, 2, 0, 0, 3], pieces, 3)).toEqual([
      { name: 'W1[0, 1]', value: -5 },
      { name: 'W2[1, 0]', value: 3 },
      { name: 'W1[1, 0]', value: 2 }
    ])
  })
  it('are pictures plane by plane', () => {
    const shape = [3, 2, 2]
    const patterns = Float64Array.from({ length: 24 }, (_, i) => i)
    const found = unitPictures({ patterns, units: 2, shape, scale: 1, projections: [] }, 5)
    expect(found?.units.map((planes) => planes.map((plane) => [...plane]))).toEqual([
      [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9, 10, 11]
      ],
      [
        [12, 13, 14, 15],
        [16, 17, 18, 19],
        [20, 21, 22, 23]
      ]
    ])
    expect(found?.left).toBe(3)
    expect(unitPictures({ patterns, units: 2, shape: [11], scale: 1, projections: [] }, 2)).toBeNull()
    expect(imageShape([3, 4, 5], 60)).toEqual({ channels: 3, height: 4, width: 5 })
    expect(imageShape([100], 100)).toEqual({ channels: 1, height: 10, width: 10 })
    expect(imageShape([3, 4, 5], 61)).toBeNull()
    expect(imageShape([50], 50)).toBeNull()
  })
  it('are offered by sign, both ends alike', () => {
    const values = [-3, -1, -1e-20, 0, 2, 5]
    expect(bySign([5, 0, 2, 1, 4], values, 1e-15)).toEqual({ negative: [0, 1], zero: [2], positive: [4, 5] })
    const many = Array.from({ length: 30 }, (_, i) => i)
    expect(shownPart(many, null, 'first', 4)).toEqual([0, 1, 2, 3])
    expect(shownPart(many, null, 'last', 4)).toEqual([26, 27, 28, 29])
    expect(shownPart(many, 10, 'last', 4)).toEqual([8, 9, 10, 11])
    expect(shownPart([1, 2], 2, 'last', 4)).toEqual([1, 2])
  })
})

describe('snapshots in an address', () => {
  it('are read when they are well formed', () => {
    expect(parseSnapshots('a-run:50/full,b2:0/W1,nonsense,c:x/full,:1/full,a:difference-3')).toEqual([
      { run: 'a-run', step: 50, block: 'full' },
      { run: 'b2', step: 0, block: 'W1' }
    ])
    expect(parseVector('a-run:50/full/564')).toEqual({ at: { run: 'a-run', step: 50, block: 'full' }, index: 564 })
    for (const text of ['', 'a:50/full', 'a:50/full/x', ':1/2/3']) expect(parseVector(text)).toBeNull()
  })
})

describe('playing', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  function player(count: number, prepare: (place: number) => Promise<unknown> = () => Promise.resolve()) {
    const place = { value: 0 }
    const scope = effectScope()
    const playback = scope.run(() => usePlayback({ count: () => count, place, speed: () => 2, prepare }))
    if (!playback) throw new Error('no scope')
    return { place, scope, ...playback }
  }

  it('goes on at its speed, stops at the end, and begins anew from there', async () => {
    const { place, playing, toggle } = player(3)
    toggle()
    await nextTick()
    await vi.advanceTimersByTimeAsync(490)
    expect(place.value).toBe(0)
    await vi.advanceTimersByTimeAsync(20)
    expect(place.value).toBe(1)
    await vi.advanceTimersByTimeAsync(500)
    expect(place.value).toBe(2)
    expect(playing.value).toBe(false)
    toggle()
    await nextTick()
    await vi.advanceTimersByTimeAsync(510)
    expect(place.value).toBe(0)
    expect(playing.value).toBe(true)
  })
  it('shows nothing before it is there, and nothing after a pause', async () => {
    let arrive: () => void = () => undefined
    const { place, playing, toggle } = player(9, (next) => (next === 1 ? Promise.resolve() : new Promise<void>((done) => (arrive = done))))
    toggle()
    await nextTick()
    await vi.advanceTimersByTimeAsync(510)
    expect(place.value).toBe(1)
    await vi.advanceTimersByTimeAsync(5000)
    expect(place.value).toBe(1)
    arrive()
    await vi.advanceTimersByTimeAsync(10)
    expect(place.value).toBe(2)
    playing.value = false
    await nextTick()
    arrive()
    await vi.advanceTimersByTimeAsync(5000)
    expect(place.value).toBe(2)
  })
  it('cannot play a single one, and ends with the screen', async () => {
    const single = player(1)
    single.toggle()
    expect(single.playing.value).toBe(false)
    const { place, scope, toggle } = player(5)
    toggle()
    await nextTick()
    scope.stop()
    await vi.advanceTimersByTimeAsync(5000)
    expect(place.value).toBe(0)
  })
})
