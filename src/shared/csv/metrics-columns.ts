// What the columns of a metrics table from elsewhere mean: its steps, and figures that have a name here.

/** The first that there is counts steps. */
const stepNames = ['step', '_step', 'global_step', 'steps', 'iteration', 'iter', 'epoch']

/** By the name in small letters, without what separates words. */
const figureNames: Readonly<Record<string, string>> = {
  loss: 'loss',
  trainloss: 'loss',
  trainingloss: 'loss',
  testloss: 'testLoss',
  testaccuracy: 'testAccuracy',
  testacc: 'testAccuracy',
  valloss: 'valLoss',
  validationloss: 'valLoss',
  valaccuracy: 'valAccuracy',
  valacc: 'valAccuracy',
  validationaccuracy: 'valAccuracy',
  trainaccuracy: 'trainAccuracy',
  trainacc: 'trainAccuracy',
  gradnorm: 'gradNorm',
  gradientnorm: 'gradNorm',
  stepnorm: 'stepNorm',
  learningrate: 'learningRate',
  lr: 'learningRate',
  epoch: 'epoch',
  seconds: 'seconds',
  wallseconds: 'wallSeconds',
  lambdamin: 'lambdaMin',
  lambdamax: 'lambdaMax'
}

const plain = (name: string) => name.toLowerCase().replace(/[\s_/.-]+/g, '')

/** The figure of that name here; null: it has none here and keeps its own. */
export const knownFigure = (name: string): string | null => (Object.hasOwn(figureNames, plain(name)) ? figureNames[plain(name)] : null)

/** Place of the column that counts steps; −1 where there is none. */
export function stepColumn(names: readonly string[]): number {
  const small = names.map((name) => name.trim().toLowerCase())
  return stepNames.map((name) => small.indexOf(name)).find((place) => place !== -1) ?? -1
}

/** Whether a header is that of a run's metrics, as against a table of samples: it counts steps and has a loss, an accuracy or the like. */
export function isMetricsHeader(names: readonly string[]): boolean {
  const step = stepColumn(names)
  const samples = names.some((name) => /^(label|class|target|y)\d*$/i.test(name.trim()))
  return step !== -1 && !samples && names.some((name, k) => k !== step && knownFigure(name) !== null && knownFigure(name) !== 'epoch')
}
