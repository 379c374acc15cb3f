// What was found, in sentences: each computed from the figures it is given, whichever way they fall.
import { figureOnPage, percent } from '../../../shared/format/figures'
import type { Attempt, Result } from './race'
import { lowest } from './race'
import type { SpectrumRow } from './spectra'

/** What is known of the step time of the original (MATH of the demonstration): NumPy on two cores. */
export const originalStep = { hessians: 1.2, eigendecompositions: 15.7, products: 5.9, whole: 23 } as const

const list = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`
const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`
const percentOf = (fraction: number | null) => (fraction === null ? '–' : percent(fraction, 2))
const number = (value: number, digits = 3) => figureOnPage(value, digits)
const unique = <T>(values: readonly T[]) => [...new Set(values)]

export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length === 0) return null
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export interface UsedData {
  readonly title: string
  readonly partial: boolean
  /** Samples there are, and those that each net used. */
  readonly installed: Samples
  readonly slow: Samples
  readonly fast: Samples
}
interface Samples {
  readonly train: number
  readonly test: number
}

export function dataSentence({ title, partial, installed, slow, fast }: UsedData): string {
  const part = partial ? ' (a part of the official set)' : ''
  const words = ({ train, test }: Samples) =>
    `${train === installed.train ? 'all' : 'the first'} ${train} training samples and was tested on ${test === installed.test ? 'all' : 'the first'} ${test}`
  return `The data are ${title} as installed here, ${installed.train} training and ${installed.test} test samples${part}: the slow net worked on ${words(slow)}, the fast net on ${words(fast)}.`
}

/** Of the layers' own blocks: none, and why; or that there were some, against what is expected. */
export function layerFlips(rows: readonly SpectrumRow[], damping: number): string[] {
  if (rows.length === 0) return []
  const flipped = rows.reduce((sum, row) => sum + row.flipped, 0)
  const negative = rows.reduce((sum, row) => sum + row.negative, 0)
  const total = rows.reduce((sum, row) => sum + row.size, 0)
  const where =
    `the ${list(unique(rows.map(({ block }) => block)))} blocks of ${count(unique(rows.map(({ step }) => step)).length, 'spectrum')}`.replace(
      'spectrums',
      'spectra'
    )
  const smallest = rows.reduce((least, row) => (row.smallest < least.smallest ? row : least))
  if (flipped === 0 && negative === 0)
    return [
      `Layer by layer the absolute value never acted: of ${total} eigenvalues in ${where} none was turned by |λ + ${damping}|, and none was negative beyond rounding (the smallest, in ${smallest.block} after ${count(smallest.step, 'step')}, is ${number(smallest.smallest)}; τ = ${number(smallest.tolerance, 2)}).`,
      'That is no luck: with a piecewise-linear activation and squared error a layer’s own block is JᵀJ, which has no negative eigenvalue. There |H| = H, so by layers saddle-free Newton is damped Newton, and a Cholesky factorization takes the same step.'
    ]
  return [
    `Layer by layer ${flipped} of ${total} eigenvalues in ${where} were turned by |λ + ${damping}|, and ${negative} were negative beyond rounding (the smallest is ${number(smallest.smallest)} in ${smallest.block} after ${count(smallest.step, 'step')}): against what the structure of JᵀJ says, so something is wrong with these spectra.`
  ]
}

/** Of the whole Hessian of one net. */
export function wholeFlips(rows: readonly SpectrumRow[], damping: number): string[] {
  return unique(rows.map(({ net }) => net)).map((net) => {
    const own = rows.filter((row) => row.net === net)
    const [first, last] = [own[0], own[own.length - 1]]
    const most = own.reduce((best, row) => (row.flipped > best.flipped ? row : best))
    const one = ({ flipped, size, step, negative }: SpectrumRow) =>
      `${flipped} of ${size} eigenvalues lay below −${damping} after ${count(step, 'step')}, where |λ + ${damping}| turns their sign, and ${negative} were negative beyond rounding`
    if (most.flipped === 0)
      return `In the whole Hessian of the ${net} net (P = ${first.size}) no eigenvalue was turned by |λ + ${damping}| either, at ${count(own.length, 'point')}${last.negative > 0 ? `, though ${last.negative} were negative beyond rounding at the last` : ''}.`
    const course =
      own.length === 1
        ? ''
        : ` (${first.flipped} after ${count(first.step, 'step')}, at most ${most.flipped}, of ${count(own.length, 'point')})`
    return `In the whole Hessian of the ${net} net (P = ${first.size}) ${one(last)}${course}: the saddle is in the blocks between the layers, which the program leaves out.`
  })
}

/** How condition and effective rank moved, by block. */
export function conditioning(rows: readonly SpectrumRow[]): string[] {
  return unique(rows.map(({ net, block }) => `${net}\n${block}`)).flatMap((key) => {
    const [net, block] = key.split('\n')
    const own = rows.filter((row) => row.net === net && row.block === block)
    const [first, last] = [own[0], own[own.length - 1]]
    const name = `${block === 'whole Hessian' ? 'the whole Hessian' : block} of the ${net} net`
    const condition = ({ condition: known }: SpectrumRow) => (known === null ? 'unknown' : number(known, 2))
    const damped = last.damped === null ? '' : `; with δ added it is ${number(last.damped, 2)} at the end`
    const rank = ({ effectiveRank, size }: SpectrumRow) => `${number(effectiveRank)} of ${size}`
    if (own.length === 1)
      return [
        `After ${count(last.step, 'step')} ${name} had a condition number of ${condition(last)} outside rounding${damped}, and an effective rank of ${rank(last)}.`
      ]
    const moved = (from: number, to: number) => (to > from * 1.05 ? 'rose' : to < from * 0.95 ? 'fell' : 'stayed')
    return [
      `From step ${first.step} to ${last.step} the condition number of ${name} outside rounding ${moved(first.condition ?? 0, last.condition ?? 0)} from ${condition(first)} to ${condition(last)}${damped}; its effective rank ${moved(first.effectiveRank, last.effectiveRank)} from ${rank(first)} to ${number(last.effectiveRank)}.`
    ]
  })
}

const names: Readonly<Record<string, string>> = {
  sfn: 'saddle-free Newton by layers',
  'fd-newton': 'finite-difference Newton',
  gd: 'gradient descent',
  momentum: 'momentum',
  adam: 'Adam',
  'l-bfgs': 'L-BFGS'
}
export const nameOf = (optimizer: string) => names[optimizer] ?? optimizer
const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Who is where after the same time: the program is the first of the results. */
export function raceSentences(results: readonly Result[], tried: readonly Attempt[]): string[] {
  const [own, ...others] = results
  if (own === undefined) return []
  const name = nameOf(own.optimizer)
  const sentences: string[] = []
  const places = (of: (result: Result) => number | null, better: 'low' | 'high') => {
    const known = results.filter((result) => of(result) !== null)
    return known.sort((a, b) => ((of(a) ?? 0) - (of(b) ?? 0)) * (better === 'low' ? 1 : -1))
  }
  const time = `After the same ${number(own.seconds)} s of steps`
  if (own.trainLoss === null) sentences.push(`${upper(name)} diverged after ${count(own.steps, 'step')}.`)
  else {
    const order = places(({ trainLoss }) => trainLoss, 'low')
    const best = order[0]
    const behind = order.filter((one) => one !== own && (one.trainLoss ?? 0) < (own.trainLoss ?? 0))
    sentences.push(
      order.length === 1
        ? `${time} there is no rival left to compare ${name} with.`
        : best === own
          ? `${time} ${name} has the lowest training loss, ${number(own.trainLoss, 4)} per sample; next is ${nameOf(order[1].optimizer)} with ${number(order[1].trainLoss ?? NaN, 4)}.`
          : `${time} ${name} loses: its training loss is ${number(own.trainLoss, 4)} per sample, behind ${list(behind.map((one) => `${nameOf(one.optimizer)} (${number(one.trainLoss ?? NaN, 4)})`))}.`
    )
    const most = others.reduce((max, one) => Math.max(max, one.steps), 0)
    if (others.length > 0) {
      const quickest = others.find((one) => one.steps === most)
      sentences.push(
        `It made ${count(own.steps, 'step')} (${number(own.epochs)} epochs) in that time, ${quickest === undefined ? '' : nameOf(quickest.optimizer)} ${most} (${number(quickest?.epochs ?? 0)} epochs).`
      )
    }
  }
  const tested = places(({ testAccuracy }) => testAccuracy, 'high')
  const rank = tested.indexOf(own)
  if (tested.length > 1 && rank >= 0) {
    const top = tested[0]
    const equal = top.testAccuracy === own.testAccuracy
    sentences.push(
      equal
        ? `On the test samples ${name} has ${percentOf(own.testAccuracy)} right, and nobody has more.`
        : `On the test samples ${nameOf(top.optimizer)} has the most right, ${percentOf(top.testAccuracy)}; ${name} has ${percentOf(own.testAccuracy)}, place ${rank + 1} of ${tested.length}.`
    )
  }
  return [...sentences, ...searchSentences(tried)]
}

/** Rates whose best lies at an end of those tried, and rivals that always diverged. */
export function searchSentences(tried: readonly Attempt[]): string[] {
  const ends: string[] = []
  const out: string[] = []
  for (const rival of unique(tried.map(({ optimizer }) => optimizer))) {
    const rates = tried.filter(({ optimizer }) => optimizer === rival)
    const best = lowest(rates.map(({ trainLoss }) => trainLoss))
    if (best === null)
      out.push(`${upper(nameOf(rival))} diverged at every rate tried (${rates.map(({ rate }) => rate).join(', ')}) and is out of the race.`)
    else if (rates.length > 1 && rates.every(({ trainLoss }) => trainLoss === rates[best].trainLoss))
      out.push(
        `The search says nothing of the rate of ${nameOf(rival)}: every try ended with the same loss, its time too short for the rate to count.`
      )
    else if (best === 0 || best === rates.length - 1)
      ends.push(`${nameOf(rival)} (${rates[best].rate}, the ${best === 0 ? 'lowest' : 'highest'})`)
  }
  const end = `The best rate lies at an end of those tried for ${list(ends)}: a wider search might have helped.`
  return ends.length === 0 ? out : [...out, end]
}

/** The report in one paragraph. */
export function briefSentence(
  layers: readonly SpectrumRow[],
  whole: readonly SpectrumRow[],
  races: readonly (readonly Result[])[],
  step: number
): string {
  const turned = (rows: readonly SpectrumRow[]) => rows.reduce((sum, { flipped }) => sum + flipped, 0)
  const last = whole[whole.length - 1]
  const places = races.flatMap(([own, ...others]) => {
    if (own === undefined) return []
    if (own.trainLoss === null) return [`${nameOf(own.optimizer)} diverged`]
    const ahead = others.filter(({ trainLoss }) => trainLoss !== null && trainLoss < (own.trainLoss ?? 0)).length
    return [`${nameOf(own.optimizer)} is number ${ahead + 1} of ${others.length + 1} by training loss`]
  })
  const inWhole =
    last === undefined ? '' : `, of the slow net’s whole Hessian ${last.flipped} of ${last.size} after ${count(last.step, 'step')}`
  return `In brief: of the layers’ own blocks the absolute value turned ${count(turned(layers), 'eigenvalue')}${inWhole}; at equal time ${list(places)}; a step of the slow net takes ${number(step)} s.`
}

export interface StepTimes {
  readonly whole: number
  readonly assembly: number
  readonly decomposition: number
  readonly solve: number
}

/** Against the original's 23 s: nothing else of it is known. `same`: the net has the original's size. */
export function stepTimeSentence({ whole, assembly, decomposition, solve }: StepTimes, machine: string, same: boolean): string {
  const ratio = originalStep.whole / whole
  const parts = `${number(assembly)} s for the Hessians, ${number(decomposition)} s for factorizations, ${number(solve)} s for solves`
  const against = same
    ? ratio >= 1
      ? `, ${number(ratio)} times as fast as the ${originalStep.whole} s that the NumPy original takes on a machine with two cores`
      : `, ${number(1 / ratio)} times the ${originalStep.whole} s that the NumPy original takes on a machine with two cores`
    : `; the net is smaller than the original’s, so its ${originalStep.whole} s are no comparison`
  return `A step of the slow net took ${number(whole)} s here (median; ${parts}; ${machine})${against}.`
}

/** The two ways to move the narrow net. */
export function narrowSentence(
  full: { readonly loss: number | null; readonly steps: number; readonly turned: number },
  layers: { readonly loss: number | null; readonly steps: number }
): string {
  const acted =
    full.turned === 0 ? 'turned no eigenvalue at any step' : `turned eigenvalues at ${full.turned} of ${count(full.steps, 'step')}`
  const end = (loss: number | null, steps: number) =>
    loss === null ? `diverged after ${count(steps, 'step')}` : `ended at ${number(loss, 4)} per sample`
  const verdict =
    full.loss === null || layers.loss === null
      ? ''
      : full.loss < layers.loss
        ? ' The whole Hessian was the better guide a step.'
        : full.loss > layers.loss
          ? ' A step by layers, blind to the saddle, did better.'
          : ' Both came to the same loss.'
  return `Moved by its whole Hessian with the same δ and rate, the narrow net ${acted} and ${end(full.loss, full.steps)}; moved by layers it ${end(layers.loss, layers.steps)}.${verdict}`
}
