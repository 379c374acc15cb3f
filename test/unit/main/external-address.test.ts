// Which addresses may leave the app: plain https, nothing that hides where it leads.
import { describe, expect, it } from 'vitest'
import { externalAddress } from '../../../src/main/external-address'

const faultOf = (address: string) => {
  const checked = externalAddress(address)
  return 'fault' in checked ? checked.fault : null
}

describe('an address for the browser', () => {
  it('is https, with the host to ask about', () => {
    expect(externalAddress('https://www.cs.toronto.edu/~kriz/cifar.html')).toEqual({
      address: 'https://www.cs.toronto.edu/~kriz/cifar.html',
      host: 'www.cs.toronto.edu'
    })
    expect(externalAddress('https://example.org:8443/a?b=c#d')).toEqual({
      address: 'https://example.org:8443/a?b=c#d',
      host: 'example.org:8443'
    })
  })

  it('names a host of look-alike letters by its ASCII form', () => {
    // A Cyrillic "а" in front.
    expect(externalAddress('https://аpple.com/')).toMatchObject({ host: 'xn--pple-43d.com' })
  })

  it.each([
    'http://example.org/',
    'file:///etc/passwd',
    'smb://server/share',
    'ssh://host',
    'javascript:alert(1)',
    'data:text/html,hello',
    'app://saddlescope/',
    'vscode://file/etc/passwd',
    'ms-msdt:/id PCWDiagnostic',
    'mailto:someone@example.org'
  ])('is not %s', (address) => expect(faultOf(address)).toMatch(/only https addresses are opened|no spaces/))

  it('has no user name, no control characters, no spaces, no backslashes, and an end', () => {
    expect(faultOf('https://example.org@evil.example/')).toMatch(/user name or password.*evil\.example/)
    expect(faultOf('https://user:word@example.org/')).toMatch(/user name or password/)
    for (const bad of ['\n', '\r', '\t', '\0', '\u001b', ' ', '\u200b', '\u202e', '\\'])
      expect(faultOf(`https://example.org/${bad}a`)).toMatch(/no spaces, control characters or backslashes/)
    expect(faultOf(`https://example.org/${'a'.repeat(3000)}`)).toMatch(/longer than the 2000/)
    for (const none of ['', 'https://', 'example.org', '//example.org']) expect(faultOf(none)).toBe('this is no address')
  })
})
