// Power series of expressions and built-in functions: against repeated automatic differentiation in 50 digits, exact on polynomials, refused by name.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtIn } from '../../../../src/engine/functions/built-in'
import { functionDefinition } from '../../../../src/engine/functions/list'
import { expressionJet } from '../../../../src/engine/jets/expression'
import { matrix, type Matrix } from '../../../../src/engine/linalg'
import type { CurveJet } from '../../../../src/engine/objective'
import { functionObjective } from '../../../../src/engine/objectives/function'
import { regularizedObjective } from '../../../../src/engine/objectives/regularized'
import { scaledObjective } from '../../../../src/engine/objectives/scaled'
import { fillNormal, randomStream } from '../../../../src/engine/random'
import { functions, operators } from '../../../../src/shared/expression/term'
import { parseTerm } from '../../../../src/shared/expression'
import { openPlain } from '../../../reference/linalg/plain'
import { gradientOf, relativeError } from '../nn/nets'

interface Golden {
  readonly point: number[]
  readonly curves: Readonly<Record<string, number[][]>>
  readonly cases: readonly { readonly source: string; readonly curve: string; readonly loss: number[]; readonly gradient: number[][] }[]
}
const golden: Golden = JSON.parse(readFileSync('test/reference/jets/expressions.json', 'utf8'))
const linalg = openPlain()

const rows = (values: readonly (readonly number[])[]): Matrix => matrix(values.length, values[0].length, Float64Array.from(values.flat()))
const objectiveOf = (source: string, variables: readonly string[] | null = null) =>
  functionObjective({ linalg }, functionDefinition({ function: source, variables: variables && [...variables], start: null }))
const gradientRow = ({ gradient }: CurveJet, k: number) => gradient.data.subarray(k * gradient.columns, (k + 1) * gradient.columns)
const normal = (length: number, seed = 1) => fillNormal(randomStream(seed, 'jets'), new Float64Array(length))

describe('jets of expressions', () => {
  it('agree with repeated automatic differentiation in 50 digits, every operation, lines and curves, order 6, to 1e-12', async () => {
    let compared = 0
    for (const { source, curve, loss, gradient } of golden.cases) {
      const objective = objectiveOf(source, ['x', 'y'])
      const [jet] = (await objective.jets?.(Float64Array.from(golden.point), [rows(golden.curves[curve])], { order: 6 })) ?? []
      for (let k = 0; k <= 6; k++) {
        const name = `${source} along the ${curve}, coefficient ${k}`
        // A coefficient that vanishes is held against the largest of its neighbours.
        const size = Math.max(Math.abs(loss[k]), 1e-3 * Math.max(...loss.map(Math.abs)))
        expect(Math.abs(jet.loss[k] - loss[k]) / size, `${name} of the value`).toBeLessThan(1e-12)
        const largest = Math.max(...gradient[k].map(Math.abs), 1e-3 * Math.max(...gradient.flat().map(Math.abs)))
        gradient[k].forEach((value, i) =>
          expect(Math.abs(gradientRow(jet, k)[i] - value) / largest, `${name} of the gradient`).toBeLessThan(1e-12)
        )
        compared += 1 + gradient[k].length
      }
    }
    expect(compared).toBe(29 * 3 * 7 * 3)
  })

  it('know every operation that an expression may minimize, and refuse the others by name', () => {
    const used = golden.cases.map(({ source }) => source).join(' ')
    const refused: string[] = []
    const unary = [...functions].filter(([name, { least }]) => least === 1 && name !== 'min' && name !== 'max')
    for (const [name] of unary)
      try {
        expressionJet(parseTerm(`${name}(x)`, ['x']), [Float64Array.of(0.5, 1)], true)
        expect(used, name).toContain(`${name}(`)
      } catch (error) {
        refused.push(name)
        expect(error).toHaveProperty('message', `"${name}" has no power series; use it in schedules only`)
      }
    expect(refused).toEqual(['floor', 'ceil', 'round', 'sign'])
    const binary = [...operators.keys()].filter(
      (name) => !['add', 'subtract', 'multiply', 'divide', 'pow', 'unaryMinus', 'unaryPlus'].includes(name)
    )
    for (const name of [...binary, 'min', 'max', 'conditional'])
      expect(() =>
        expressionJet({ kind: 'call', name, args: [0, 0, 0].map(() => ({ kind: 'variable', index: 0 })) }, [Float64Array.of(0.5, 1)], true)
      ).toThrow(`"${name}" has no power series`)
  })

  it('say NaN where there is no power series: |x| and √x at 0, a moving exponent over a negative base', async () => {
    const at = async (source: string, x: number[], curve: number[]) =>
      (await objectiveOf(source, ['x', 'y'].slice(0, x.length)).jets?.(Float64Array.from(x), [rows([curve])], { order: 2 })) ?? []
    for (const [source, x, curve] of [
      ['abs(x)', [0], [1]],
      ['sqrt(x)', [0], [1]],
      ['x^y', [-1, 2], [0, 1]]
    ] satisfies [string, number[], number[]][]) {
      const [jet] = await at(source, x, curve)
      expect(Number.isFinite(jet.loss[1]), source).toBe(false)
    }
    // Whole powers have their series at 0, and a resting exponent over a negative base too.
    expect([...(await at('x^3', [0], [2]))[0].gradient.data]).toEqual([0, 0, 12])
    const [resting] = await at('x^y', [-2, 3], [1, 0])
    expect([...resting.loss]).toEqual([-8, 12, -6])
  })
})

describe('jets of functions', () => {
  it('start with the value and the gradient, go on with the Hessian’s product, for every built-in function', async () => {
    for (const make of Object.values(builtIn)) {
      const definition = make()
      const objective = functionObjective({ linalg }, definition)
      const n = definition.variables.length
      const x = normal(n, 3)
      const v = normal(n, 4)
      const [jet] = (await objective.jets?.(x, [matrix(1, n, v)], { order: 2 })) ?? []
      expect(relativeError([jet.loss[0]], [definition.value(x)]), definition.name).toBeLessThan(1e-14)
      expect(relativeError(gradientRow(jet, 0), await gradientOf(objective, x)), definition.name).toBeLessThan(1e-13)
      const product = await (await objective.products(x, 'hessian'))(matrix(1, n, v))
      expect(relativeError(gradientRow(jet, 1), product.data), definition.name).toBeLessThan(1e-12)
    }
  })

  it('are exact on polynomials, and their sum at t is the function there', async () => {
    const objective = objectiveOf('himmelblau')
    const x = Float64Array.of(1, 2)
    const curve = rows([
      [1, -2],
      [3, 1]
    ])
    const [jet] = (await objective.jets?.(x, [curve], { order: 8 })) ?? []
    // Of degree 4 in w, and w of degree 2 in t: whole numbers all along, and none beyond t^8.
    for (const value of [...jet.loss, ...jet.gradient.data]) expect(Number.isInteger(value)).toBe(true)
    for (const t of [-1, 0.5, 2]) {
      const at = x.map((start, i) => start + t * curve.data[i] + t * t * curve.data[2 + i])
      expect(jet.loss.reduce((sum, a, k) => sum + a * t ** k, 0)).toBe(await objective.loss(at))
      const there = await gradientOf(objective, at)
      for (let i = 0; i < 2; i++) {
        let sum = 0
        for (let k = 0; k <= 8; k++) sum += gradientRow(jet, k)[i] * t ** k
        expect(sum).toBeCloseTo(there[i], 9)
      }
    }
  })

  it('satisfy d/dt f(w(t)) = ∇f(w(t))·w′(t), coefficient by coefficient, scaled and with weight decay too', async () => {
    const plain = objectiveOf('exp(x*y) - tanh(2*x) + y^2.5', ['x', 'y'])
    const x = Float64Array.of(0.3, 1.1)
    const curve = matrix(3, 2, normal(6))
    for (const objective of [plain, scaledObjective(plain, -2.5), regularizedObjective(scaledObjective(plain, 3), 0.7)]) {
      const [jet] = (await objective.jets?.(x, [curve], { order: 5 })) ?? []
      expect(jet.loss[0]).toBeCloseTo(await objective.loss(x), 13)
      expect(relativeError(gradientRow(jet, 0), await gradientOf(objective, x))).toBeLessThan(1e-14)
      for (let k = 1; k <= 5; k++) {
        let sum = 0
        for (let j = 1; j <= Math.min(k, 3); j++)
          for (let i = 0; i < 2; i++) sum += j * curve.data[(j - 1) * 2 + i] * gradientRow(jet, k - j)[i]
        expect(Math.abs(k * jet.loss[k] - sum) / Math.max(1, Math.abs(sum))).toBeLessThan(1e-13)
      }
    }
  })

  it('take several curves, views and curves of no coefficients, leave the gradient out, and refuse what does not fit', async () => {
    const objective = objectiveOf('rosenbrock')
    const x = Float64Array.of(-1.2, 1)
    const wide = matrix(2, 4, normal(8))
    const view: Matrix = { ...wide, columns: 2, offset: 1 }
    const rest = matrix(0, 2)
    const jets = (await objective.jets?.(x, [view, rest], { order: 3 })) ?? []
    const [alone] = (await objective.jets?.(x, [rows([[...wide.data.subarray(1, 3)], [...wide.data.subarray(5, 7)]])], { order: 3 })) ?? []
    expect(jets[0]).toEqual(alone)
    expect([...jets[1].loss]).toEqual([await objective.loss(x), 0, 0, 0])
    const [bare] = (await objective.jets?.(x, [view], { order: 3, gradient: false })) ?? []
    expect(bare.loss).toEqual(alone.loss)
    expect(bare.gradient.rows).toBe(0)
    await expect(objective.jets?.(x, [view], { order: 1 })).rejects.toThrow('curve 0 has 2 coefficients; jets of order 1 take at most 1')
    await expect(objective.jets?.(x, [matrix(1, 3)], { order: 1 })).rejects.toThrow('curve 0 has 3 columns; there are 2 parameters')
    await expect(objective.jets?.(x, [view], { order: 1.5 })).rejects.toThrow('the order must be a whole number from 1 on, got 1.5')
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(objective.jets?.(x, [view], { order: 2, signal: stop.signal })).rejects.toThrow('enough')
  })
})
