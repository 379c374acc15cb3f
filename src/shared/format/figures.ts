// Measured figures, to so many significant digits.

/** Between a number and its unit on the page: the line never breaks there. */
export const narrowSpace = '\u202f'

interface FigureStyle {
  readonly notANumber: string
  /** From 1e-3 to 1e5. */
  readonly plain: (value: number, digits: number) => string
  /** Outside. */
  readonly scientific: (value: number, digits: number) => string
}

const figures =
  ({ notANumber, plain, scientific }: FigureStyle) =>
  (value: number, digits: number): string => {
    if (Number.isNaN(value)) return notANumber
    if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
    if (value === 0) return '0'
    const size = Math.abs(value)
    return size >= 1e-3 && size < 1e5 ? plain(value, digits) : scientific(value, digits)
  }

const inTerminal = figures({
  notANumber: 'NaN',
  plain: (value, digits) => value.toPrecision(digits),
  scientific: (value, digits) => value.toExponential(digits - 2)
})
const onPage = figures({
  notANumber: '–',
  plain: (value, digits) => String(Number(value.toPrecision(digits))),
  scientific: (value, digits) =>
    value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
})

/** In the terminal, in a width that lines up: `1.235`, `1.00e-9`; `·` for what is not there. */
export const figure = (value: number | null | undefined, digits = 4) =>
  value === null || value === undefined ? '·' : inTerminal(value, digits)
/** On the page, without trailing zeros and with true minus signs: `−1.25e8`; a dash for what is not there. */
export const figureOnPage = (value: number | null | undefined, digits = 4) =>
  value === null || value === undefined ? '–' : onPage(value, digits).replaceAll('-', '−')

/** A fraction as percent. */
export const percent = (fraction: number, decimals: number, space = ' ') => `${(100 * fraction).toFixed(decimals)}${space}%`
