// Hessian: every state of the tab.
import { dialog, plot, pointAt, scrollTo } from './gestures.mjs'

const run = '#/run/sfn-on-small-digits/hessian'
const canvas = (page, k = 0) => page.locator('.pictures canvas').nth(k)
const drawn = (page, k = 0) => canvas(page, k).waitFor()

/** Turns the wheel over a place of the picture. */
async function zoom(page, x, y, turns) {
  await pointAt(page, canvas(page), x, y)
  for (let k = 0; k < turns; k++) await page.mouse.wheel(0, -240)
}
async function go(page, row, column) {
  await drawn(page)
  await page.getByPlaceholder('row', { exact: true }).fill(row)
  await page.getByPlaceholder('column', { exact: true }).fill(column)
  await page.getByPlaceholder('column', { exact: true }).press('Enter')
}

export const hessianScenes = [
  { name: 'hessian-whole', route: `${run}?step=8`, does: drawn, shows: [['figure header', /^Hessian full after step 8: 565 × 565/]] },
  {
    name: 'hessian-names',
    route: `${run}?step=8`,
    async does(page) {
      await zoom(page, 0.5, 0.5, 9)
      await pointAt(page, canvas(page), 0.42, 0.4)
    },
    shows: [
      ['.row-name', /W1\[/],
      ['.panel .entry', /W1\[/]
    ]
  },
  {
    name: 'hessian-by-unit',
    route: `${run}?step=8&order=unit&borders=all`,
    does: drawn,
    shows: [['figure header', /^Hessian full after step 8/]]
  },
  {
    name: 'hessian-row',
    route: `${run}?step=8`,
    async does(page) {
      await go(page, 'W2[1, 4]', 'W1[50, 1]')
      await plot(page, /^Row W2\[1, 4\]/)
        .locator('canvas')
        .first()
        .waitFor()
      await scrollTo(plot(page, /^Row W2\[1, 4\]/))
    },
    shows: [
      ['figure header', /^Row W2\[1, 4\]/],
      ['main', /Exact entries of the file/]
    ]
  },
  {
    name: 'hessian-jump',
    route: `${run}?step=8`,
    does: (page) => go(page, '555', 'W2[1, 4]'),
    shows: [['.panel .entry', /W2\[1, 4\]/]]
  },
  {
    name: 'hessian-wrong-jump',
    route: `${run}?step=8`,
    does: (page) => go(page, '565', 'W3[1, 1]'),
    shows: [
      ['.go', /There is no row 565: they are 0 to 564\./],
      ['.go', /There is no W3 here/]
    ]
  },
  {
    name: 'hessian-two',
    route: `${run}?step=8&beside=${encodeURIComponent('sfn-on-small-digits:40/full')}`,
    async does(page) {
      await drawn(page, 1)
      await pointAt(page, canvas(page, 1), 0.5, 0.4)
    },
    shows: [
      ['figure header', /^A: full after step 8/],
      ['figure header', /^B: full after step 40/],
      ['button', /^Compute A − B…$/]
    ]
  },
  {
    name: 'hessian-difference-dialog',
    route: `${run}?step=8&beside=${encodeURIComponent('sfn-on-small-digits:40/full')}`,
    async does(page) {
      await page.getByRole('button', { name: 'Compute A − B…' }).click()
      await dialog(page).getByText('sfn-on-small-digits:8/full').waitFor()
    },
    shows: [['[role=dialog]', /A − B, entry by entry/]]
  },
  {
    name: 'hessian-difference',
    route: `${run}?step=8&analysis=difference-8`,
    async does(page) {
      const norm = page.locator('[data-figure="norm"]')
      const isThere = await norm.waitFor({ timeout: 4000 }).then(
        () => true,
        () => false
      )
      if (!isThere) {
        // The first to look has it computed.
        await page.evaluate(
          (hash) => (window.location.hash = hash),
          `${run}?step=8&beside=${encodeURIComponent('sfn-on-small-digits:40/full')}`
        )
        await page.getByRole('button', { name: 'Compute A − B…' }).click()
        await dialog(page).getByText('sfn-on-small-digits:8/full').waitFor()
        await dialog(page).getByRole('button', { name: 'Compute', exact: true }).click()
        await page.getByRole('button', { name: 'Show difference-8', exact: true }).click()
        await page.getByRole('button', { name: 'Alone', exact: true }).click()
        await page.locator('.overlay-toast').getByRole('button', { name: 'Dismiss' }).first().click()
      }
      await drawn(page)
    },
    shows: [
      ['[data-figure=norm]', /\d/],
      ['figure header', /^A − B: 565 × 565/]
    ]
  },
  {
    name: 'hessian-threshold',
    route: `${run}?step=8`,
    async does(page) {
      await drawn(page)
      const slider = page.getByRole('slider', { name: 'Entries below are hidden' })
      await slider.focus()
      for (let k = 0; k < 60; k++) await page.keyboard.press('ArrowRight')
      await page.locator('.colours').evaluate((element) => element.scrollIntoView({ block: 'end' }))
    },
    shows: [['.colours', /Entries below .* in magnitude are hidden\./]]
  },
  {
    name: 'hessian-save',
    route: `${run}?step=8`,
    async does(page) {
      await drawn(page)
      await page
        .locator('.pictures')
        .getByRole('button', { name: /^Save / })
        .first()
        .click()
    },
    shows: [['[role=menuitem]', /Save as PNG/]]
  },
  {
    name: 'hessian-empty',
    route: '#/run/gradient-descent/hessian',
    shows: [['main', /This run keeps no Hessian/]]
  },
  {
    name: 'hessian-damaged',
    route: '#/run/damaged/hessian',
    // The overview is a file of its own; single entries are read from the one that is cut.
    does: (page) => zoom(page, 0.7, 0.7, 9),
    shows: [['main', /could not be read/]]
  },
  {
    name: 'hessian-narrow',
    route: `${run}?step=8`,
    size: [1024, 700],
    does: drawn,
    shows: [['figure header', /^Hessian full after step 8/]]
  },
  {
    name: 'hessian-two-narrow',
    route: `${run}?step=8&beside=${encodeURIComponent('sfn-on-small-digits:40/full')}`,
    size: [1024, 700],
    does: (page) => drawn(page, 1),
    shows: [['figure header', /^A: full after step 8/]]
  }
]
