// `inspect FILE` and `import MODEL --data DATA`: networks from elsewhere.
import { existsSync } from 'node:fs'
import { importModel } from '../../engine-process/import-model'
import { modelImportSchema, type ModelInspection, type ModelQuestion } from '../../shared/models/inspection'
import { bytes as bytesText } from '../../shared/format/bytes'
import { schemaProblems } from '../../shared/spec/check'
import { problemLine } from '../../shared/spec/problem'
import { realFileSystem } from '../../store'
import { inspectModel } from '../../store/models'
import { print, printJson, say, userPath, writableWorkspace, type WorkspaceOptions } from '../context'
import { UsageError, type CommonOptions } from '../ending'
import { withProgress } from '../with-progress'

export interface ModelOptions extends WorkspaceOptions {
  readonly data?: string
  readonly activation?: string
  readonly outputActivation?: string
  readonly loss?: string
  readonly order?: string
  readonly targets?: string
  readonly transforms?: string
  readonly trainLimit?: number
  readonly expectLoss?: number
  readonly id?: string
  readonly name?: string
}

const json = (text: string, option: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`${option} ${text}: is not JSON`)
  }
}

/** `tanh`, `leaky-relu:0.2`, or as in a spec. */
function activation(text: string, option: string): unknown {
  if (text.trimStart().startsWith('{')) return json(text, option)
  const [kind, slope, more] = text.split(':')
  if (slope === undefined) return { kind }
  if (more !== undefined || kind !== 'leaky-relu' || slope.trim() === '' || !Number.isFinite(Number(slope)))
    throw new UsageError(`${option} ${text}: must be a kind such as tanh, or leaky-relu with its slope as leaky-relu:0.2`)
  return { kind, slope: Number(slope) }
}

const isWritten = (text: string) => /[\\/]|\.[a-z0-9]+$/i.test(text)

/** An existing file or folder by its path, else the id of a dataset. */
function dataset(text: string): string | { path: string } {
  const path = userPath(text)
  if (existsSync(path)) return { path }
  if (isWritten(text)) throw new UsageError(`--data ${text}: there is no file ${path}`)
  return text
}

/** The order of an import from the command line's words. Throws UsageError naming the option. */
function orderOf(path: string, options: ModelOptions & { readonly data: string }) {
  const { order, targets, transforms, trainLimit, expectLoss, loss, id, name } = options
  const given = {
    path: userPath(path),
    dataset: dataset(options.data),
    order: order?.trimStart().startsWith('[') ? json(order, '--order') : order?.split(',').map((one) => one.trim()),
    activation: options.activation === undefined ? undefined : activation(options.activation, '--activation'),
    outputActivation: options.outputActivation === undefined ? undefined : activation(options.outputActivation, '--output-activation'),
    transforms: transforms === undefined ? undefined : json(transforms, '--transforms'),
    loss,
    targets,
    trainLimit,
    expectLoss,
    id,
    name
  }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const parsed = modelImportSchema.safeParse(present)
  if (parsed.success) return parsed.data
  const dashed = (words: string) => `--${words.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  const lines = schemaProblems(modelImportSchema, present).map(problemLine).map(dashed)
  throw new UsageError(lines[0], lines.slice(1))
}

export async function importModelOne(path: string, options: ModelOptions): Promise<void> {
  const { data } = options
  if (data === undefined)
    throw new UsageError(
      `${path} is a network: say with which data it is to be looked at, --data DATASET or --data FILE (inspect ${path} shows its layers)`
    )
  const order = orderOf(path, { ...options, data })
  const workspace = await writableWorkspace(options)
  const { id, message, ...facts } = await withProgress((signal, { onPhase, onProgress }) =>
    importModel(workspace, order, { signal, onPhase, onProgress })
  )
  if (options.json) printJson({ run: id, ...facts })
  else say(`imported as run ${id}: ${message}`)
}

const asked: Readonly<Record<ModelQuestion, string>> = {
  order: '--order',
  activation: '--activation',
  outputActivation: '--output-activation (not with softmax-cross-entropy)',
  loss: '--loss'
}

function lines(found: ModelInspection): string[] {
  const { name, format, bytes, layers, widths, parameters, orders, notes } = found
  return [
    `${name}: ${format}, ${bytesText(bytes)}; ${widths.join(' → ')}, ${found.bias ? 'with' : 'without'} biases, ${parameters} parameters`,
    ...layers.map(
      ({ weight, bias, inputs, outputs, type, transposed, activation }, place) =>
        `  ${place + 1}  ${inputs} → ${outputs}  ${weight}${bias === null ? '' : ` + ${bias}`}  ${type}${transposed ? ', stored outputs × inputs' : ''}  ${activation === null ? '?' : activation.kind}`
    ),
    ...(orders.length > 1 ? [`orders that fit by shape: ${orders.map((order) => order.join(',')).join(' · ')}`] : []),
    ...notes,
    ...(found.asked.length > 0 ? [`the file does not say: ${found.asked.map((one) => asked[one]).join(', ')}`] : [])
  ]
}

export async function inspect(path: string, options: CommonOptions & { readonly order?: string }): Promise<void> {
  const found = await inspectModel(
    realFileSystem,
    userPath(path),
    options.order?.split(',').map((one) => one.trim())
  )
  if (options.json) return printJson(found)
  for (const line of lines(found)) say(line)
  print(JSON.stringify(found.spec, null, 2))
}
