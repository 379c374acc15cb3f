// Analyses: the tab of a run, its form, some of the pictures, and the list across runs.
import { dialog, plot, scrollTo } from './gestures.mjs'

const run = '#/run/sfn-on-small-digits/analyses'

/** What the workspace is given to show. */
export const analysisCommands = [
  ['analyse', 'landau', 'sfn-on-small-digits:8'],
  ['analyse', 'scales', 'sfn-on-small-digits:8'],
  ['analyse', 'overlap', 'sfn-on-small-digits', '--set', 'vectors=8'],
  ['analyse', 'landscape', 'sfn-on-small-digits', '--set', 'plane=trajectory', '--set', 'size=61']
]

export const analysisScenes = [
  {
    name: 'analyses-tab',
    route: run,
    shows: [
      ['[role=tab][aria-selected=true]', /^Analyses/],
      ['tr', /Landau coefficients.*8.*vectors 16/],
      ['[data-testid=checks]', /^verified: \d checks$/]
    ]
  },
  {
    name: 'analyses-new',
    route: run,
    async does(page) {
      await page.getByRole('button', { name: 'New analysis…' }).click()
      await dialog(page).getByRole('combobox', { name: 'Kind' }).selectOption('Loss landscape')
      await dialog(page).getByRole('textbox', { name: 'size', exact: true }).fill('60')
    },
    shows: [
      ['[role=dialog] h2', /^New analysis/],
      ['.fault', /must be odd: the centre is on the grid, got 60/]
    ]
  },
  {
    name: 'analyses-landau',
    route: `${run}?analysis=landau-8&direction=564`,
    async does(page) {
      await scrollTo(plot(page, /^Loss along eigenvector 564/))
    },
    shows: [
      ['figure header', /^Loss along eigenvector 564, λ = .*: trough/],
      ['[data-testid=coefficients] tr', /saddle direction/]
    ]
  },
  {
    name: 'analyses-scales',
    route: `${run}?analysis=scales-8`,
    async does(page) {
      await scrollTo(plot(page, /^Curvature along lines/))
    },
    shows: [
      ['figure header', /^Curvature along lines against the scale/],
      ['[data-testid=signs] li', /^eigenvectors \(16\): κ/]
    ]
  },
  {
    name: 'analyses-landscape',
    route: `${run}?analysis=landscape-40`,
    async does(page) {
      const plane = plot(page, /^Loss over a plane/)
      await scrollTo(plane)
      await plane.locator('svg.drawing').click({ position: { x: 420, y: 130 } })
    },
    shows: [
      ['figure header', /^Loss over a plane through weight space/],
      ['svg text', /^step 40$/],
      ['[data-testid=point-loss]', /Loss at the nearest point of the grid: \d/]
    ]
  },
  {
    name: 'analyses-overlap',
    route: `${run}?analysis=overlap-40`,
    async does(page) {
      await scrollTo(plot(page, /^Overlap of the leading subspaces/))
    },
    shows: [
      ['figure header', /^Overlap of the leading subspaces of two steps/],
      ['figure header', /^Overlap of each step with the step before/]
    ]
  },
  {
    name: 'analyses-across',
    route: '#/analyses',
    shows: [
      ['[data-testid=totals]', /^\d analyses/],
      ['[role=row]', /Curvature at all scales/]
    ]
  }
]
