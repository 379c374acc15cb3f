// Spectrum: every state of the tab.
import { plot, pointAt, scrollTo } from './gestures.mjs'

const run = '#/run/sfn-on-small-digits/spectrum'
const histogram = /^Eigenvalues of full after/
const waterfall = /^Eigenvalues of full over the run$/
const vectors = (page) =>
  page.locator('section.card, .card').filter({ has: page.getByRole('heading', { name: 'Eigenvector', exact: true }) })

export const spectrumScenes = [
  {
    name: 'spectrum-bin',
    route: `${run}?step=8`,
    async does(page) {
      await scrollTo(plot(page, histogram))
      const bins = plot(page, histogram).getByRole('slider', { name: /^Bins of/ })
      await plot(page, histogram).locator('canvas').first().waitFor()
      await bins.focus()
      await page.keyboard.press('End')
      for (let k = 0; k < 20; k++) await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('Enter')
      await page.getByTestId('bin-list').waitFor()
      await bins.focus()
      await page.keyboard.press('ArrowRight')
    },
    shows: [
      ['figure header', /^Eigenvalues of full after step 8/],
      ['[data-testid=readout]', /eigenvalues?: \d+ below, \d+ above/],
      ['[data-testid=bin-list]', /№/]
    ]
  },
  {
    name: 'spectrum-figures',
    route: `${run}?step=16`,
    shows: [
      ['[data-testid=spectrum-figures]', /λ min.*λ max.*index.*below −τ.*within ±τ/],
      ['figure header', /^Extremes of full at each snapshot/]
    ]
  },
  {
    name: 'spectrum-overlay',
    route: `${run}?step=8&with=${encodeURIComponent('saddle-free-newton:100/full')}`,
    async does(page) {
      await scrollTo(plot(page, histogram))
      await plot(page, histogram).locator('canvas').first().waitFor()
    },
    shows: [
      ['figure header', histogram],
      ['[data-testid=overlays]', /Saddle-free Newton, after step 100 · full/]
    ]
  },
  {
    name: 'spectrum-overlay-picker',
    route: `${run}?step=8`,
    async does(page) {
      await scrollTo(plot(page, histogram))
      await page.getByRole('button', { name: 'Lay another spectrum over it…' }).click()
      await page.getByRole('textbox', { name: /^Lay another spectrum/ }).fill('Adam')
    },
    shows: [['[role=option]', /^after step 100/]]
  },
  {
    name: 'spectrum-scree',
    route: `${run}?step=0`,
    async does(page) {
      await scrollTo(plot(page, /^Scree of full/))
      await pointAt(page, plot(page, /^Scree of full/).locator('canvas'), 0.4, 0.4)
    },
    shows: [
      ['figure header', /^Scree of full/],
      ['figure', /Along the foot at ranks .* zero/]
    ]
  },
  {
    name: 'spectrum-waterfall',
    route: `${run}?step=20`,
    async does(page) {
      await scrollTo(plot(page, waterfall))
      await pointAt(page, plot(page, waterfall).locator('.picture'), 0.62, 0.3)
    },
    shows: [
      ['figure header', /^Eigenvalues of full over the run/],
      ['[data-testid=pointed]', /^After step \d+: .* eigenvalues? from/],
      ['figure header', /^Distance of full from the snapshot before/]
    ]
  },
  {
    name: 'spectrum-waterfall-lines',
    route: `${run}?step=20&form=lines`,
    does: (page) => scrollTo(plot(page, waterfall)),
    shows: [['figure header', /^Eigenvalues of full over the run/]]
  },
  {
    name: 'spectrum-playing',
    route: `${run}?step=0`,
    async does(page) {
      await page.getByRole('combobox', { name: 'Speed' }).selectOption({ label: '1 a second' })
      await page.getByRole('button', { name: 'Play through the snapshots' }).click()
      await page.getByRole('button', { name: 'Pause' }).waitFor()
    },
    shows: [
      ['button[aria-label=Pause]', /^/],
      ['.where', /after step/]
    ]
  },
  {
    name: 'spectrum-eigenvector',
    route: '#/run/sfn-on-small-digits/spectrum?step=40&eigenvalue=0',
    does: (page) => scrollTo(vectors(page)),
    shows: [
      ['h2', /^Eigenvector$/],
      ['.largest', /Largest entries/]
    ]
  },
  {
    name: 'spectrum-eigenvector-pixels',
    route: '#/run/behind-a-projection/spectrum?eigenvalue=0',
    async does(page) {
      await scrollTo(vectors(page))
      await page.getByText(/Pᵀw of each unit/).waitFor()
    },
    shows: [['main', /Pᵀw of each unit, 10 × 10/]]
  },
  {
    name: 'spectrum-two-vectors',
    route: `${run}?step=36&eigenvalue=0&against=${encodeURIComponent('sfn-on-small-digits:40/full/0')}`,
    async does(page) {
      await page.getByTestId('cosine').waitFor()
      await page.getByTestId('vector-comparison').evaluate((element) => element.scrollIntoView({ block: 'end' }))
    },
    shows: [
      ['[data-testid=cosine]', /^0\.\d+$/],
      ['[data-testid=vector-comparison] h3', /^u: after step 36 · full, № 1/]
    ]
  },
  {
    name: 'spectrum-checks',
    route: `${run}?step=8`,
    does: (page) => page.getByTestId('checks').click(),
    shows: [['[role=dialog]', /symmetry/i]]
  },
  {
    name: 'spectrum-empty',
    route: '#/run/without-snapshots/spectrum',
    shows: [['main', /No snapshot is stored yet/]]
  },
  {
    name: 'spectrum-loading',
    route: `${run}?step=8`,
    withheld: ['snapshots.eigenvalues', 'snapshots.spectra', 'snapshots.course'],
    does: (page) => page.getByText('Loading…').first().waitFor(),
    shows: [['main', /Loading…/]]
  },
  {
    name: 'spectrum-damaged',
    route: '#/run/damaged/spectrum',
    shows: [['main', /could not be read/]]
  },
  {
    name: 'spectrum-narrow',
    route: `${run}?step=8`,
    size: [1024, 700],
    does: (page) => scrollTo(plot(page, histogram)),
    shows: [['figure header', histogram]]
  }
]
