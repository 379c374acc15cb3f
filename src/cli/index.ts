#!/usr/bin/env node
// Entry of the command line: what there is to call. Each command's code is loaded only when it is called.
import { Command, CommanderError, Option } from 'commander'
import { exportFormats } from '../shared/run/export-formats'
import { endWith } from './ending'
import { harmless } from './format'
import { withDashedOperands } from './operands'

const program = new Command('saddlescope')
  .description('Trains small networks with exact second-order methods and keeps what the curvature did.')
  .showHelpAfterError('(see `saddlescope --help`)')
  .option('--version', 'the version of this program')
  .configureOutput({ outputError: (text, write) => write(harmless(text.replace(/^error: /, ''))) })
  .exitOverride()

const workspace = () => new Option('--workspace <folder>', 'the workspace (default: SADDLESCOPE_WORKSPACE, else in the user-data folder)')
const json = () => new Option('--json', 'machine-readable output on stdout')
const debug = () => new Option('--debug', 'show the stack trace of an error')
const collect = (value: string, before: string[]) => [...before, value]
const settings = () =>
  new Option('--set <path=value>', 'change one value of the spec, such as budget.steps=5 (may be repeated)').argParser(collect).default([])

/** A command of the common options; `load` imports its code and runs it. */
function command(words: string, description: string, options: Option[]): Command {
  const made = program.command(words).description(description)
  for (const option of [...options, debug()]) made.addOption(option)
  return made
}

command('run <spec>', 'train a spec (a .json file) or a preset to its budget', [
  settings(),
  workspace(),
  new Option('--id <id>', 'id of the new run (default: from its name)'),
  new Option('--force', 'start although it is estimated not to fit into memory or onto the disk'),
  json()
]).action(async (spec, options) => endWith(options, async () => (await import('./commands/run')).run(spec, options)))

command('resume <run>', 'go on with a run from its newest checkpoint', [
  settings(),
  workspace(),
  new Option('--allow-other-backend', 'go on although the numbers will differ in the last digits'),
  json()
]).action(async (id, options) => endWith(options, async () => (await import('./commands/resume')).resume(id, options)))

command('presets [name]', 'list the presets, or print one as a full spec', [json()]).action(async (name, options) =>
  endWith(options, async () => (await import('./commands/presets')).presets(name, options))
)

command('runs', 'list the runs', [
  workspace(),
  new Option('--filter <words>', 'only runs that match, such as "optimizer:sfn loss<0.1"'),
  json()
]).action(async (options) => endWith(options, async () => (await import('./commands/runs')).runs(options)))

command('show <run>', 'what there is to know of a run', [
  workspace(),
  new Option('--methods', 'a paragraph that says what was run, with its sources'),
  json()
]).action(async (id, options) => endWith(options, async () => (await import('./commands/show')).show(id, options)))

command('rm <run...>', "move runs to the workspace's trash", [workspace(), json()]).action(async (ids, options) =>
  endWith(options, async () => (await import('./commands/rm')).rm(ids, options))
)

command('hessian <spec>', 'gradient, Hessian and eigenvalues of the first batch as .npy, without training', [
  new Option('--out <folder>', 'where the files go').makeOptionMandatory(),
  new Option('--scope <scope>', "full, layer-blocks or unit-blocks (default: the optimizer's own, else full)"),
  new Option('--at <run:step>', "with a run's weights after a step instead of start weights"),
  new Option('--vectors', 'all eigenvectors too'),
  new Option('--native', 'by rows in native memory and in stages that are gone on from, as matrices beyond the embedded memory always are'),
  new Option('--density', 'in place of the matrix: the spectral density with error bars and the extreme eigenpairs'),
  new Option('--repeat <n>', 'assemble so many times into the same memory, for timing').argParser(Number).default(1),
  settings(),
  workspace(),
  json()
]).action(async (spec, options) => endWith(options, async () => (await import('./commands/hessian')).hessian(spec, options)))

command('spectrum <run>', 'the eigenvalues a run stored', [
  workspace(),
  new Option('--step <n>', 'the snapshot of this step (default: the newest)').argParser(Number),
  json()
]).action(async (id, options) => endWith(options, async () => (await import('./commands/spectrum')).spectrum(id, options)))

command('analyse <kind> <target>', 'one analysis of RUN or RUN:STEP, such as the difference of two stored Hessians', [
  new Option('--set <option=value>', 'one option of the analysis, such as b=sfn-mnist10:40 (may be repeated)')
    .argParser(collect)
    .default([]),
  new Option('--out <folder>', "a folder that is not there yet, in place of the run's own"),
  workspace(),
  json()
]).action(async (kind, target, options) =>
  endWith(options, async () => (await import('./commands/analyse')).analyse(kind, target, options))
)

command('analyses [run]', 'list the kinds of analysis, or those that a run has', [workspace(), json()]).action(async (run, options) =>
  endWith(options, async () => (await import('./commands/analyse')).analyses(run, options))
)

command('export <run...>', 'runs as CSV, .npy and JSON, all that a notebook needs, or in a format of others; one matrix for ELPA', [
  new Option('--out <path>', 'a folder, or a file (.zip, .csv, .npz) where one run makes one').makeOptionMandatory(),
  new Option(
    '--format <format>',
    'folder, zip (default: by --out), csv, npz, tensorboard, or a notebook or matplotlib script that draws them'
  ).choices(exportFormats),
  new Option(
    '--for <solver>',
    'the matrix RUN:STEP[/BLOCK] with a driver that finds its spectrum on many machines; import takes it back'
  ).choices(['elpa']),
  new Option('--vectors <k>', 'with --for: eigenvectors of the k smallest and the k largest eigenvalues (default: 8)').argParser(Number),
  workspace(),
  json()
]).action(async (ids, options) => endWith(options, async () => (await import('./commands/transfer')).exportThem(ids, options)))

command(
  'inspect <file>',
  'a network from elsewhere (.safetensors, .npz, .pt, .onnx): its layers, and a spec with "?" for what it does not say',
  [new Option('--order <weights>', 'names of the weights from the inputs to the outputs, with commas between them'), json()]
).action(async (path, options) => endWith(options, async () => (await import('./commands/models')).inspect(path, options)))

const importing =
  'a run folder or a zip of one; a symmetric .npy or a vector of eigenvalues; a metrics .csv to compare with; a network from elsewhere with --data; what ELPA found of an exported matrix'
command('import <path>', importing, [
  new Option('--id <id>', 'id of the new run'),
  new Option('--replace', 'of what ELPA found: in place of the spectrum, or of the snapshot of other blocks, that the step has'),
  new Option('--data <data>', 'of a network: the dataset, or the file of samples, that it is looked at with'),
  new Option('--activation <kind>', 'of a network: of its hidden layers, such as tanh or leaky-relu:0.2'),
  new Option('--output-activation <kind>', 'of a network: of its outputs (with softmax-cross-entropy: identity)'),
  new Option('--loss <loss>', 'of a network: half-sse, mse or softmax-cross-entropy'),
  new Option('--order <weights>', 'of a network: names of the weights from the inputs to the outputs, with commas between them'),
  new Option('--expect-loss <x>', 'of a network: its loss on all training samples; refused where it is another one').argParser(Number),
  new Option('--targets <targets>', 'of a network: one-hot, or input for an autoencoder'),
  new Option('--transforms <json>', 'of a network: transforms of its data, as in a spec'),
  new Option('--train-limit <n>', 'of a network: only the first n training samples').argParser(Number),
  new Option('--name <name>', 'of a network: name of the new run'),
  workspace(),
  json()
]).action(async (path, options) => endWith(options, async () => (await import('./commands/transfer')).importOne(path, options)))

command('prune <run...>', 'let go of snapshots; the first, the last and the pinned ones stay', [
  new Option('--keep-every <k>', 'keep every k-th snapshot too').argParser(Number),
  new Option('--hessians', 'only the large Hessian files go; eigenvalues, vectors and weights stay'),
  new Option('--dry-run', 'say what would go, to the byte, and leave it'),
  workspace(),
  json()
]).action(async (ids, options) => endWith(options, async () => (await import('./commands/prune')).prune(ids, options)))

command('play <function>', 'several optimizers on a built-in function or an expression', [
  new Option('--optimizers <list>', 'kinds with commas between them, or JSON').default('gd,damped-newton,sfn'),
  new Option('--from <x,y>', "the start (default: the function's own)"),
  new Option('--steps <n>', 'steps of each').argParser(Number).default(20),
  new Option('--variables <names>', 'variables of an expression, in order (default: alphabetical)'),
  json()
]).action(async (name, options) => endWith(options, async () => (await import('./commands/play')).play(name, options)))

command('fd-sweep <spec>', 'how far finite differences of fd-newton are from their limit, for r from 1e-1 to 1e-14', [
  settings(),
  new Option('--at <run:step>', "with a run's weights after a step instead of start weights"),
  workspace(),
  json()
]).action(async (spec, options) => endWith(options, async () => (await import('./commands/fd-sweep')).sweep(spec, options)))

command('report <name>', 'one page with figures and the data behind it, from runs that are made where they are missing', [
  new Option('--scale <scale>', 'tiny (a try), small (minutes) or full (hours)').default('small'),
  new Option('--out <file.html>', 'the page; its data go to a folder beside it').makeOptionMandatory(),
  workspace(),
  json()
]).action(async (name, options) => endWith(options, async () => (await import('./commands/report')).report(name, options)))

const datasets = command('datasets', 'list the datasets', [workspace(), json()]).action(async (options) =>
  endWith(options, async () => (await import('./commands/datasets')).list(options))
)
const datasetCommand = (words: string, description: string) =>
  datasets.command(words).description(description).addOption(workspace()).addOption(json()).addOption(debug())
datasetCommand('import <path>', 'install a dataset from an archive, a folder or a file')
  .option('--id <id>', 'id of the dataset (default: from its kind)')
  .option('--header <yes|no>', 'CSV: whether names stand above the samples (default: recognized)')
  .option('--separator <mark>', 'CSV: comma, semicolon, tab, space, pipe or one character (default: recognized)')
  .option('--target <column...>', 'CSV: target columns by name, or by number from 1 (default: label, class, target, y, else the last)')
  .option('--classes <yes|no>', "CSV: whether the target's different texts are classes (default: recognized)")
  .action(async (path, _options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/datasets')).importOne(path, used.optsWithGlobals()))
  )
datasetCommand('download <name>', 'download a public dataset and install it').action(async (name, _options, used: Command) =>
  endWith(used.optsWithGlobals(), async () => (await import('./commands/datasets')).download(name, used.optsWithGlobals()))
)
datasetCommand('verify <name>', 'compare an installed dataset with its manifest').action(async (name, _options, used: Command) =>
  endWith(used.optsWithGlobals(), async () => (await import('./commands/datasets')).verify(name, used.optsWithGlobals()))
)
datasetCommand('rm <id...>', 'delete installed datasets').action(async (ids, _options, used: Command) =>
  endWith(used.optsWithGlobals(), async () => (await import('./commands/datasets')).remove(ids, used.optsWithGlobals()))
)

const study = command(
  'study [spec]',
  'a sweep or a face-off of optimizers to its end; the same command again goes on (without a file: list the studies)',
  [
    workspace(),
    new Option('--id <id>', "id of the study (default: the file's name)"),
    new Option('--jobs <n>', 'runs at once, each in a process of its own').argParser(Number).default(1),
    new Option('--force', 'start although its runs are estimated not to fit into memory or onto the disk'),
    new Option('--slurm', 'submit what is left as one job array of a Slurm cluster that sees the workspace, and end'),
    new Option('--partition <name>', 'with --slurm: where the jobs go'),
    new Option('--time <time>', "with --slurm: a job's limit as Slurm takes it, such as 30 or 2:00:00 (default: the partition's)"),
    new Option('--tasks-per-job <k>', 'with --slurm: runs that a job takes (default: by the measured seconds of a run)').argParser(Number),
    new Option('--cpus-per-task <n>', 'with --slurm: processors, and so threads, of a job (default: 1)').argParser(Number),
    json()
  ]
).action(async (spec, options) => endWith(options, async () => (await import('./commands/study')).study(spec, options)))
const studyCommand = (words: string, description: string) =>
  study.command(words).description(description).addOption(workspace()).addOption(json()).addOption(debug())
studyCommand('list', 'list the studies').action(async (_options, used: Command) =>
  endWith(used.optsWithGlobals(), async () => (await import('./commands/study')).list(used.optsWithGlobals()))
)
studyCommand('show <id>', 'how a study stands: a row a cell, the best first, and whether its runs began alike')
  .option(
    '--verify',
    'compute start weights, projections and orders of batches anew and compare them; exit status 1 where something differs'
  )
  .action(async (id, _options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/study')).show(id, used.optsWithGlobals()))
  )
studyCommand('work <id>', 'work on a study that is there, from any computer that sees the workspace')
  .addOption(new Option('--jobs <n>', 'runs at once, each in a process of its own').argParser(Number))
  .addOption(new Option('--threads <n>', 'threads of all of them together (default: one a core)').argParser(Number))
  .addOption(new Option('--array <n>', "with --place: the share of one job, of the study's n-th job array").argParser(Number))
  .addOption(new Option('--place <k>', "the job's place in that array, from 0").argParser(Number))
  .action(async (id, _options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/study-slurm')).work(id, used.optsWithGlobals()))
  )
studyCommand('cancel <id> [job...]', 'cancel its Slurm jobs that wait or run: all, or those that are named').action(
  async (id, jobs, _options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/study-slurm')).cancel(id, jobs, used.optsWithGlobals()))
)
studyCommand('requeue <id> [job...]', 'queue its Slurm jobs again that ended before their runs had, or those that are named').action(
  async (id, jobs, _options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/study-slurm')).requeue(id, jobs, used.optsWithGlobals()))
)
studyCommand('rm <id>', 'remove a study; its runs stay unless --runs')
  .option('--runs', "move its runs to the workspace's trash")
  .action(async (id, _options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/study')).rm(id, used.optsWithGlobals()))
  )
studyCommand('exam', 'the exam for optimizers: small problems with traps, the same tuning for all, a page of who passes what')
  .addOption(new Option('--out <file.html>', 'the page; its data go to a folder beside it').makeOptionMandatory())
  .option('--optimizers <kinds>', 'only these, such as sfn,adam (default: all)')
  .option('--problems <ids>', 'only these, such as plateau,dead-xor (default: all)')
  .addOption(new Option('--jobs <n>', 'cells at once, each in a process of its own').argParser(Number))
  .action(async (_options, used: Command) =>
    endWith(used.optsWithGlobals(), async () => (await import('./commands/exam')).exam(used.optsWithGlobals()))
  )

command('bench [name...]', 'the benchmarks, each with its own baseline measured in the same run', [
  new Option('--long', 'also what takes longer than a few minutes'),
  json()
]).action(async (names, options) => endWith(options, async () => (await import('./commands/bench')).bench(names, options)))

command('doctor', 'what this machine offers: processor, backends, disk, Electron; and what to do about what is not right', [
  workspace(),
  json(),
  new Option('--out <file.zip>', 'also write versions, these rows, known settings and logs as a zip: no data, no weights')
]).action(async (options) => endWith(options, async () => (await import('./commands/doctor')).doctor(options)))

command('serve', 'the workbench in a browser on this machine, behind a token printed at start', [
  workspace(),
  new Option('--port <n>', 'this port or none (default: 7340, or the next free one)').argParser(Number),
  new Option('--host <address>', 'loopback addresses only'),
  new Option('--no-demo', 'do not train the demonstration in an empty workspace'),
  new Option('--new-token', 'a new link: older ones, and browsers that were let in by them, are no longer valid')
]).action(async (options) => endWith(options, async () => (await import('./commands/serve')).serve(options)))

// `saddlescope … | head` closes our output early: what is still to be said is dropped, the work goes on.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

async function main(words: readonly string[]) {
  if (words.join(' ') !== '--version') return void (await program.parseAsync(withDashedOperands(program, words), { from: 'user' }))
  process.stdout.write(`${(await import('../engine-process/versions')).ownVersion()}\n`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // Commander has printed its own sentence already.
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : 1
  if (!(error instanceof CommanderError))
    process.stderr.write(`${harmless(error instanceof Error ? (error.stack ?? '') : String(error))}\n`)
})
