// What people are told of each field of a spec: its label, what it does, its unit, what its empty state means. Keyed by the field's path (fields.ts).
import type { FieldHelp } from './field-help'
import { optimizerHelp } from './help-optimizers'

export type { FieldHelp }

const transforms = { affine: 'Scale and shift', 'random-projection': 'Random projection', resize: 'Resize' }
const activations = {
  'leaky-relu': 'Leaky ReLU',
  relu: 'ReLU',
  tanh: 'tanh',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  identity: 'Identity (linear)'
}

export const fieldHelp: Readonly<Record<string, FieldHelp>> = {
  schemaVersion: { label: 'Version', help: 'Of the format of the spec.' },
  name: { label: 'Name', help: 'Shown in the list of runs; it need not be unique.' },
  seed: { label: 'Seed', help: 'Of every random draw: start weights, order of batches, projections. Runs of one seed are comparable.' },
  tags: { label: 'Tags', help: 'Words to find and group runs by, with commas between.' },
  'tags[]': { label: 'Tag', help: 'One word or phrase.' },

  data: { label: 'Data', help: 'What is learned, and how it is prepared.' },
  'data.dataset': {
    label: 'Dataset',
    help: 'A dataset of the Datasets screen, or a file or folder on this machine.',
    options: { text: 'Name', group: 'Path' }
  },
  'data.dataset.path': {
    label: 'Path',
    help: 'Of a file or folder on the machine that trains.',
    chooses: ['dataset-file', 'dataset-folder']
  },
  'data.labels': {
    label: 'Labels',
    help: 'Which labels of a dataset with two sets of them.',
    options: { fine: 'Fine', coarse: 'Coarse' }
  },
  'data.targets': {
    label: 'Targets',
    help: 'The classes (or the dataset’s own target values), or the inputs themselves as for an autoencoder.',
    options: { 'one-hot': 'Classes or target values', input: 'The inputs (autoencoder)' }
  },
  'data.validation': {
    label: 'Validation',
    help: 'A fraction (below 1) or a number of the training samples, split off by the seed: choices are made on them.',
    given: 'Split off',
    none: 'None',
    start: 0.1
  },
  'data.trainLimit': {
    label: 'Training samples',
    help: 'Only the first so many are trained on.',
    unit: 'samples',
    given: 'First',
    none: 'All',
    start: 1000
  },
  'data.testLimit': {
    label: 'Test samples',
    help: 'Only the first so many are tested on.',
    unit: 'samples',
    given: 'First',
    none: 'All',
    start: 1000
  },
  'data.transforms': {
    label: 'Transforms',
    help: 'Done to every input, in this order.',
    options: transforms
  },
  'data.transforms[]': {
    label: 'Transform',
    help: 'Scale and shift: x / divide − subtract. Random projection: to fewer inputs by a fixed normal matrix. Resize: images to another size.',
    options: transforms
  },
  'data.transforms[].divide': { label: 'Divide by', help: 'First, every input is divided by this; 256 maps bytes to 0 … 1.', start: 256 },
  'data.transforms[].subtract': { label: 'Then subtract', help: 'After the division.', start: 0 },
  'data.transforms[].dim': { label: 'To', help: 'Inputs after the projection.', unit: 'inputs', start: 50 },
  'data.transforms[].height': { label: 'Height', help: 'Of the resized images.', unit: 'pixels', start: 10 },
  'data.transforms[].width': { label: 'Width', help: 'Of the resized images.', unit: 'pixels', start: 10 },
  'data.transforms[].colour': {
    label: 'Colour',
    help: 'Grey: 0.299 red + 0.587 green + 0.114 blue.',
    options: { keep: 'As it is', grey: 'Grey' }
  },
  'data.transforms[].filter': {
    label: 'Filter',
    help: 'Area: the mean of what each pixel covers. Bilinear: between the four nearest pixels.',
    options: { area: 'Area', bilinear: 'Bilinear' }
  },
  'data.transforms[].matrix': {
    label: 'Matrix',
    help: 'An .npy file with the matrix (inputs × outputs).',
    chooses: ['projection-matrix'],
    given: 'File',
    none: 'Drawn from the seed',
    start: ''
  },

  model: { label: 'Model', help: 'A feed-forward network of dense layers.' },
  'model.layers': {
    label: 'Widths',
    help: 'Input, hidden layers, output, with commas between. The input may be “from data”: whatever the transforms give.',
    unit: 'units'
  },
  'model.layers[]': { label: 'Width', help: 'Units of a layer.', unit: 'units', none: 'from data' },
  'model.activation': { label: 'Activation', help: 'Of the hidden layers.', options: activations },
  'model.activation.slope': { label: 'Slope', help: 'For negative inputs.' },
  'model.outputActivation': {
    label: 'Output activation',
    help: 'Of the last layer.',
    none: 'As the hidden layers; linear with softmax',
    start: { kind: 'identity' },
    options: activations
  },
  'model.outputActivation.slope': { label: 'Slope', help: 'For negative inputs.' },
  'model.bias': { label: 'Biases', help: 'One more weight a unit, beginning at 0.' },
  'model.init': {
    label: 'Start weights',
    help: 'Drawn from the seed, read from a file, or taken over from a run.',
    options: {
      'fan-sum-normal': 'Normal / (inputs + outputs)',
      'fan-in-normal': 'Normal · gain / √inputs',
      'mean-field-normal': 'Mean field: weights and biases normal',
      npz: 'From an .npz file',
      run: 'From a run’s checkpoint'
    }
  },
  'model.init.gain': { label: 'Gain', help: 'The weights’ deviation is gain / √inputs; small gains begin beside the saddle at zero.' },
  'model.init.sigmaW': {
    label: 'σ of weights',
    help: 'Weights are normal with deviation σ_w / √inputs; for tanh without biases signals neither grow nor fade at σ_w = 1.'
  },
  'model.init.sigmaB': { label: 'σ of biases', help: 'Biases are normal with deviation σ_b; above 0 only in a net with biases.' },
  'model.init.path': { label: 'File', help: 'Path of an .npz file with W1, b1, W2, …', start: '', chooses: ['start-weights'] },
  'model.init.run': { label: 'Run', help: 'Id of the run, as in its address.', start: '' },
  'model.init.step': { label: 'Step', help: 'Of the checkpoint.', start: 0 },

  loss: {
    label: 'Loss',
    help: 'What is minimized. Half the squared error is a sum over the batch in the run’s files; the page shows it per sample.',
    options: {
      'half-sse': 'Half squared error (sum)',
      mse: 'Mean squared error',
      'softmax-cross-entropy': 'Softmax cross-entropy'
    }
  },

  regularization: {
    label: 'Regularization',
    help: 'What is minimized beside the loss: it makes minima strict. Validation and test figures leave it out.'
  },
  'regularization.l2': {
    label: 'Weight decay (l2)',
    help: 'Adds ½ · l2 · ‖w‖² over all parameters, biases too, once a step whatever the batch; l2 is added to every eigenvalue of the curvature.'
  },

  batch: { label: 'Batch', help: 'The samples of one step.' },
  'batch.size': {
    label: 'Size',
    help: 'Samples a step; the last batch of an epoch may be shorter.',
    unit: 'samples',
    given: 'Of',
    none: 'Full batch',
    start: 100
  },
  'batch.shuffle': { label: 'Shuffle', help: 'A new order every epoch, drawn from the seed; otherwise file order.' },

  problem: { label: 'Function', help: 'A function of named variables in place of a network.', options: { function: 'Function' } },
  'problem.kind': { label: 'Kind', help: 'A function.' },
  'problem.function': { label: 'Function', help: 'A built-in one by name, such as rosenbrock, or an expression such as x^2 − y^2.' },
  'problem.variables': {
    label: 'Variables',
    help: 'Of an expression, in the order of the parameter vector.',
    none: 'By alphabet',
    start: ['x', 'y']
  },
  'problem.variables[]': { label: 'Variable', help: 'A name.' },
  'problem.start': { label: 'Start', help: 'One number a variable.', none: 'The function’s own', start: [0, 0] },
  'problem.start[]': { label: 'Coordinate', help: 'Of the start.' },

  ...optimizerHelp,

  budget: { label: 'Budget', help: 'The run ends with the first of these that is reached.' },
  'budget.epochs': {
    label: 'Epochs',
    help: 'Times through the training data.',
    unit: 'epochs',
    given: 'After',
    none: 'No limit',
    start: 10
  },
  'budget.steps': { label: 'Steps', help: 'Updates of the weights.', unit: 'steps', given: 'After', none: 'No limit', start: 100 },
  'budget.seconds': {
    label: 'Step time',
    help: 'Time of the steps themselves, without snapshots and evaluations.',
    unit: 's',
    given: 'After',
    none: 'No limit',
    start: 60
  },
  'budget.targetLoss': {
    label: 'Target loss',
    help: 'The run ends when a batch’s loss is at most this.',
    given: 'At',
    none: 'None',
    start: 0.1,
    isLoss: true
  },

  evaluate: { label: 'Evaluation', help: 'When the test data are evaluated.' },
  'evaluate.everySteps': {
    label: 'After steps',
    help: 'Loss and accuracy on the test data.',
    unit: 'steps',
    given: 'Every',
    none: 'Never',
    start: 10
  },
  'evaluate.everyEpochs': {
    label: 'After epochs',
    help: 'The same after every so many epochs.',
    unit: 'epochs',
    given: 'Every',
    none: 'Never',
    start: 1
  },

  'evaluate.histograms': { label: 'Histograms', help: 'Weights and gradients of every layer, a line an evaluation.' },

  snapshots: { label: 'Snapshots', help: 'Exact spectra, eigenvectors and Hessians kept while training.' },
  'snapshots.everySteps': { label: 'After steps', help: 'And one of the start.', unit: 'steps', given: 'Every', none: 'Never', start: 10 },
  'snapshots.eigenvalues': { label: 'Eigenvalues', help: 'All of them, exact.' },
  'snapshots.eigenvectors': { label: 'Eigenvectors', help: 'So many at the ends of the spectrum, or “all”.' },
  'snapshots.hessian': { label: 'Hessian', help: 'The matrix itself, to look at: 8 bytes an entry.' },
  'snapshots.precision': {
    label: 'Precision',
    help: 'Of stored eigenvectors and Hessians; computed in doubles either way.',
    options: { float64: 'Double', float32: 'Single' }
  },
  'snapshots.maxBytes': { label: 'At most', help: 'Disk that all snapshots of the run may take; further ones are not made.' },

  checkpoints: { label: 'Checkpoints', help: 'From which a run goes on, bit by bit.' },
  'checkpoints.everySteps': {
    label: 'After steps',
    help: 'And one of the start and of the end.',
    unit: 'steps',
    given: 'Every',
    none: 'Only start and end',
    start: 50
  },
  'checkpoints.keep': { label: 'Keep', help: 'The newest so many.' },

  diagnostics: { label: 'Diagnostics', help: 'Spectra of the step’s own curvature.' },
  'diagnostics.everySteps': {
    label: 'After steps',
    help: 'λ_min, λ_max and index also at steps that need no spectrum themselves.',
    unit: 'steps',
    given: 'Every',
    none: 'Only where the step needs them',
    start: 10
  }
}

/** Help of a field; one that has none yet is called by its key. */
export const helpOf = ({ path, key, wanted }: { path: string; key: string; wanted: string }): FieldHelp =>
  fieldHelp[path] ?? { label: key, help: `Must be ${wanted}.` }
