// Which files the page may consist of, whose address is the page's, and what its policy allows.
import fc from 'fast-check'
import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { contentSecurityPolicy, isPageAddress, pageFile, pageHeaders } from '../../../src/shared/page-policy'

describe('the files of the page', () => {
  it('names files below the folder of the page, and nothing else', () => {
    expect(pageFile('/')).toBe('index.html')
    expect(pageFile('/assets/index-Ab_12.js')).toBe('assets/index-Ab_12.js')
    const parts = fc.constantFrom(
      '..',
      '.',
      '/',
      '\\',
      '%2e',
      '%2f',
      '%5c',
      '%00',
      'a',
      'index.html',
      'C:',
      '~',
      '%',
      '\0',
      '.env',
      'x.js',
      ' '
    )
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 8 }).map((list) => `/${list.join('')}`),
        (path) => {
          const file = pageFile(path)
          if (file === null) return
          for (const { join, relative, isAbsolute } of [posix, win32]) {
            const folder = join('/', 'page')
            const below = relative(folder, join(folder, file))
            expect(isAbsolute(below) || below.startsWith('..')).toBe(false)
          }
          expect(file).toMatch(/^[\w./-]+\.(html|js|css|svg|png|ico|json|woff2)$/)
        }
      ),
      { numRuns: 2000 }
    )
    for (const path of [
      '/../main/index.js',
      '/%2e%2e/x.js',
      '/a/..%2fx.js',
      '/a\\x.js',
      '/a%5cx.js',
      '/x.js%00.css',
      '//x.js',
      '/.x.js',
      '/x.ts',
      '/x',
      '/%',
      ''
    ])
      expect(pageFile(path), path).toBeNull()
  })
})

describe('the address of the page', () => {
  it('is its scheme and host, without a user', () => {
    for (const address of ['app://saddlescope/', 'app://saddlescope/index.html#/run/a', 'app://saddlescope'])
      expect(isPageAddress(address, null), address).toBe(true)
    for (const address of [
      'app://saddlescope:81/',
      'app://saddlescope@evil/',
      'app://evil@saddlescope/',
      'app:saddlescope',
      'saddlescope',
      'null'
    ])
      expect(isPageAddress(address, null), address).toBe(false)
  })
})

describe('the policy', () => {
  it('allows nothing unsafe and nothing from elsewhere', () => {
    expect(pageHeaders['content-security-policy']).toBe(contentSecurityPolicy)
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:|strict-dynamic|wasm/)
    const directives = Object.fromEntries(contentSecurityPolicy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]))
    expect(directives['default-src']).toEqual(["'none'"])
    for (const [name, sources] of Object.entries(directives))
      expect(name === 'img-src' ? sources.slice(1) : sources.filter((source) => !/^'(none|self)'$/.test(source)), name).toEqual(
        name === 'img-src' ? ['data:', 'blob:'] : []
      )
    for (const name of ['base-uri', 'form-action', 'frame-ancestors']) expect(directives[name]).toEqual(["'none'"])
  })
})
