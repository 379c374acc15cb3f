// Expressions: values, derivatives against central differences, refusals with their place, and fuzzing: nothing hangs, nothing executes.
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { compile, differentiable, ExpressionError, variablesOf } from '../../../../src/shared/expression'

describe('compile', () => {
  test.each([
    ['0.1 * 0.99^epoch', ['t', 'epoch'], [7, 3], 0.1 * 0.99 ** 3],
    ['epoch < 10 ? 0.1 : 0.01', ['t', 'epoch'], [0, 12], 0.01],
    ['2x^2 - 3 x y', ['x', 'y'], [2, 5], 8 - 30],
    ['-x^2', ['x'], [3], -9],
    ['2^3^2', [], [], 512],
    ['min(t, 5) + max(1, 2, 3) % 2', ['t'], [9], 6],
    ['log(8, 2) + log(e)', [], [], 4],
    ['1e-3 * sqrt(t)', ['t'], [16], 4e-3],
    ['cos(pi)', [], [], -1]
  ] as [string, string[], number[], number][])('%s', (source, variables, values, expected) => {
    expect(compile(source, variables)(values)).toBeCloseTo(expected, 14)
  })

  test.each([
    ['', 'empty', null],
    ['x +', 'unexpected end of expression (character 4)', 4],
    ['x + foo', '"foo" is not known here (character 5)', 5],
    ['x + foo(2)', 'the function "foo" is not allowed', 5],
    ['a = 3', 'assignment', null],
    ['f(x) = x', 'function definition', null],
    ['x.constructor', 'property', null],
    ['import(x)', '"import" is not allowed', 1],
    ['x["constructor"]', 'the character "[" is not allowed (character 2)', 2],
    ['x; y', 'the character ";" is not allowed', 2],
    ['x!', 'the operator "factorial" is not allowed', null],
    ['sin', 'needs its argument in parentheses', 1],
    ['sin(1, 2)', '"sin" takes 1 arguments, got 2', 1],
    ['constructor', 'not known here', 1],
    ['toString()', 'not allowed', 1],
    ['('.repeat(100) + 'x' + ')'.repeat(100), 'nested', null],
    ['x'.repeat(2001), 'at most 2000', null],
    [Array.from({ length: 16 }, () => `(${'x + '.repeat(15)}x)`).join('+'), 'at most 400', null]
  ] as [string, string, number | null][])('refuses %#', (source, message, position) => {
    try {
      compile(source, ['x', 'y'])
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError)
      if (!(error instanceof ExpressionError)) throw error
      expect(error.message).toContain(message)
      expect(error.position).toBe(position)
      return
    }
    throw new Error('was accepted')
  })

  test('names that mathjs knows can be variables', () => {
    expect(compile('e + i', ['e', 'i'])([1, 2])).toBe(3)
    expect(variablesOf('b * sin(a) + pi')).toEqual(['a', 'b'])
  })
})

describe('differentiable', () => {
  const cases: [string, string[], number[]][] = [
    ['(1 - x)^2 + 100 (y - x^2)^2', ['x', 'y'], [-1.2, 1]],
    ['x^3 - 3 x y^2', ['x', 'y'], [0.7, -0.3]],
    ['exp(-x^2) * sin(3 y) + x / y', ['x', 'y'], [0.4, 1.3]],
    ['log(x) * sqrt(y) + atan(x y) + tanh(x - y)', ['x', 'y'], [1.7, 0.6]],
    ['x^y + abs(x) + log(y, 3) + log10(x)', ['x', 'y'], [1.5, 2.5]],
    ['sinh(x) cosh(y) + asinh(x) - acos(x / 3) / pow(y, 3) + 1 / tan(x)', ['x', 'y'], [0.8, 1.1]],
    ['e^2 * i + q^4', ['e', 'i', 'q'], [0.3, 0.2, -1.1]]
  ]
  test.each(cases)('%s agrees with central differences', (source, variables, at) => {
    const f = differentiable(source, variables)
    const n = variables.length
    const gradient = new Float64Array(n)
    const hessian = new Float64Array(n * n)
    f.gradient(at, gradient)
    f.hessian(at, hessian)
    const h = 1e-5
    for (let i = 0; i < n; i++) {
      const moved = (by: number) => at.map((x, j) => (j === i ? x + by : x))
      expect(gradient[i]).toBeCloseTo((f.value(moved(h)) - f.value(moved(-h))) / (2 * h), 6)
      const up = new Float64Array(n)
      const down = new Float64Array(n)
      f.gradient(moved(h), up)
      f.gradient(moved(-h), down)
      for (let j = 0; j < n; j++) {
        expect(hessian[i * n + j]).toBe(hessian[j * n + i])
        expect(hessian[i * n + j] / (1 + Math.abs(hessian[i * n + j]))).toBeCloseTo(
          (up[j] - down[j]) / (2 * h) / (1 + Math.abs(hessian[i * n + j])),
          6
        )
      }
    }
  })

  test('shows its formulas', () => {
    const f = differentiable('5x^2 - y^2', ['x', 'y'])
    expect(f.formulas.value).toBe('5 * x^2 - y^2')
    expect(f.formulas.gradient).toEqual(['10 * x', '-2 * y'])
    expect(f.formulas.hessian).toEqual([
      ['10', '0'],
      ['0', '-2']
    ])
  })

  test('says what has no derivative', () => {
    expect(() => differentiable('floor(x)', ['x'])).toThrow('"floor" has no derivative')
  })
})

describe('fuzzing', () => {
  const seed = 20_240_601
  const words = [
    ...'xy0123456789+-*/^%(),.<>=!?: ',
    'sin',
    'exp(',
    'log',
    'e',
    'pi',
    'constructor',
    '__proto__',
    'process',
    'import',
    'this',
    'eval(',
    'global',
    '\n',
    '"',
    '`',
    '[',
    '{',
    ';',
    '\\u0041',
    'ø',
    ' to ',
    ' mod ',
    'cm',
    '1e999',
    'true',
    'null',
    "'"
  ]
  const soup = fc.array(fc.constantFrom(...words), { maxLength: 60 }).map((parts) => parts.join(''))

  test('any text either compiles to a number or is refused with one sentence', () => {
    let accepted = 0
    const before = Object.getOwnPropertyNames(globalThis).length
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ maxLength: 200 })), (source) => {
        try {
          expect(typeof compile(source, ['x', 'y'])([0.5, 2])).toBe('number')
          accepted++
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error
          expect(error.message).not.toContain('\n')
          expect(error.message.length).toBeLessThan(600)
        }
      }),
      { seed, numRuns: 3000 }
    )
    expect(accepted).toBeGreaterThan(30)
    expect(Object.getOwnPropertyNames(globalThis).length).toBe(before)
  })

  const tree: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 7, withCrossShrink: true },
      fc.constantFrom('x', 'y', '2', '0.5', 'pi'),
      fc.tuple(tie('node'), fc.constantFrom('+', '-', '*', '/', '^'), tie('node')).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(fc.constantFrom('sin', 'exp', 'log', 'tanh', 'sqrt', 'abs', '-'), tie('node')).map(([f, a]) => `${f}(${a})`)
    )
  })).node

  test('any arithmetic is differentiated, or refused for its size, without hanging', () => {
    let accepted = 0
    fc.assert(
      fc.property(tree, (source) => {
        try {
          const f = differentiable(source, ['x', 'y'])
          const hessian = new Float64Array(4)
          f.hessian([0.3, 0.7], hessian)
          accepted++
        } catch (error) {
          if (!(error instanceof ExpressionError)) throw error
          expect(error.message).toMatch(/at most|nested|too many terms/)
        }
      }),
      { seed, numRuns: 300 }
    )
    expect(accepted).toBeGreaterThan(100)
  })

  test('towers and chains of the largest allowed size end at once', () => {
    for (const source of [
      Array.from({ length: 55 }, () => 'x').join('^'),
      `${'sin('.repeat(58)}x${')'.repeat(58)}`,
      Array.from({ length: 200 }, () => 'x').join('*'),
      `${'-'.repeat(1990)}x`,
      Array.from({ length: 199 }, () => 'x').join('/')
    ]) {
      try {
        differentiable(source, ['x'])
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError)
      }
    }
  })
})
