// The parts of ONNX's messages that a chain of layers has (onnx/onnx.proto3), read by pbf: every length checked against what it lies in, arrays left in place.
import { PbfReader } from 'pbf'
import { badData, shown } from '../formats/data-error'

export interface OnnxTensor {
  name: string
  dims: number[]
  dataType: number
  /** Places of its entries: little-endian bytes, or packed numbers. Null where it has none of the kind. */
  raw: Uint8Array | null
  floats: Uint8Array | null
  doubles: Uint8Array | null
  /** Halves, one a varint. */
  integers: Uint8Array | null
  external: boolean
}

export interface OnnxAttribute {
  name: string
  f: number
  i: number
  ints: number[]
  tensor: OnnxTensor | null
}

export interface OnnxNode {
  name: string
  operator: string
  domain: string
  inputs: string[]
  outputs: string[]
  attributes: OnnxAttribute[]
}

/** An input or output of the graph; `dims` null where no shape is given, in it null for a length with a name or none. */
export interface OnnxValue {
  name: string
  dims: (number | null)[] | null
}

export interface OnnxGraph {
  nodes: OnnxNode[]
  initializers: OnnxTensor[]
  inputs: OnnxValue[]
  outputs: OnnxValue[]
  sparse: boolean
}

type Field<T> = (tag: number, into: T, read: Reading) => void

const maximumItems = 10_000

class Damaged extends Error {}

/** A message's fields, with the end that nothing in it may pass. */
interface Reading {
  readonly pbf: PbfReader
  readonly end: number
}

function endOf({ pbf, end }: Reading): number {
  if (pbf.type !== 2) throw new Damaged('a field is of another kind than it must be')
  const length = pbf.readVarint()
  if (!(length >= 0 && length <= end - pbf.pos))
    throw new Damaged(`${length} bytes are claimed where ${Math.max(0, end - pbf.pos)} are left`)
  return pbf.pos + length
}

function bytes(read: Reading): Uint8Array {
  const end = endOf(read)
  const found = read.pbf.buf.subarray(read.pbf.pos, end)
  read.pbf.pos = end
  return found
}

const text = (read: Reading) => new TextDecoder().decode(bytes(read).subarray(0, 1000))

function integer({ pbf }: Reading): number {
  if (pbf.type !== 0) throw new Damaged('a field is of another kind than it must be')
  return pbf.readVarint(true)
}

/** One number, or packed ones. */
function integers(read: Reading, into: number[]): void {
  if (read.pbf.type === 0) into.push(integer(read))
  else for (const end = endOf(read); read.pbf.pos < end;) into.push(read.pbf.readVarint(true))
  if (into.length > maximumItems) throw new Damaged(`more than ${maximumItems} numbers where a few are expected`)
}

function fields<T>(field: Field<T>, into: T, { pbf, end }: Reading): T {
  pbf.readFields((tag, result) => field(tag, result, { pbf, end }), into, end)
  if (pbf.pos !== end) throw new Damaged('a field passes the end of the message it lies in')
  return into
}

const message = <T>(field: Field<T>, into: T, read: Reading): T => fields(field, into, { pbf: read.pbf, end: endOf(read) })

function item<T>(list: T[], value: T): void {
  if (list.push(value) > maximumItems) throw new Damaged(`more than ${maximumItems} items of a kind`)
}

const tensorField: Field<OnnxTensor> = (tag, tensor, read) => {
  const packed = (before: Uint8Array | null) => {
    if (before !== null) throw new Damaged('the entries of a tensor come in several parts')
    return bytes(read)
  }
  if (tag === 1) integers(read, tensor.dims)
  else if (tag === 2) tensor.dataType = integer(read)
  else if (tag === 4) tensor.floats = packed(tensor.floats)
  else if (tag === 5) tensor.integers = packed(tensor.integers)
  else if (tag === 8) tensor.name = text(read)
  else if (tag === 9) tensor.raw = packed(tensor.raw)
  else if (tag === 10) tensor.doubles = packed(tensor.doubles)
  else if (tag === 13 || (tag === 14 && integer(read) === 1)) tensor.external = true
}
const tensorIn = (read: Reading) =>
  message(
    tensorField,
    { name: '', dims: [], dataType: 0, raw: null, floats: null, doubles: null, integers: null, external: false } as OnnxTensor,
    read
  )

const attributeField: Field<OnnxAttribute> = (tag, attribute, read) => {
  if (tag === 1) attribute.name = text(read)
  else if (tag === 2) {
    if (read.pbf.type !== 5) throw new Damaged('a field is of another kind than it must be')
    attribute.f = read.pbf.readFloat()
  } else if (tag === 3) attribute.i = integer(read)
  else if (tag === 5) attribute.tensor = tensorIn(read)
  else if (tag === 8) integers(read, attribute.ints)
}

const nodeField: Field<OnnxNode> = (tag, node, read) => {
  if (tag === 1) item(node.inputs, text(read))
  else if (tag === 2) item(node.outputs, text(read))
  else if (tag === 3) node.name = text(read)
  else if (tag === 4) node.operator = text(read)
  else if (tag === 5)
    item(node.attributes, message(attributeField, { name: '', f: 0, i: 0, ints: [], tensor: null } as OnnxAttribute, read))
  else if (tag === 7) node.domain = text(read)
}

const dimensionField: Field<{ value: number | null }> = (tag, dimension, read) => {
  if (tag === 1) dimension.value = integer(read)
}
const shapeField: Field<(number | null)[]> = (tag, dims, read) => {
  if (tag === 1) item(dims, message(dimensionField, { value: null }, read).value)
}
const tensorTypeField: Field<OnnxValue> = (tag, value, read) => {
  if (tag === 2) value.dims = message(shapeField, [] as (number | null)[], read)
}
const typeField: Field<OnnxValue> = (tag, value, read) => {
  if (tag === 1) message(tensorTypeField, value, read)
}
const valueField: Field<OnnxValue> = (tag, value, read) => {
  if (tag === 1) value.name = text(read)
  else if (tag === 2) message(typeField, value, read)
}
const valueIn = (read: Reading) => message(valueField, { name: '', dims: null } as OnnxValue, read)

const graphField: Field<OnnxGraph> = (tag, graph, read) => {
  if (tag === 1)
    item(graph.nodes, message(nodeField, { name: '', operator: '', domain: '', inputs: [], outputs: [], attributes: [] } as OnnxNode, read))
  else if (tag === 5) item(graph.initializers, tensorIn(read))
  else if (tag === 11) item(graph.inputs, valueIn(read))
  else if (tag === 12) item(graph.outputs, valueIn(read))
  else if (tag === 15) graph.sparse = true
}

interface Model {
  graph: OnnxGraph | null
  functions: boolean
}

const modelField: Field<Model> = (tag, model, read) => {
  if (tag === 7) {
    if (model.graph !== null) throw new Damaged('it has two graphs')
    model.graph = message(graphField, { nodes: [], initializers: [], inputs: [], outputs: [], sparse: false } as OnnxGraph, read)
  } else if (tag === 25) model.functions = true
}

/** The graph of a model. Throws one sentence for what is no protobuf, or is cut off. */
export function parseOnnx(data: Uint8Array, file: string): OnnxGraph {
  let model: Model
  try {
    model = fields(modelField, { graph: null, functions: false }, { pbf: new PbfReader(data), end: data.length })
  } catch (error) {
    const why = error instanceof Damaged ? error.message : 'its fields make no sense'
    throw badData(`${file}: is damaged or no .onnx file: ${shown(why)}`)
  }
  if (model.functions) throw badData(`${file}: has functions of its own (FunctionProto), which are not read; export it without`)
  if (model.graph === null) throw badData(`${file}: has no graph, so it is no .onnx model`)
  return model.graph
}
