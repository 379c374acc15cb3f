// The pictures of the docs as data: where, what a user does there, and what must be seen on them.
import { analysisScenes } from './scenes/analyses.mjs'
import { datasetScenes } from './scenes/datasets.mjs'
import { hessianScenes } from './scenes/hessian.mjs'
import { modelScenes } from './scenes/model.mjs'
import { settingsScenes } from './scenes/settings.mjs'
import { snapshotScenes } from './scenes/snapshots.mjs'
import { spectrumScenes } from './scenes/spectrum.mjs'
import { networkScenes, startScenes } from './scenes/start.mjs'
import { studyScenes } from './scenes/studies.mjs'

/**
 * A picture's file, its address (null: where the app opens), what a user does there, and what must be seen on it: texts in elements that lie inside the picture and on top.
 * Where they are needed: `size` of the window, the `workspace` (main, studies, empty or first), methods of which the answers are `withheld`, and what is done `after` it.
 */
export const pictures = [
  {
    name: 'runs',
    route: '#/',
    shows: [
      ['h1', /^Runs/],
      ['[role=row]', /Saddle-free Newton.*100 \/ 100.*sfn.*mnist10/],
      ['[role=row]', /Gradient descent/],
      ['[role=columnheader]', /λ min/]
    ]
  },
  {
    name: 'run',
    route: '#/run/sfn-on-small-digits',
    shows: [
      ['[role=tab][aria-selected=true]', /^Overview/],
      ['.figure', /Step\s*40 \/ 40/],
      ['.figure', /P\s*565/],
      ['figure header', /^Loss$/],
      ['figure header', /^Smallest eigenvalue$/]
    ]
  },
  {
    name: 'spectrum',
    route: '#/run/sfn-on-small-digits/spectrum?step=8',
    size: [1440, 1080],
    shows: [
      ['[role=tab][aria-selected=true]', /^Spectrum/],
      ['figure header', /^Eigenvalues of full after step 8/],
      ['[data-testid=checks]', /^verified: \d checks$/],
      ['[data-testid=histogram-sum]', /565 of 565 eigenvalues; \d+ below zero/]
    ]
  },
  {
    name: 'playground',
    route: '#/playground',
    shows: [
      ['h1', /^Playground$/],
      ['figure header', /^Rosenbrock$/],
      ['main', /step 60 of 60/]
    ]
  }
]

/** States of the screens, each taken in both themes for docs/screens.md. */
export const states = [
  ...spectrumScenes,
  ...hessianScenes,
  ...analysisScenes,
  ...snapshotScenes,
  ...datasetScenes,
  ...modelScenes,
  ...settingsScenes,
  ...networkScenes,
  ...startScenes,
  ...studyScenes
]
