// Which addresses may be handed to the user's browser: plain https, saying what they are.

const longest = 2000

/** The address as it is opened and the host to ask about (in its ASCII form, so that no letter looks like another), or why it is not opened. */
export function externalAddress(given: string): { readonly address: string; readonly host: string } | { readonly fault: string } {
  if (given.length > longest) return { fault: `an address of ${given.length} characters is longer than the ${longest} allowed` }
  if (/[\s\p{C}\\]/u.test(given)) return { fault: 'an address has no spaces, control characters or backslashes' }
  let url: URL
  try {
    url = new URL(given)
  } catch {
    return { fault: 'this is no address' }
  }
  if (url.protocol !== 'https:') return { fault: `only https addresses are opened, not ${url.protocol.slice(0, 40)}` }
  if (url.username !== '' || url.password !== '')
    return { fault: `an address with a user name or password in it is not opened (${url.host})` }
  return { address: url.href, host: url.host }
}
