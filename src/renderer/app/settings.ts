// The workspace's settings as the page knows them follow what the workbench, or another page, changes.
import { client } from './connect'
import { invalidate } from './data'

export function startSettings() {
  const askAgain = () => invalidate((method) => method === 'settings.get')
  client().subscribe('settings', {}, { onEvent: askAgain, onReset: askAgain })
}
