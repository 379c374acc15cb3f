// A network from elsewhere: its layers and what its file does not say, and the loss that does not prove it.
import { join } from 'node:path'
import { root } from '../ensure-built.mjs'
import { scrollTo } from './gestures.mjs'

const net = (name) => join(root, 'test', 'reference', 'models', 'nets', name)
async function chooseFile(page, name) {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByRole('button', { name: 'Choose a file…' }).click()])
  await chooser.setFiles(net(name))
}
const openNet = async (page) => {
  await chooseFile(page, 'net-05.safetensors')
  await page.locator('[data-weight]').first().waitFor()
}
async function expectAnotherLoss(page) {
  await openNet(page)
  await chooseFile(page, 'net-05.data.npz')
  for (const [label, value] of [
    ['Activation', 'sigmoid'],
    ['Output activation', 'relu'],
    ['Loss', 'mse']
  ])
    await page.getByRole('combobox', { name: label, exact: true }).selectOption(value)
  await page.getByLabel('Expected loss (optional)').fill('1.18862843147')
  const look = page.getByRole('button', { name: 'Look', exact: true })
  await page.locator('#look-note').filter({ hasText: 'It becomes a run' }).waitFor()
  await look.click()
  await page.getByText('not the expected').waitFor()
  await scrollTo(page.getByRole('region', { name: 'What the file does not say' }))
}
const after = (page) => page.getByRole('button', { name: 'Put away' }).click()

export const modelScenes = [
  {
    name: 'model-asked',
    route: '#/model',
    does: openNet,
    after,
    shows: [
      ['[data-weight="0.weight"]', /5 × 4.*not said/s],
      ['#look-note', /Still to be said: the activation/]
    ]
  },
  {
    name: 'model-unexpected',
    route: '#/model',
    does: expectAnotherLoss,
    after,
    shows: [['.note', /the loss on all 30 training samples is .*not the expected/]]
  }
]
