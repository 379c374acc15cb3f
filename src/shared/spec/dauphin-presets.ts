// Presets of Dauphin et al. (2014): their three optimizers on one small net each; `report dauphin` runs the whole of it.
import { dauphinNewton, dauphinSgd, type DauphinNet } from './dauphin'
import type { Preset } from './preset-parts'

const race = (net: DauphinNet, steps: number) => [
  dauphinSgd(net, { learningRate: 0.1, momentum: 0.9, batch: 50 }, steps, 10),
  dauphinNewton(net, 'damped-newton', steps),
  dauphinNewton(net, 'sfn', steps)
]
const small = { activation: 'tanh', samples: 1000, seed: 1 } as const

export const dauphinPresets: Readonly<Record<string, Omit<Preset, 'name'>>> = {
  'dauphin-mnist10': {
    title: 'Dauphin et al. 2014 on small digits',
    description:
      'One hidden layer of 5 tanh units on 1000 digits of 10 × 10 pixels: minibatch SGD with momentum, damped Newton and saddle-free Newton, the latter two with the best damping of 10⁰ … 10⁻⁶ at each step.',
    cost: 'about half a minute for the three runs of 30 epochs',
    group: 'Dauphin et al. 2014, MNIST',
    specs: race({ ...small, data: 'mnist10', hidden: 5 }, 30)
  },
  'dauphin-cifar10': {
    title: 'Dauphin et al. 2014 on small grey pictures',
    description: 'The same on 1000 pictures of CIFAR-10, made grey and averaged to 10 × 10 pixels on the way to the net.',
    cost: 'about half a minute for the three runs of 30 epochs. Needs the dataset cifar-10',
    group: 'Dauphin et al. 2014, CIFAR-10',
    specs: race({ ...small, data: 'cifar10-grey', hidden: 5 }, 30)
  },
  'dauphin-cifar10-colour': {
    title: 'Dauphin et al. 2014 on small colour pictures',
    description: 'The same in colour: 3 × 10 × 10 inputs and 1565 parameters.',
    cost: 'about five minutes for the three runs of 30 epochs. Needs the dataset cifar-10',
    group: 'Dauphin et al. 2014, CIFAR-10 in colour',
    specs: race({ ...small, data: 'cifar10-colour', hidden: 5 }, 30)
  }
}
