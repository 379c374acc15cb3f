// Takes the token of a printed link (`#token=…`, `#token=…&to=/run/ID` where a program opens it at a run) out of the address before anything else reads it, so that it is neither kept nor shared.

/** The token in the address, if there is one; the address no longer holds it afterwards. */
export function takeToken(): string | null {
  const match = /^#\/?token=([A-Za-z0-9_-]+)(?:&to=(\/run\/[a-z0-9-]+))?$/.exec(location.hash)
  if (!match) return null
  history.replaceState(null, '', `${location.pathname}#${match[2] ?? '/'}`)
  return match[1]
}

/** Whether the page was opened at no screen's address in particular: by its bare address, or by a printed link. */
export const openedAnywhere = /^#?$|^#\/?token=[^&]*$/.test(location.hash)

/** Found when the page was opened. */
export const entryToken = takeToken()
