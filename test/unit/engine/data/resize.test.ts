// Resized images against the definition of each filter, pixel by pixel, and what does not fit.
import { describe, expect, it } from 'vitest'
import { resizeMatrix } from '../../../../src/engine/data/resize'
import { shapeAfter, statedWidth, transformedShape } from '../../../../src/shared/spec/transforms'
import type { Transform } from '../../../../src/shared/spec/schema'

type Resize = Extract<Transform, { kind: 'resize' }>
const resize = (height: number, width: number, more: Partial<Resize> = {}): Resize => ({
  kind: 'resize',
  height,
  width,
  colour: 'keep',
  filter: 'area',
  ...more
})
const image = (length: number) => Float64Array.from({ length }, (_, k) => ((k * 7919) % 256) + 0.25)
function through(x: Float64Array, shape: number[], transform: Resize): Float64Array {
  const { rows, columns, data } = resizeMatrix(shape, transform)
  expect(rows).toBe(x.length)
  return Float64Array.from({ length: columns }, (_, j) => x.reduce((sum, value, i) => sum + value * data[i * columns + j], 0))
}

describe('area', () => {
  it('is the mean over what a pixel covers: sampled on a grid so fine that every piece is whole', () => {
    // 32 → 10: target pixels cover 3.2 source pixels; on a grid of fifths each covers 16 × 16 cells.
    const x = image(3 * 32 * 32)
    const found = through(x, [3, 32, 32], resize(10, 10))
    for (let channel = 0; channel < 3; channel++)
      for (let v = 0; v < 10; v++)
        for (let u = 0; u < 10; u++) {
          let sum = 0
          for (let i = 0; i < 16; i++)
            for (let j = 0; j < 16; j++) sum += x[channel * 1024 + Math.floor((16 * v + i) / 5) * 32 + Math.floor((16 * u + j) / 5)]
          expect(found[channel * 100 + v * 10 + u]).toBeCloseTo(sum / 256, 9)
        }
  })
  it('keeps the mean of the image, and images of the same size as they are', () => {
    const x = image(28 * 28)
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(through(x, [1, 28, 28], resize(10, 10)))).toBeCloseTo(mean(x), 9)
    expect([...through(x, [1, 28, 28], resize(28, 28))]).toEqual([...x])
  })
  it('does not enlarge', () => {
    expect(() => resizeMatrix([1, 8, 8], resize(9, 8))).toThrow(
      '"filter": "area" only makes images smaller, these are 8 × 8; use "bilinear"'
    )
  })
})

describe('bilinear', () => {
  it('gives a plane back exactly where centres lie within the image, and is constant beyond the outer centres', () => {
    const plane = (y: number, x: number) => 3 * y - 2 * x + 5
    const x = Float64Array.from({ length: 9 * 6 }, (_, k) => plane(Math.floor(k / 6), k % 6))
    const found = through(x, [1, 9, 6], resize(4, 11, { filter: 'bilinear' }))
    for (let v = 0; v < 4; v++)
      for (let u = 0; u < 11; u++) {
        const [cy, cx] = [((v + 0.5) * 9) / 4 - 0.5, ((u + 0.5) * 6) / 11 - 0.5].map((c, axis) => Math.min(Math.max(c, 0), [8, 5][axis]))
        expect(found[v * 11 + u]).toBeCloseTo(plane(cy, cx), 10)
      }
  })
})

describe('grey', () => {
  it('is 0.299 red + 0.587 green + 0.114 blue, before or after the size changes', () => {
    const x = image(3 * 12 * 12)
    const colour = through(x, [3, 12, 12], resize(5, 7))
    const grey = through(x, [3, 12, 12], resize(5, 7, { colour: 'grey' }))
    expect(grey).toHaveLength(35)
    grey.forEach((value, k) => expect(value).toBeCloseTo(0.299 * colour[k] + 0.587 * colour[35 + k] + 0.114 * colour[70 + k], 9))
  })
  it('is refused of what is grey already', () => {
    expect(() => resizeMatrix([1, 8, 8], resize(4, 4, { colour: 'grey' }))).toThrow('takes images of 3 channels, these have 1')
  })
})

describe('shapes', () => {
  const projection: Transform = { kind: 'random-projection', dim: 5, matrix: null }
  it('follow the transforms', () => {
    expect(transformedShape([3, 32, 32], [resize(10, 10)])).toEqual([3, 10, 10])
    expect(transformedShape([3, 32, 32], [resize(10, 10, { colour: 'grey' }), { kind: 'affine', divide: 256, subtract: 0 }])).toEqual([
      1, 10, 10
    ])
    expect(transformedShape([3, 32, 32], [resize(10, 10), projection])).toEqual([5])
  })
  it('say the width of the input where the transforms alone do', () => {
    expect(statedWidth([projection])).toBe(5)
    expect(statedWidth([resize(10, 10, { colour: 'grey' })])).toBe(100)
    expect(statedWidth([resize(10, 10)])).toBeNull()
    expect(statedWidth([])).toBeNull()
  })
  it('are needed: no image, no resize', () => {
    expect(() => shapeAfter([50], resize(4, 4), 'data.transforms.1')).toThrow('data.transforms.1: resize takes images')
  })
})
