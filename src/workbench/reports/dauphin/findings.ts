// What the report on Dauphin et al. (2014) says was found: each sentence follows from the rows it is given.
import { figureOnPage, narrowSpace, percent } from '../../../shared/format/figures'
import { spearman } from '../../../shared/run/correlation'
import { byNet, sameNet, type CourseRow, type CriticalRow, type CurvatureRow, type NetKey, type Outcome, type SummaryRow } from './rows'

export const dataNames = {
  mnist10: 'MNIST 10 × 10',
  'cifar10-grey': 'CIFAR-10 10 × 10, grey',
  'cifar10-colour': 'CIFAR-10 10 × 10, colour'
} as const
export const netName = ({ data, activation, hidden }: NetKey) => `${dataNames[data]}, ${hidden} ${activation} units`
export const figure = (value: number) => figureOnPage(value, 3)
export const ofHundred = (value: number) => percent(value, 1, narrowSpace)
const sfn = 'Saddle-free Newton'
/** Within a sentence. */
const called = (method: string) => (method === 'Minibatch SGD' ? 'minibatch SGD' : `${method[0].toLowerCase()}${method.slice(1)}`)

const listed = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`

/** Who has the lowest loss, and where saddle-free Newton stands; ties within a hundredth are said. */
function standing(rows: readonly { readonly method: string; readonly loss: number }[]): string {
  const [first, second] = [...rows].sort((a, b) => a.loss - b.loss)
  const own = rows.find(({ method }) => method === sfn)
  if (own === undefined || second === undefined) return ''
  const rival = first.method === sfn ? second : first
  const factor = Math.max(own.loss, rival.loss) / Math.min(own.loss, rival.loss)
  if (factor < 1.01) return `${sfn} and ${called(rival.method)} are level by loss.`
  const times = Number.isFinite(factor) ? `, by a factor of ${figure(factor)} in loss` : ''
  return first.method === sfn ? `${sfn} is ahead of ${called(second.method)}${times}.` : `${sfn} loses to ${called(first.method)}${times}.`
}

/** Each net at the end of all its runs. */
export const endFindings = (rows: readonly SummaryRow[]): string[] =>
  byNet(rows).map((net) => {
    const parts = net.map(
      ({ method, error, loss, epochs, runs }) =>
        `${called(method)} ${ofHundred(error)} (loss ${figure(loss)}, ${figure(epochs)} epochs${runs > 1 ? `, mean of ${runs} seeds` : ''})`
    )
    return `${netName(net[0])}: training error at the end is ${listed(parts)}. ${standing(net)}`.trim()
  })

/** The last measured row of each drawn run at or before a limit. */
function at(rows: readonly CourseRow[], axis: 'epoch' | 'seconds', limit: number): CourseRow[] {
  const last = new Map<string, CourseRow>()
  for (const row of rows) {
    const before = last.get(row.method)
    if (row[axis] <= limit * (1 + 1e-9) && (before === undefined || row[axis] >= before[axis])) last.set(row.method, row)
  }
  return [...last.values()]
}

/** Each net at the same number of epochs and in the same time of steps: as far as the shortest of its drawn runs went. */
export const equalFindings = (rows: readonly CourseRow[]): string[] =>
  byNet(rows.filter(({ shown }) => shown)).flatMap((net) =>
    (['epoch', 'seconds'] as const).flatMap((axis) => {
      const names = [...new Set(net.map(({ method }) => method))]
      if (names.length < 2) return []
      const limit = Math.min(...names.map((name) => Math.max(...net.filter(({ method }) => method === name).map((row) => row[axis]))))
      const found = at(net, axis, limit)
      const parts = found.map(
        ({ method, error, loss, epoch }) =>
          `${called(method)} ${ofHundred(error)} (loss ${figure(loss)}${epoch === 0 ? ', still at its start' : ''})`
      )
      const when = axis === 'epoch' ? `after ${figure(limit)} epochs each` : `in the same ${figure(limit)} s of steps`
      return [`${netName(net[0])}, ${when}: ${listed(parts)}. ${standing(found)}`.trim()]
    })
  )

/** More hidden units, less error? A method at a time. */
export function hiddenFindings(rows: readonly SummaryRow[]): string[] {
  const groups = new Map<string, SummaryRow[]>()
  for (const row of rows) {
    const key = `${row.data} ${row.activation} ${row.method}`
    groups.set(key, [...(groups.get(key) ?? []), row])
  }
  return [...groups.values()].flatMap((group) => {
    if (group.length < 2) return []
    const sorted = [...group].sort((a, b) => a.hidden - b.hidden)
    const [few, many] = [sorted[0], sorted[sorted.length - 1]]
    const [before, after] = [ofHundred(few.error), ofHundred(many.error)]
    const change = before === after ? `stays at ${after}` : `${many.error < few.error ? 'falls' : 'rises'} from ${before} to ${after}`
    const short = many.epochs < few.epochs ? ` (but after ${figure(many.epochs)} epochs against ${figure(few.epochs)})` : ''
    return [
      `${dataNames[few.data]}, ${few.activation}: from ${few.hidden} to ${many.hidden} units the training error of ${called(few.method)} ${change}${short}.`
    ]
  })
}

/** The most negative eigenvalue from the first to the last point of each drawn run. */
export const curvatureFindings = (rows: readonly CurvatureRow[]): string[] =>
  byNet(rows).map((net) => {
    const ends = [...new Set(net.map(({ method }) => method))].map((method) => {
      const mine = net.filter((row) => row.method === method).sort((a, b) => a.epoch - b.epoch)
      return { method, first: mine[0], last: mine[mine.length - 1] }
    })
    const parts = ends.map(
      ({ method, first, last }) =>
        `${called(method)} from ${figure(first.lambdaMin)} to ${figure(last.lambdaMin)} (epoch ${figure(last.epoch)})`
    )
    const least = [...ends].sort((a, b) => a.last.magnitude - b.last.magnitude)[0]
    return `${netName(net[0])}: the most negative eigenvalue goes with ${listed(parts)}; it ends closest to zero with ${called(least.method)}.`
  })

const kinds: readonly Outcome[] = ['critical', 'gradient-flat', 'not converged']
const counted = (rows: readonly CriticalRow[], outcome: Outcome) => rows.filter((row) => row.outcome === outcome)

function correlation(rows: readonly CriticalRow[], what: string): string | null {
  const rho = spearman(
    rows.map(({ index }) => index),
    rows.map(({ error }) => error)
  )
  if (rho === null) return null
  const words =
    rho > 0.5
      ? 'a higher index goes with a higher error'
      : rho < -0.5
        ? 'a higher index goes with a lower error'
        : 'the two hardly go together'
  return `the rank correlation of index and error is ${figureOnPage(rho, 2)} over ${what} (${rows.length}): ${words}`
}

function correlations(critical: readonly CriticalRow[], flat: readonly CriticalRow[], all: readonly CriticalRow[]): string {
  const own =
    correlation(critical, 'the critical points alone') ??
    `the critical points are too few (${critical.length}), or too alike, for a correlation of index and error`
  const parts = [own, correlation(flat, 'the gradient-flat points'), correlation(all, 'all points together')].filter(
    (part) => part !== null
  )
  const text = parts.join('; ')
  return `${text[0].toUpperCase()}${text.slice(1)}.`
}

/** How many of the points are what they are called, and what index and error say of each kind. */
export function criticalFindings(rows: readonly CriticalRow[], mostSteps: number): string[] {
  return byNet(rows).flatMap((net) => {
    const [critical, flat, other] = kinds.map((kind) => counted(net, kind))
    const range = (list: readonly CriticalRow[]) => {
      const errors = list.map(({ error }) => error)
      const [low, high] = [ofHundred(Math.min(...errors)), ofHundred(Math.max(...errors))]
      return `training error ${low === high ? low : `${low} … ${high}`}`
    }
    const sentences = [
      `${netName(net[0])}: of ${net.length} Newton searches from noisy snapshots, ${critical.length} ended at a critical point, ${flat.length} in a gradient-flat region (the gradient is not zero, but the Hessian maps it almost to zero) and ${other.length} at neither.`
    ]
    const spent = [...flat, ...other].filter(({ iterations }) => iterations >= mostSteps).length
    if (spent > 0)
      sentences.push(
        `${spent} of the ${flat.length + other.length} that did not reach a critical point had spent all ${mostSteps} steps: the gradient was still falling, slowly; longer searches may move some of them.`
      )
    const share = critical.length / net.length
    if (share < 0.5)
      sentences.push(
        `Most points found this way are therefore not critical points: a figure of index against error that draws them all alike would mostly show where the search got stuck. This agrees with the public reproductions that failed.`
      )
    else if (share > 0.5)
      sentences.push(`Most points found this way are therefore critical points; the failure of public reproductions does not show here.`)
    else sentences.push(`Half of the points found this way are therefore no critical points, and a figure has to tell them apart.`)
    if (critical.length > 0 && flat.length > 0) {
      const worse = Math.min(...critical.map(({ error }) => error)) > Math.max(...flat.map(({ error }) => error))
      sentences.push(
        `The critical points have ${range(critical)}, the gradient-flat ones ${range(flat)}${worse ? ': every critical point is worse than every gradient-flat one' : ''}.`
      )
    }
    sentences.push(correlations(critical, flat, net))
    return sentences
  })
}

/** In brief, for the top of the page. */
export function leadFinding(summary: readonly SummaryRow[], critical: readonly CriticalRow[]): string {
  const nets = byNet(summary).filter((net) => net.length > 1)
  const won = nets.filter((net) => [...net].sort((a, b) => a.loss - b.loss)[0].method === sfn)
  const race = `By training loss at the end saddle-free Newton comes first in ${won.length} of ${nets.length} nets${won.length < nets.length ? ` and loses in ${listed(nets.filter((net) => !won.some((one) => sameNet(one[0], net[0]))).map((net) => netName(net[0])))}` : ''}.`
  if (critical.length === 0) return race
  return `${race} Of ${critical.length} points that Newton ended at, ${counted(critical, 'critical').length} are critical points and ${counted(critical, 'gradient-flat').length} lie in gradient-flat regions.`
}
