// Snapshots: every state of the library.
import { dialog } from './gestures.mjs'

const row = (page, id, step) => page.getByRole('table', { name: 'Snapshots' }).locator(`[data-row="${id}/${step}"]`)
const tick = (page, id, step) => row(page, id, step).getByRole('checkbox').click()

async function setBudget(page, text) {
  await page.evaluate(() => (window.location.hash = '#/settings'))
  await page.getByLabel('Disk budget').fill(text)
  await page.getByRole('button', { name: 'Keep', exact: true }).click()
  await page.getByRole('button', { name: 'Keep', exact: true, disabled: true }).waitFor()
}

export const snapshotScenes = [
  {
    name: 'snapshots',
    route: '#/snapshots',
    shows: [
      ['h1', /^Snapshots$/],
      ['[data-row]', /SFN on small digits/],
      ['main', /\d+ snapshots, .*Hessians/]
    ]
  },
  {
    name: 'snapshots-filter',
    route: '#/snapshots?filter=digits&hessian=1',
    shows: [
      ['main', /11 of \d+ snapshots/],
      ['[data-row]', /SFN on small digits/]
    ]
  },
  {
    name: 'snapshots-no-match',
    route: '#/snapshots?filter=zebra',
    shows: [['main', /No snapshot matches the filter/]]
  },
  {
    name: 'snapshots-two',
    route: '#/snapshots?filter=digits',
    async does(page) {
      await tick(page, 'sfn-on-small-digits', 8)
      await tick(page, 'sfn-on-small-digits', 40)
    },
    shows: [
      ['[role=group]', /^2 ticked/],
      ['button', /Compare their Hessians/]
    ]
  },
  {
    name: 'snapshots-prune',
    route: '#/snapshots',
    async does(page) {
      await page.getByRole('button', { name: 'Prune…' }).click()
      await dialog(page).getByRole('table', { name: 'What would go' }).locator('[data-row]').first().waitFor()
    },
    shows: [
      ['[role=dialog]', /Prune snapshots/],
      ['[role=dialog] button', /^Delete \d/]
    ]
  },
  {
    name: 'snapshots-delete',
    route: '#/snapshots?filter=digits',
    async does(page) {
      await row(page, 'sfn-on-small-digits', 8)
        .getByRole('button', { name: /^Actions for/ })
        .click()
      await page.getByRole('menuitem', { name: /^Delete/ }).click()
    },
    shows: [['[role=dialog]', /Delete the snapshot of/]]
  },
  {
    name: 'snapshots-narrow',
    route: '#/snapshots',
    size: [1024, 700],
    shows: [
      ['[data-row] a', /SFN on small digits/],
      ['[role=columnheader]', /Optimizer/]
    ]
  },
  { name: 'snapshots-empty', workspace: 'empty', route: '#/snapshots', shows: [['main', /No snapshots yet/]] },
  {
    name: 'snapshots-loading',
    route: '#/snapshots',
    withheld: ['snapshots.library'],
    shows: [['main', /Looking through the snapshots…/]]
  },
  {
    name: 'snapshots-budget',
    route: '#/settings',
    async does(page) {
      await setBudget(page, '43 MB')
      await page.evaluate(() => (window.location.hash = '#/snapshots'))
    },
    after: (page) => setBudget(page, ''),
    shows: [['[data-budget]', /disk budget/]]
  }
]
