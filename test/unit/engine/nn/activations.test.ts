// Activations and losses by themselves: derivatives against differences, stability at the ends of the number range, inverses.
import { describe, expect, it } from 'vitest'
import { activationFunction } from '../../../../src/engine/nn/activations'
import { lossFunction, softmax } from '../../../../src/engine/nn/losses'
import { activations, losses } from './nets'

const points = [-30, -8, -2.5, -1, -0.3, -1e-4, 1e-4, 0.2, 0.9, 2, 7, 25]

describe('activations', () => {
  for (const activation of activations) {
    const f = activationFunction(activation)

    it(`${activation.kind}: φ' and φ'' are the derivatives of φ`, () => {
      for (const x of points) {
        const h = 1e-5
        const slope = (f.value(x + h) - f.value(x - h)) / (2 * h)
        expect(Math.abs(slope - f.derivative(x))).toBeLessThan(1e-9 * Math.max(1, Math.abs(x)))
        const bend = (f.derivative(x + h) - f.derivative(x - h)) / (2 * h)
        expect(Math.abs(bend - f.second(x))).toBeLessThan(1e-9)
      }
      expect(f.piecewiseLinear).toBe(points.every((x) => f.second(x) === 0))
    })

    it(`${activation.kind}: stays finite and monotone everywhere`, () => {
      let before = -Infinity
      for (const x of [-1e308, -1e5, -800, -30, 0, 30, 800, 1e5, 1e308]) {
        for (const value of [f.value(x), f.derivative(x), f.second(x)]) expect(Number.isFinite(value)).toBe(true)
        expect(f.value(x)).toBeGreaterThanOrEqual(before)
        before = f.value(x)
      }
      expect(f.value(Number.NaN)).toBeNaN()
    })

    it(`${activation.kind}: the inverse undoes it where it is one-to-one`, () => {
      const { inverse } = f
      if (inverse === null) {
        expect(activation.kind).toBe('relu')
        return
      }
      // As far out as φ keeps x: a sigmoid of 25 is within 10⁻¹¹ of 1, where an ulp of φ moves x by 10⁻⁵.
      for (const x of [-8, -2.5, -1, -0.3, -1e-4, 1e-4, 0.2, 0.9, 2, 7]) expect(inverse(f.value(x)) / x).toBeCloseTo(1, 8)
    })
  }

  it('keeps relative precision of small slopes, which 1 − φ² would lose', () => {
    // sech²(20) and σ'(−40), σ'(40), from e^(−40): 4e^(−40)/(1 + e^(−40))² and e^(−40)/(1 + e^(−40))².
    const e = Math.exp(-40)
    expect(activationFunction({ kind: 'tanh' }).derivative(20) / (4 * e)).toBeCloseTo(1, 14)
    expect(activationFunction({ kind: 'sigmoid' }).derivative(40) / e).toBeCloseTo(1, 14)
    expect(activationFunction({ kind: 'softplus' }).value(-40) / e).toBeCloseTo(1, 14)
    expect(activationFunction({ kind: 'softplus' }).value(800)).toBe(800)
  })

  it('has the left derivative at a kink, and no inverse outside its range', () => {
    expect(activationFunction({ kind: 'leaky-relu', slope: 0.5 }).derivative(0)).toBe(0.5)
    expect(activationFunction({ kind: 'relu' }).derivative(0)).toBe(0)
    expect(activationFunction({ kind: 'leaky-relu', slope: 0 }).inverse).toBeNull()
    expect(activationFunction({ kind: 'leaky-relu', slope: -0.5 }).inverse).toBeNull()
    for (const kind of ['tanh', 'sigmoid'] as const)
      for (const y of [1, 1.5, -1.5]) expect(activationFunction({ kind }).inverse?.(y)).toBeNaN()
    expect(activationFunction({ kind: 'softplus' }).inverse?.(0)).toBeNaN()
  })
})

describe('losses', () => {
  const h = Float64Array.of(0.3, -1.2, 2, 0.1)
  const y = Float64Array.of(0, 0, 1, 0)

  it('are what the run spec says', () => {
    const squares = (0.3 ** 2 + 1.2 ** 2 + 1 + 0.1 ** 2) / 2
    expect(lossFunction('half-sse').sample(h, 0, y, 0, 4) * lossFunction('half-sse').weight(7, 4)).toBeCloseTo(squares, 14)
    expect(lossFunction('half-sse').evaluationWeight(7, 4)).toBe(1 / 7)
    expect(lossFunction('mse').sample(h, 0, y, 0, 4) * lossFunction('mse').weight(1, 4)).toBeCloseTo((2 * squares) / 4, 14)
    const sum = [...h].reduce((total, value) => total + Math.exp(value), 0)
    expect(lossFunction('softmax-cross-entropy').sample(h, 0, y, 0, 4)).toBeCloseTo(Math.log(sum) - 2, 14)
    expect(lossFunction('softmax-cross-entropy').weight(8, 4)).toBe(1 / 8)
  })

  it('have gradients that differences confirm, also for targets that do not sum to one', () => {
    const targets = Float64Array.of(0.2, 0.1, 0.4, 0.9)
    for (const kind of losses) {
      const f = lossFunction(kind)
      const gradient = new Float64Array(4)
      f.gradient(h, 0, targets, 0, 4, 0.7, gradient)
      for (let k = 0; k < 4; k++) {
        const at = (shift: number) =>
          f.sample(
            h.map((value, i) => (i === k ? value + shift : value)),
            0,
            targets,
            0,
            4
          )
        expect(gradient[k]).toBeCloseTo((0.7 * (at(1e-5) - at(-1e-5))) / 2e-5, 9)
      }
    }
  })

  it('cross-entropy neither overflows nor loses a sure answer', () => {
    const f = lossFunction('softmax-cross-entropy')
    const sure = Float64Array.of(1000, -1000, 0)
    expect(f.sample(sure, 0, Float64Array.of(1, 0, 0), 0, 3)).toBe(0)
    expect(f.sample(sure, 0, Float64Array.of(0, 1, 0), 0, 3)).toBe(2000)
    expect(f.sample(Float64Array.of(0, -Infinity), 0, Float64Array.of(1, 0), 0, 2)).toBe(0)
    const p = new Float64Array(3)
    expect(softmax(sure, 0, 3, p)).toBe(1000)
    expect([...p]).toEqual([1, 0, 0])
  })
})
