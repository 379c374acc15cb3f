// Examples: comparisons that show one thing each, prepared from a preset's runs and the view of Compare that shows it.

export interface Example {
  readonly name: string
  readonly title: string
  /** What it shows, in a sentence or two; the tests hold what can be held quickly. */
  readonly shows: string
  /** Whose runs are compared. */
  readonly preset: string
  /** Of Compare's address, beside the runs. */
  readonly view: Readonly<Record<string, string>>
}

export const examples: readonly Example[] = [
  {
    name: 'saddle-escape',
    title: 'Saddle escape',
    shows:
      'Started beside the saddle at zero weights, gradient descent stands still at the loss of guessing (ln 10 ≈ 2.30). Newton’s method goes to any critical point, up or down: it is thrown about and ends far above. Saddle-free Newton, with the same damping, turns the negative eigenvalues around and leaves.',
    preset: 'saddle-escape',
    view: { metrics: 'lossPerSample,lambdaMin,index,gradNorm', yscales: 'lambdaMin:symlog' }
  },
  {
    name: 'edge-of-stability',
    title: 'Edge of stability',
    shows:
      'Gradient descent with the whole batch sharpens its own way: the largest eigenvalue of the Hessian rises until it reaches 2/η, the limit that its learning rate bears (dashed), and hovers there while the loss goes on falling.',
    preset: 'edge-of-stability',
    view: { metrics: 'lambdaMax,lossPerSample', yscales: 'lambdaMax:linear' }
  },
  {
    name: 'layer-blocks',
    title: 'Layer blocks never negative',
    shows:
      'In a net of piecewise linear units with cross-entropy the Hessian of each layer by itself has no negative eigenvalue beyond rounding, while the full Hessian has many: saddles lie between the layers.',
    preset: 'layer-blocks',
    view: { metrics: 'lambdaMin,index,lossPerSample' }
  },
  {
    name: 'fd-newton-cifar100',
    title: 'FD-Newton on CIFAR-100',
    shows:
      'Finite-difference Newton inverts the gradient map of a perceptron on 1000 real images: the training loss falls to zero, by (1 − η)² at every step however badly conditioned the images are, where gradient descent and Adam crawl. A thousand images fitted to the last digit teach little about others: the test accuracy says so.',
    preset: 'fd-newton-face-off',
    view: { metrics: 'lossPerSample,testAccuracy,gradNorm' }
  }
]
