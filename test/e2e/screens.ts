// Every screen over the invented runs, by its address, and a text that stands there once it is drawn.
export const screens: readonly { route: string; shows: string }[] = [
  { route: '/', shows: 'Damped Newton, δ = 0.1' },
  { route: '/?group=optimizer', shows: 'n = ' },
  { route: '/queue', shows: 'Waiting, in this order' },
  { route: '/trash', shows: 'The trash is empty' },
  { route: '/new?preset=sfn-mnist10', shows: 'Parameters P' },
  { route: '/run/sfn-mnist10', shows: 'Smallest eigenvalue' },
  { route: '/run/sfn-mnist10/spectrum?eigenvalue=0', shows: 'Largest entries' },
  { route: '/run/sfn-mnist10/hessian', shows: 'Hessian full after step' },
  { route: '/run/sfn-mnist10/steps', shows: 'Gain ratio' },
  { route: '/run/sfn-mnist10/time', shows: 'outside of steps' },
  { route: '/run/sfn-mnist10/config', shows: 'Copy as command' },
  { route: '/run/sfn-mnist10/files', shows: 'metrics.ndjson' },
  { route: '/run/newton-mnist10/log', shows: 'started on wasm' },
  { route: '/compare?runs=sfn-mnist10,newton-mnist10,adam-mnist10', shows: 'What differs in the specs' },
  { route: '/snapshots', shows: 'After step' },
  { route: '/datasets', shows: 'Licence' },
  { route: '/playground', shows: 'Contours at' },
  { route: '/settings', shows: 'Doctor' },
  { route: '/gallery', shows: 'Histogram, dark' },
  { route: '/nowhere', shows: 'There is nothing at this address' }
]
