// What the picture of a network shows: its stages from the data to the output, with the shapes and numbers of weights. From a spec that need not be complete.
import { biasName, fittingWidths, layerArrays, layerBlocks, parameterCount } from '../../../shared/model/layout'
import type { DataFacts } from '../../../shared/run/estimate'
import { fieldHelp } from '../../../shared/spec/help'
import { isFunctionSpec, type RunSpec } from '../../../shared/spec/schema'
import type { PlotTable } from '../../charts/table'
import { isObject, valueAt } from '../new-run/spec-edit'

export interface Stage {
  /** Above: what it is. */
  readonly title: string
  /** Units that come out; null while not known. */
  readonly width: number | null
  readonly detail: string
}

export interface LayerPicture {
  readonly name: string
  /** inputs × outputs. */
  readonly weights: readonly [number, number]
  /** b1 and its length; null without biases. */
  readonly bias: { readonly name: string; readonly length: number } | null
  readonly activation: string
  readonly parameters: number
}

export interface NetworkPicture {
  readonly stages: readonly Stage[]
  readonly layers: readonly LayerPicture[]
  readonly parameters: number
}

const isWidth = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value) && value > 0
const activationName = (value: unknown) => {
  const kind = String(valueAt(value, ['kind']) ?? '')
  const slope = valueAt(value, ['slope'])
  // "Identity (linear)": there is room for a word.
  const name = (fieldHelp['model.activation'].options?.[kind] ?? kind).replace(/ \(.*\)$/, '')
  return `${name}${slope === undefined ? '' : ` ${String(slope)}`}`
}

function transformStage(transform: unknown): Stage {
  const at = (key: string) => valueAt(transform, [key])
  if (at('kind') === 'random-projection')
    return {
      title: 'Projection',
      width: isWidth(at('dim')) ? (at('dim') as number) : null,
      detail: at('matrix') ? 'given matrix' : 'random, fixed'
    }
  if (at('kind') === 'resize')
    return {
      title: 'Resize',
      width: null,
      detail: `${String(at('height'))} × ${String(at('width'))}${at('colour') === 'grey' ? ', grey' : ''}`
    }
  return { title: 'Scale', width: null, detail: `x / ${String(at('divide'))}${at('subtract') === 0 ? '' : ` − ${String(at('subtract'))}`}` }
}

/** null where the widths are not all there yet. */
export function networkPicture(spec: unknown, data: Pick<DataFacts, 'inputs'> | null): NetworkPicture | null {
  const layers = valueAt(spec, ['model', 'layers'])
  if (!Array.isArray(layers) || layers.length < 2) return null
  const listed = valueAt(spec, ['data', 'transforms'])
  const transforms = Array.isArray(listed) ? listed : []
  const projected = transforms
    .map((one) => valueAt(one, ['dim']))
    .filter(isWidth)
    .at(-1)
  const widths = layers.map((width, place) => (place === 0 && width === null ? (projected ?? data?.inputs ?? null) : width))
  if (!widths.every(isWidth)) return null
  const bias = valueAt(spec, ['model', 'bias']) === true
  const activation = valueAt(spec, ['model', 'activation'])
  const given = valueAt(spec, ['model', 'outputActivation'])
  const softmax = valueAt(spec, ['loss']) === 'softmax-cross-entropy'
  const output = isObject(given) ? given : softmax ? { kind: 'identity' } : activation
  const blocks = layerBlocks(widths, bias)
  const arrays = layerArrays(blocks, bias)
  const pictures = blocks.map((block, place): LayerPicture => {
    const { shape } = arrays.find(({ name }) => name === block.name) ?? { shape: [0, 0] }
    const last = place === blocks.length - 1
    return {
      name: block.name,
      weights: [shape[0], shape[1]],
      bias: bias ? { name: biasName(block.name), length: block.columns } : null,
      activation: activationName(last ? output : activation) + (last && softmax ? ' + softmax' : ''),
      parameters: block.rows * block.columns
    }
  })
  const dataset = valueAt(spec, ['data', 'dataset'])
  const source: Stage = {
    title: 'Data',
    width: null,
    detail: typeof dataset === 'string' ? dataset : String(valueAt(dataset, ['path']) ?? '')
  }
  return {
    stages: [source, ...transforms.map(transformStage), { title: 'Input', width: widths[0], detail: 'units' }],
    layers: pictures,
    parameters: parameterCount(blocks)
  }
}

/** Of a run: inputs that its spec does not name follow from the number of its parameters. */
export function runPicture(spec: RunSpec, parameters: number | null): NetworkPicture | null {
  if (isFunctionSpec(spec)) return null
  const inputs = parameters === null ? null : (fittingWidths(spec.model, parameters)?.[0] ?? null)
  return networkPicture(spec, inputs === null ? null : { inputs })
}

/** The numbers behind the picture, a layer a row. */
export function pictureTable({ layers }: NetworkPicture): PlotTable {
  return {
    header: ['layer', 'inputs', 'outputs', 'biases', 'activation', 'parameters'],
    columns: [
      layers.map(({ name }) => name),
      layers.map(({ weights }) => weights[0]),
      layers.map(({ weights }) => weights[1]),
      layers.map(({ bias }) => bias?.length ?? 0),
      layers.map(({ activation }) => activation),
      layers.map(({ parameters }) => parameters)
    ]
  }
}

/** The picture in a sentence or two, for those who do not see it. */
export function describePicture({ stages, layers, parameters }: NetworkPicture): string {
  const before = stages.map(({ title, width, detail }) => `${title}${width === null ? ` ${detail}` : ` of ${width} units`}`)
  const parts = layers.map(
    ({ name, weights, bias, activation, parameters: own }) =>
      `${name} ${weights[0]} × ${weights[1]}${bias ? ` with ${bias.length} biases` : ''}, ${activation}, ${own} parameters`
  )
  return `${before.join(', ')}; ${parts.join('; ')}; P = ${parameters}`
}
