// Numbers as a person reads them off a screen, against values: each must be the value, rounded to the digits that are shown.
import { expect } from 'vitest'

interface Shown {
  readonly value: number
  /** Half a unit of the last digit that is shown. */
  readonly half: number
  readonly unit: boolean
}

const units: Readonly<Record<string, number>> = { '%': 0.01, B: 1, kB: 1e3, MB: 1e6, GB: 1e9, ms: 1e-3, s: 1, min: 60, h: 3600 }
const token =
  /(?:(\d+)\u202f(min|h) (\d+)\u202f(s|min))|([−-]?(?:\d{1,3}(?:\u202f\d{3})+|\d+)(?:\.\d+)?(?:e[−-]?\d+)?)(?:\u202f?(%|kB|MB|GB|B|ms|s|min|h)(?![a-z]))?/g

/** Every number in a text, with its unit; "3 min 20 s" is one. */
function numbersIn(text: string): Shown[] {
  return [...text.matchAll(token)].map(([, large, largeUnit, small, smallUnit, digits, unit]) => {
    if (large !== undefined)
      return { value: Number(large) * units[largeUnit] + Number(small) * units[smallUnit], half: 0.5 * units[smallUnit], unit: true }
    const plain = digits.replaceAll('−', '-').replaceAll('\u202f', '')
    const [mantissa, exponent = '0'] = plain.split('e')
    const decimals = mantissa.includes('.') ? mantissa.split('.')[1].length : 0
    const factor = unit === undefined ? 1 : units[unit]
    return { value: Number(plain) * factor, half: 0.5 * 10 ** (Number(exponent) - decimals) * factor, unit: unit !== undefined }
  })
}

/** How many numbers on screen were held against a value. */
export const compared = { count: 0 }

/** Significant digits of measured figures on the screens. */
const significant = [3, 4, 9]

/**
 * The numbers of a text are these, in this order, and no others. What counts something is met exactly; a measured figure is the value to three,
 * four or nine significant digits (trailing zeros are not shown); what has a unit is the value to the decimals shown.
 */
export function expectNumbers(text: string, values: readonly number[], what: string) {
  const shown = numbersIn(text)
  expect(shown.length, `${what}: “${text}” should show ${values.length} numbers: ${values.join(', ')}`).toBe(values.length)
  values.forEach((value, place) => {
    const { value: number, half, unit } = shown[place]
    const message = `${what}: “${text}” against ${value}`
    if (unit) expect(Math.abs(number - value), message).toBeLessThanOrEqual(half * 1.0001)
    else if (Number.isInteger(value) && Math.abs(value) < 1e5) expect(number, message).toBe(value)
    else
      expect(
        significant.map((digits) => Number(value.toPrecision(digits))),
        message
      ).toContain(number)
    compared.count++
  })
}
