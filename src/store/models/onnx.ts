// Reads .onnx: a graph that is a chain of Gemm or MatMul + Add with elementwise activations, a Softmax at most at its end. Anything else is refused by name.
import type { ZipSource } from '../../shared/npy'
import type { Activation } from '../../shared/spec/schema'
import { badData, shown } from '../formats/data-error'
import { parseOnnx, type OnnxAttribute, type OnnxGraph, type OnnxNode } from './onnx-proto'
import { onnxTensor } from './onnx-tensor'
import { maximumParameters, type StatedGraph, type StatedLayer, type Tensor } from './tensors'

const maximumBytes = maximumParameters * 8 + 64 * 1024 * 1024

const activations: Readonly<Record<string, (alpha: number) => Activation>> = {
  Relu: () => ({ kind: 'relu' }),
  LeakyRelu: (slope) => ({ kind: 'leaky-relu', slope }),
  Tanh: () => ({ kind: 'tanh' }),
  Sigmoid: () => ({ kind: 'sigmoid' }),
  Softplus: () => ({ kind: 'softplus' })
}
const readOperators = `Gemm, MatMul, Add, ${Object.keys(activations).join(', ')}, Identity, and Softmax at the end`

/** A layer in the making. */
interface Draft {
  readonly weight: Tensor
  readonly transposed: boolean
  readonly outputs: number
  readonly inputs: number
  bias: Tensor | null
  activation: Activation | null
}

/** A constant of the graph; `turned` where a Transpose stands before its use. */
interface Constant {
  readonly tensor: Tensor
  readonly turned: boolean
}

/** Attributes are stored in single precision: the shortest decimal that is this single, as it was once written. */
export function asWritten(single: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits))
    if (Math.fround(short) === single) return short
  }
  return single
}

function scaled(tensor: Tensor, factor: number): Tensor {
  return factor === 1 ? tensor : { ...tensor, read: async () => (await tensor.read()).map((value) => value * factor) }
}

function chainOf(graph: OnnxGraph, file: string): { graph: StatedGraph; notes: string[] } {
  const constants = new Map<string, Constant>()
  const users = new Map<Tensor, string>()
  const notes: string[] = []
  const layers: Draft[] = []
  let softmax = false

  const inWords = ({ operator, name }: OnnxNode) =>
    `${file}: node ${shown(operator, 40) || '(without operator)'}${name === '' ? '' : ` "${shown(name)}"`}`
  const attribute = (node: OnnxNode, name: string): OnnxAttribute | undefined => node.attributes.find((one) => one.name === name)
  const number = (node: OnnxNode, name: string, otherwise: number): number => {
    const found = attribute(node, name)
    if (found === undefined) return otherwise
    const value = asWritten(found.f)
    if (!Number.isFinite(value)) throw badData(`${inWords(node)}: ${name} is ${value}, must be finite`)
    if (value !== found.f) notes.push(`${name} of ${node.operator} is stored in single precision (${found.f}): taken as ${value}`)
    return value
  }
  const flag = (node: OnnxNode, name: string): boolean => {
    const value = attribute(node, name)?.i ?? 0
    if (value !== 0 && value !== 1) throw badData(`${inWords(node)}: ${name} is ${value}, must be 0 or 1`)
    return value === 1
  }

  for (const tensor of graph.initializers) {
    if (constants.has(tensor.name)) throw badData(`${file}: has two initializers "${shown(tensor.name)}"`)
    constants.set(tensor.name, { tensor: onnxTensor(tensor, file), turned: false })
  }
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name))
  if (inputs.length !== 1 || graph.outputs.length !== 1)
    throw badData(`${file}: its graph has ${inputs.length} inputs and ${graph.outputs.length} outputs; a chain of layers has one of each`)
  const [input] = inputs
  const [output] = graph.outputs
  let current = input.name
  const made = new Set([...constants.keys(), current])

  const use = (node: OnnxNode, name: string, what: string): Constant => {
    const constant = constants.get(name)
    if (constant === undefined)
      throw badData(`${inWords(node)}: its ${what} "${shown(name)}" is no constant; a layer has weights of its own`)
    const user = users.get(constant.tensor)
    if (user !== undefined)
      throw badData(`${inWords(node)}: its ${what} "${shown(name)}" is that of ${user} too; weights that layers share are not read`)
    users.set(constant.tensor, node.name === '' ? node.operator : `"${shown(node.name)}"`)
    return constant
  }
  const addLayer = (node: OnnxNode, name: string, transposed: boolean, factor: number) => {
    const { tensor, turned } = use(node, name, 'matrix')
    if (tensor.shape.length !== 2 || tensor.shape.includes(0))
      throw badData(`${inWords(node)}: "${shown(name)}" has shape (${tensor.shape.join(', ')}), must be a matrix`)
    const lies = transposed !== turned
    const [inputsHere, outputs] = lies ? [tensor.shape[1], tensor.shape[0]] : tensor.shape
    const before = layers.at(-1)
    if (before !== undefined && before.outputs !== inputsHere)
      throw badData(`${inWords(node)}: takes ${inputsHere} inputs, the layer before it gives ${before.outputs}`)
    layers.push({ weight: scaled(tensor, factor), transposed: lies, inputs: inputsHere, outputs, bias: null, activation: null })
  }
  const addBias = (node: OnnxNode, layer: Draft, name: string, factor: number) => {
    const { tensor } = use(node, name, 'bias')
    const { shape } = tensor
    if (shape[shape.length - 1] !== layer.outputs || shape.length > 2 || (shape.length === 2 && shape[0] !== 1))
      throw badData(`${inWords(node)}: its bias "${shown(name)}" has shape (${shape.join(', ')}), must be (${layer.outputs})`)
    layer.bias = scaled({ ...tensor, shape: [layer.outputs] }, factor)
  }

  const onConstants = (node: OnnxNode): boolean => {
    const [first] = node.inputs
    const source = node.inputs.length === 1 ? constants.get(first) : undefined
    let constant: Constant | null = null
    if (node.operator === 'Constant') {
      const value = attribute(node, 'value')?.tensor
      if (!value) throw badData(`${inWords(node)}: has no tensor as its value, which is all that is read`)
      constant = { tensor: onnxTensor({ ...value, name: node.outputs[0] ?? '' }, file), turned: false }
    } else if (source !== undefined && node.operator === 'Identity') constant = source
    else if (source !== undefined && node.operator === 'Transpose' && source.tensor.shape.length === 2) {
      const ints = attribute(node, 'perm')?.ints ?? [1, 0]
      if (ints.join() !== '1,0') throw badData(`${inWords(node)}: perm is (${shown(ints.join(', '))}), must be (1, 0)`)
      constant = { tensor: source.tensor, turned: !source.turned }
    }
    if (constant !== null) constants.set(node.outputs[0], constant)
    return constant !== null
  }

  const onChain = (node: OnnxNode) => {
    const last = layers.at(-1)
    const { operator } = node
    if (softmax) throw badData(`${inWords(node)}: stands after a Softmax, which is read at the end only`)
    if (operator === 'Gemm') {
      if (node.inputs[0] !== current) throw badData(`${inWords(node)}: does not take the inputs first; inputs are rows of samples here`)
      if (flag(node, 'transA')) throw badData(`${inWords(node)}: transA is 1; inputs are rows of samples here`)
      addLayer(node, node.inputs[1] ?? '', flag(node, 'transB'), number(node, 'alpha', 1))
      const beta = number(node, 'beta', 1)
      if (node.inputs[2]) addBias(node, layers[layers.length - 1], node.inputs[2], beta)
    } else if (operator === 'MatMul') {
      if (node.inputs[0] !== current) throw badData(`${inWords(node)}: has its matrix before the inputs; inputs are rows of samples here`)
      addLayer(node, node.inputs[1] ?? '', false, 1)
    } else if (operator === 'Add') {
      if (last === undefined || last.bias !== null || last.activation !== null)
        throw badData(`${inWords(node)}: does not stand right after a MatMul, so it is no bias of a layer`)
      addBias(node, last, node.inputs[0] === current ? (node.inputs[1] ?? '') : node.inputs[0], 1)
    } else if (operator === 'Softmax') {
      const axis = attribute(node, 'axis')?.i ?? -1
      if (axis !== -1 && axis !== 1) throw badData(`${inWords(node)}: axis is ${axis}, must be the outputs' (-1 or 1)`)
      softmax = true
    } else if (operator !== 'Identity') {
      if (!Object.hasOwn(activations, operator)) throw badData(`${inWords(node)} is not read; what is: ${readOperators}`)
      if (last === undefined) throw badData(`${inWords(node)}: stands before the first layer; activations follow layers here`)
      if (last.activation !== null) throw badData(`${inWords(node)}: is the second activation of one layer, after ${last.activation.kind}`)
      last.activation = activations[operator](operator === 'LeakyRelu' ? number(node, 'alpha', 0.01) : 0)
    }
  }

  for (const node of graph.nodes) {
    if (node.domain !== '' && node.domain !== 'ai.onnx')
      throw badData(`${inWords(node)} is of the domain "${shown(node.domain)}", which is not read`)
    if (node.outputs.filter((name) => name !== '').length !== 1)
      throw badData(`${inWords(node)}: has ${node.outputs.length} outputs, must have one`)
    const missing = node.inputs.find((name) => name !== '' && !made.has(name))
    if (missing !== undefined)
      throw badData(`${inWords(node)}: takes "${shown(missing)}", which nothing before it makes; the graph has a cycle or is out of order`)
    if (made.has(node.outputs[0])) throw badData(`${inWords(node)}: makes "${shown(node.outputs[0])}", which is made already`)
    made.add(node.outputs[0])
    if (onConstants(node)) continue
    if (node.inputs.filter((name) => name === current).length !== 1) {
      const supported =
        Object.hasOwn(activations, node.operator) || ['Gemm', 'MatMul', 'Add', 'Identity', 'Softmax'].includes(node.operator)
      if (!supported) throw badData(`${inWords(node)} is not read; what is: ${readOperators}`)
      throw badData(`${inWords(node)}: does not go on from the node before it; branches are not read, only one chain of layers`)
    }
    onChain(node)
    current = node.outputs[0]
  }
  if (current !== output.name) throw badData(`${file}: its output "${shown(output.name)}" is not what its last node makes`)
  if (layers.length === 0) throw badData(`${file}: its graph has no layer (no Gemm or MatMul)`)
  const { dims } = input
  const width = dims?.at(-1) ?? null
  if (dims !== null && (dims.length !== 2 || (width !== null && width > 0 && width !== layers[0].inputs)))
    throw badData(
      `${file}: its input has shape (${dims.map((length) => length ?? '?').join(', ')}), must be samples × ${layers[0].inputs}, as its first layer takes`
    )
  const stated = layers.map(({ weight, bias, transposed, activation }): StatedLayer => ({
    weight,
    bias,
    transposed,
    activation: activation ?? { kind: 'identity' }
  }))
  return { graph: { layers: stated, softmax }, notes: [...new Set(notes)] }
}

/** The layers of a graph, from its input to its output. Throws one sentence. */
export async function readOnnx(source: ZipSource, file: string): Promise<{ tensors: Tensor[]; graph: StatedGraph; notes: string[] }> {
  if (source.bytes > maximumBytes)
    throw badData(`${file}: has ${source.bytes} bytes, more than the ${maximumBytes} that are read of an .onnx file`)
  const { sparse, ...graph } = parseOnnx(await source.read(0, source.bytes), file)
  if (sparse) throw badData(`${file}: has sparse initializers, which are not read; save its weights as plain tensors`)
  const chain = chainOf({ ...graph, sparse }, file)
  const tensors = chain.graph.layers.flatMap(({ weight, bias }) => (bias === null ? [weight] : [weight, bias]))
  return { tensors, ...chain }
}
