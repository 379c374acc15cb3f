// What the report on the landscape says was found: each sentence follows from the rows it is given.
import { figureOnPage, narrowSpace, percent } from '../../../shared/format/figures'
import type { Gathered, PlaceRow, ScaleRow } from './gather'

const figure = (value: number | null) => figureOnPage(value, 2)
const ofHundred = (value: number) => percent(value, value < 0.1 ? 1 : 0, narrowSpace)
const at = ({ place, step }: { readonly place: string; readonly step: number }) => `${place}, step ${step}`

const rowsAt = (rows: readonly ScaleRow[], { run, step }: PlaceRow, group: string) =>
  rows.filter((row) => row.run === run && row.step === step && row.group === group)

/** Spread of the curvatures over directions, at the smallest scale, at the largest, and over all of them. */
function spread(rows: readonly ScaleRow[]) {
  const values = rows.flatMap(({ anisotropy }) => (anisotropy === null ? [] : [anisotropy]))
  return values.length === 0
    ? null
    : { small: values[0], large: values[values.length - 1], least: Math.min(...values), most: Math.max(...values) }
}

/** From so much on directions count as differently curved: the interquartile range is half of the median size. */
export const anisotropicFrom = 0.5

/** The first claim: is the landscape anisotropic at all scales, and is there structure at all scales? */
export function anisotropyFindings({ places, scales }: Gathered): string[] {
  return places
    .filter(({ role }) => role === 'net')
    .map((row) => {
      const [own, random] = [spread(rowsAt(scales, row, 'eigenvector')), spread(rowsAt(scales, row, 'random'))]
      if (own === null || random === null) return `${at(row)}: no directions could be compared.`
      const flat =
        row.flatTo === null
          ? 'κ is flat at no scale that was looked at'
          : `κ of every direction is its limit uᵀHu, within one per cent, up to ε = ${figure(row.flatTo)}`
      const kinks = row.kink === null ? '' : `; half the directions meet their first kink before ε = ${figure(row.kink)}`
      const verdict =
        own.least >= anisotropicFrom
          ? `between eigenvectors it differs at every scale (interquartile range over median size ${figure(own.small)} at the smallest, ${figure(own.large)} at the largest, never below ${figure(own.least)})`
          : `between eigenvectors it differs at small scales (interquartile range over median size ${figure(own.small)}) but falls to ${figure(own.least)} at larger ones`
      return `${at(row)}: ${flat}${kinks}; ${verdict}; between random directions ${figure(random.small)} and ${figure(random.large)}.`
    })
}

/** What follows for the first claim from all nets together. */
export function anisotropyVerdict({ places, scales }: Gathered): string {
  const nets = places.filter(({ role }) => role === 'net')
  const always = nets.filter((row) => (spread(rowsAt(scales, row, 'eigenvector'))?.least ?? 0) >= anisotropicFrom)
  const flat = nets.filter(({ flatTo }) => flatTo !== null)
  const structure =
    flat.length === nets.length
      ? `No net has structure at all scales: below a scale of its own (ε = ${figure(Math.min(...flat.map(({ flatTo }) => flatTo ?? 0)))} to ${figure(Math.max(...flat.map(({ flatTo }) => flatTo ?? 0)))}) each is the quadratic of its Hessian, and a fractal landscape it is not.`
      : `${nets.length - flat.length} of ${nets.length} places are flat at no scale that was looked at.`
  return `Anisotropic at all scales? In ${always.length} of ${nets.length} places the curvatures along eigenvectors keep apart over the whole range of ε. ${structure}`
}

/** The second claim: does the loss along eigenvectors have even terms only? */
export function evenFindings({ places }: Gathered): string[] {
  return places.map((row) => {
    const share =
      row.odd === null
        ? 'no finite radius of the fourth order'
        : `the third-order term is ${ofHundred(row.odd)} of the even ones at the radius of the fourth order (median)`
    return `${at(row)}: in ${row.oddDirections} of ${row.directions} eigenvectors an odd coefficient is beyond its error; ${share}.`
  })
}

export function evenVerdict({ places }: Gathered): string {
  const nets = places.filter(({ role }) => role === 'net')
  const odd = nets.filter(({ oddDirections, directions }) => oddDirections > directions / 2)
  const [even, cubic] = ['an even function', 'the same with cubic terms'].map((title) => places.find(({ place }) => place === title))
  const right = even?.oddDirections === 0 && cubic !== undefined && cubic.oddDirections === cubic.directions
  const control = `The controls ${right ? 'answer' : 'do not answer'} as they must: the even function has ${even?.oddDirections ?? 0} odd directions of ${even?.directions ?? 0}, with cubic terms ${cubic?.oddDirections ?? 0} of ${cubic?.directions ?? 0}.`
  const shares = nets.flatMap((row) => (row.odd === null ? [] : [row.odd]))
  const size =
    shares.length === 0
      ? ''
      : ` They are ${Math.max(...shares) < 0.1 ? 'small' : 'not small'}: at the radius of the fourth order the cubic term is ${ofHundred(Math.min(...shares))} to ${ofHundred(Math.max(...shares))} of the even ones (medians of the places).`
  const verdict =
    odd.length === nets.length
      ? `No: at every place most directions have odd terms.${size}`
      : odd.length === 0
        ? 'At no place have most directions odd terms.'
        : `At ${odd.length} of ${nets.length} places most directions have odd terms.`
  return `Even terms only, as in Landau’s expansion? ${verdict} ${control}`
}

export function controlFindings({ places }: Gathered): string[] {
  const failed = places.filter(({ failedChecks }) => failedChecks !== '')
  const slopes = places.flatMap(({ fractionalSlope }) => (fractionalSlope === null ? [] : [fractionalSlope]))
  const [least, most] = [Math.min(...slopes), Math.max(...slopes)]
  const returned = Math.max(Math.abs(least + 1.5), Math.abs(most + 1.5)) <= 0.1
  const meaning = returned ? 'a rough landscape would have been seen' : 'the arithmetic cannot be trusted'
  return [
    `Profiles of fractional Brownian motion with exponent ½ ${returned ? 'return' : 'do not return'} their slope −1.5 (${figure(least)} to ${figure(most)} at the places): ${meaning}.`,
    failed.length === 0
      ? 'All checks of all analyses hold.'
      : `Checks that do not hold: ${failed.map((row) => `${at(row)}: ${row.failedChecks}`).join('; ')}.`
  ]
}
