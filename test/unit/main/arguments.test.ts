// The app's command line: whose words they are, and what they ask for.
import { describe, expect, it } from 'vitest'
import { ownWords, parseArguments } from '../../../src/main/arguments'

const parse = (...words: string[]) => parseArguments(words, '/home/me')

describe('the words of the app', () => {
  it('come behind its folder when it is not packaged, whatever Electron is told before', () => {
    const argv = ['/x/electron', '--no-sandbox', '-r', 'bridge.cjs', './app', '--workspace', 'w', 'a.npy']
    expect(ownWords(argv, '/work/app', '/work')).toEqual(['--workspace', 'w', 'a.npy'])
  })
  it('are all of them when it is packaged', () => {
    expect(ownWords(['/opt/Saddlescope/saddlescope', 'a.npy'], '/opt/Saddlescope/resources/app.asar', '/home/me')).toEqual(['a.npy'])
  })
})

describe('what is asked for', () => {
  it('files, relative to the folder that the app was started in', () => {
    expect(parse('a.npy', '../b.zip', '/c.csv').files).toEqual(['/home/me/a.npy', '/home/b.zip', '/c.csv'])
  })
  it('everything behind --, also what looks like an option', () => {
    expect(parse('--no-demo', '--', '--workspace', '-x', 'y')).toEqual({
      workspace: null,
      demo: false,
      files: ['/home/me/--workspace', '/home/me/-x', '/home/me/y']
    })
  })
  it('a workspace is no file, and switches are none', () => {
    expect(parse('--workspace', 'w', '--disable-gpu', 'a.npy')).toEqual({ workspace: '/home/me/w', demo: true, files: ['/home/me/a.npy'] })
    expect(parse('--workspace=/w')).toEqual({ workspace: '/w', demo: true, files: [] })
    expect(parse('--workspace')).toEqual({ workspace: null, demo: true, files: [] })
  })
  it('file addresses as desktops hand them over, and no others', () => {
    expect(parse('file:///tmp/with%20space.npy', 'https://example.org/a.npy', 'saddlescope://x').files).toEqual(['/tmp/with space.npy'])
  })
})
