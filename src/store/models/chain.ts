// From a heap of arrays to layers in order: biases go to their weights by name, weights follow each other by shape, then by the natural order of their names.
import { badData, badInput, shown } from '../formats/data-error'
import { biasStem, family, liesOutputsFirst, naturally, weightStem } from './names'
import type { ModelFile, Tensor } from './tensors'

/** A matrix of weights and its bias; which way the matrix lies is still open. */
interface Pair {
  readonly weight: Tensor
  readonly bias: Tensor | null
}

export interface ChainedLayer extends Pair {
  readonly inputs: number
  readonly outputs: number
  /** Stored outputs × inputs. */
  readonly transposed: boolean
}

/** One way in which the layers fit. */
interface Chain {
  readonly pairs: readonly Pair[]
  readonly transposed: boolean
}

export interface Chained {
  readonly layers: readonly ChainedLayer[]
  /** All orders that fit, the natural one first where it does. */
  readonly orders: readonly (readonly string[])[]
  /** Neither shapes nor numbers in the names say which of the orders it is. */
  readonly orderIsOpen: boolean
  readonly notes: readonly string[]
}

const maximumLayers = 200
/** Orders that are listed, and steps of looking for them. */
const maximumOrders = 24
const maximumTries = 20_000

const shapeText = ({ name, shape }: Tensor) => `${shown(name)} (${shape.join(' × ')})`
const inputsOf = ({ weight }: Pair, transposed: boolean) => weight.shape[transposed ? 1 : 0]
const outputsOf = ({ weight }: Pair, transposed: boolean) => weight.shape[transposed ? 0 : 1]

/** A bias is a vector, or one row of which the name says that it is a bias. */
const isBias = ({ name, shape }: Tensor) => shape.length === 1 || (shape.length === 2 && shape[0] === 1 && biasStem(name) !== null)
const biasLength = ({ shape }: Tensor) => shape[shape.length - 1]

function matrices(tensors: readonly Tensor[], file: string): Tensor[] {
  const other = tensors.find((tensor) => !isBias(tensor) && tensor.shape.length !== 2)
  if (other !== undefined)
    throw badData(
      `${file}: ${shown(other.name)} has shape (${other.shape.join(', ')}); a chain of dense layers has matrices of weights and vectors of biases and nothing else`
    )
  const found = tensors.filter((tensor) => !isBias(tensor)).sort((a, b) => naturally(a.name, b.name))
  if (found.length === 0) throw badData(`${file}: holds no matrix of weights${tensors.length === 0 ? ' (it holds no arrays)' : ''}`)
  if (found.length > maximumLayers)
    throw badData(`${file}: has ${found.length} matrices, more than the ${maximumLayers} layers that are read`)
  const empty = found.find(({ shape }) => shape.includes(0))
  if (empty !== undefined) throw badData(`${file}: ${shapeText(empty)} has no entries`)
  return found
}

/** Biases by what their names share with those of weights; where no name says anything, each to the matrix before it. */
function pairUp(tensors: readonly Tensor[], file: string): { pairs: Pair[]; notes: string[] } {
  const weights = matrices(tensors, file)
  const biases = tensors.filter(isBias)
  const byStem = new Map(biases.map((bias) => [biasStem(bias.name), bias]))
  const named = weights.map((weight): Pair => {
    const stem = weightStem(weight.name)
    return { weight, bias: (stem === null ? undefined : byStem.get(stem)) ?? null }
  })
  const taken = new Set(named.map(({ bias }) => bias))
  const left = biases.filter((bias) => !taken.has(bias))
  if (left.length === 0) return { pairs: named, notes: [] }
  const refuse = () =>
    badData(
      `${file}: ${shapeText(left[0])} is the bias of none of its matrices; a chain of dense layers has matrices of weights, their biases and nothing else`
    )
  if (left.length < biases.length || left.some(({ name }) => biasStem(name) !== null || weightStem(name) !== null)) throw refuse()
  const sorted = [...tensors].sort((a, b) => naturally(a.name, b.name))
  const pairs = weights.map((weight): Pair => {
    const next = sorted[sorted.indexOf(weight) + 1]
    return { weight, bias: next !== undefined && isBias(next) && weight.shape.includes(biasLength(next)) ? next : null }
  })
  if (pairs.filter(({ bias }) => bias !== null).length < biases.length) throw refuse()
  return { pairs, notes: ['the names do not say which bias belongs to which weights: each is taken for that of the matrix before it'] }
}

/** Where an order does not fit, in a few words; null where it does. */
function breakOf({ pairs, transposed }: Chain): string | null {
  for (const [place, pair] of pairs.entries()) {
    const outputs = outputsOf(pair, transposed)
    if (pair.bias !== null && biasLength(pair.bias) !== outputs)
      return `${shown(pair.weight.name)} would have ${outputs} outputs, its bias ${shown(pair.bias.name)} has ${biasLength(pair.bias)}`
    const next = pairs[place + 1]
    if (next !== undefined && inputsOf(next, transposed) !== outputs)
      return `${shown(pair.weight.name)} would give ${outputs} outputs, ${shown(next.weight.name)} would take ${inputsOf(next, transposed)} inputs`
  }
  return null
}

/** Orders that fit with the matrices lying one way, the natural one first; not all where there are very many. */
function fitting(pairs: readonly Pair[], transposed: boolean): Chain[] {
  const usable = pairs.every((pair) => pair.bias === null || biasLength(pair.bias) === outputsOf(pair, transposed))
  if (!usable) return []
  const found: Pair[][] = breakOf({ pairs, transposed }) === null ? [[...pairs]] : []
  const used = new Set<Pair>()
  const path: Pair[] = []
  let tries = 0
  const extend = () => {
    if (found.length >= maximumOrders || ++tries > maximumTries) return
    if (path.length === pairs.length) {
      if (found[0] === undefined || found[0].some((pair, k) => pair !== path[k])) found.push([...path])
      return
    }
    const last = path.at(-1)
    for (const pair of pairs) {
      if (used.has(pair) || (last !== undefined && inputsOf(pair, transposed) !== outputsOf(last, transposed))) continue
      used.add(pair)
      path.push(pair)
      extend()
      path.pop()
      used.delete(pair)
    }
  }
  extend()
  return found.map((order) => ({ pairs: order, transposed }))
}

const namesOf = (pairs: readonly Pair[]) => pairs.map(({ weight }) => weight.name)
const alike = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((name, k) => name === b[k])

/**
 * All ways in which the layers fit. The way matrices lie by their names comes first; the other way counts only where the natural order does not fit
 * the first one: without biases every chain fits backwards.
 */
function candidates(pairs: readonly Pair[], outputsFirst: boolean): Chain[] {
  const natural = namesOf(pairs)
  const holdsNatural = (chains: readonly Chain[]) => chains.some((chain) => alike(namesOf(chain.pairs), natural))
  const likely = fitting(pairs, outputsFirst)
  if (holdsNatural(likely)) return likely
  const other = fitting(pairs, !outputsFirst)
  return holdsNatural(other) ? [other[0], ...likely] : [...likely, ...other]
}

function chosen(pairs: readonly Pair[], order: readonly string[], outputsFirst: boolean, file: string): Chain {
  const names = namesOf(pairs)
  if (!alike([...order].sort(naturally), names))
    throw badInput(
      `order: must name each of ${names.map((name) => shown(name)).join(', ')} once, got ${order.map((name) => shown(name)).join(', ')}`
    )
  const inOrder = order.flatMap((name) => pairs.find(({ weight }) => weight.name === name) ?? [])
  const chain = [outputsFirst, !outputsFirst].map((transposed) => ({ pairs: inOrder, transposed })).find((one) => breakOf(one) === null)
  if (chain === undefined) throw badInput(`order: ${file}: ${breakOf({ pairs: inOrder, transposed: outputsFirst }) ?? 'it does not fit'}`)
  return chain
}

function chainNotes({ pairs, transposed }: Chain, orders: number, open: boolean): string[] {
  const square = pairs.every(({ weight: { shape } }) => shape[0] === shape[1])
  const lies = transposed ? 'outputs × inputs, as PyTorch stores them' : 'inputs × outputs'
  return [
    ...(square ? [`the matrices are square, so shapes do not say how they lie: by their names they are taken as ${lies}`] : []),
    ...(orders > 1 && !open
      ? [`${orders}${orders >= maximumOrders ? ' or more' : ''} orders fit by shape; the numbers in the names decide`]
      : [])
  ]
}

/** The layers of a file without a graph; `order` names the weights from the inputs to the outputs. Throws one sentence. */
export function chainTensors({ name: file, format, tensors }: ModelFile, order?: readonly string[]): Chained {
  const { pairs, notes } = pairUp(tensors, file)
  const outputsFirst = format === 'pytorch' || liesOutputsFirst(namesOf(pairs))
  const chains = candidates(pairs, outputsFirst)
  if (chains.length === 0)
    throw badData(
      `${file}: its matrices make no chain of layers in any order: ${pairs
        .slice(0, 12)
        .map(({ weight }) => shapeText(weight))
        .join(', ')}; in natural order, ${breakOf({ pairs, transposed: outputsFirst }) ?? 'they do not fit'}`
    )
  const chain = order === undefined ? chains[0] : chosen(pairs, order, outputsFirst, file)
  const some = pairs.find(({ bias }) => bias === null)
  if (some !== undefined && pairs.some(({ bias }) => bias !== null))
    throw badData(`${file}: ${shown(some.weight.name)} has no bias while other layers have one; all layers have one here or none has`)
  const orders = chains.map(({ pairs: inOrder }) => namesOf(inOrder))
  const natural = alike(orders[0], namesOf(pairs))
  const families = orders[0].map(family)
  const open = order === undefined && orders.length > 1 && !(natural && orders.every((one) => alike(one.map(family), families)))
  return {
    layers: chain.pairs.map((pair) => ({
      ...pair,
      inputs: inputsOf(pair, chain.transposed),
      outputs: outputsOf(pair, chain.transposed),
      transposed: chain.transposed
    })),
    orders,
    orderIsOpen: open,
    notes: [...notes, ...(order === undefined ? chainNotes(chain, orders.length, open) : [])]
  }
}
