// Multilayer perceptrons: layout, activations, losses, start weights, and the objective that optimizers see.
export { activationFunction, type ActivationFunction } from './activations'
export { evaluate, largestOf, predict, type EvaluationSet } from '../objectives/evaluate'
export { batchRows, forward, linearize, weightsOf, type Batch, type ForwardState, type Linearization } from './forward'
export { lossFunction, softmax, type LossFunction } from './losses'
export { createNetwork, type Layer, type Network, type NetworkShape } from './network'
export { networkObjective, streamedObjective, type ObjectiveOptions } from '../objectives/network'
export { drawParameters, parametersFromArrays, parametersToArrays, type NamedArray, type WeightScale } from './parameters'
