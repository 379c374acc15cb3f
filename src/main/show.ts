// A window in front of the person, at an address of the page.
import { pageOrigin } from '../shared/page-policy'
import { log } from './logs'
import { developmentAddress } from './page-protocol'
import { bringBack } from './windows'

/** `address`: what stands behind the page's origin, such as `#/run/ID`; empty: wherever it is. */
export function showAt(address: string) {
  const window = bringBack()
  if (address === '') return
  window
    .loadURL(`${developmentAddress() ?? `${pageOrigin}/`}${address}`)
    .catch((error: Error) => log(`${address} was not shown: ${error.message}`))
}
