// JSON text that is edited in place: one value at a path is replaced, added or taken out, and everything else stays as it was typed.
import { formatJson } from '../../app/json'
import { messageOf } from '../../../shared/format/message-of'

export type JsonPath = readonly (string | number)[]

interface Member {
  readonly key: string
  readonly start: number
  readonly node: Node
}
interface Node {
  readonly start: number
  readonly end: number
  readonly members?: readonly Member[]
  readonly items?: readonly Node[]
}

export interface JsonFault {
  readonly message: string
  readonly line: number
  readonly column: number
}

class Fault extends Error {
  constructor(
    readonly position: number,
    message: string
  ) {
    super(message)
  }
}

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const string = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy

function scan(text: string): Node {
  let at = 0
  const blank = () => {
    while (/[ \t\n\r]/.test(text[at] ?? '')) at++
  }
  const seen = () => (at >= text.length ? 'the end of the text' : `“${text.slice(at, at + 1)}”`)
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const takeString = (what: string): string => {
    const begin = at
    const found = text[at] === '"' ? take(string) : undefined
    if (found === undefined)
      throw new Fault(
        begin,
        text[begin] === '"' ? 'this text has no end, or something in it needs a \\' : `${what} is expected, not ${seen()}`
      )
    return JSON.parse(found) as string
  }
  /** What stands between brackets, with commas between. */
  const takeAll = <Part>(close: string, part: () => Part): Part[] => {
    const parts: Part[] = []
    at++
    blank()
    if (text[at] === close) {
      at++
      return parts
    }
    for (;;) {
      blank()
      parts.push(part())
      blank()
      if (text[at] === close) {
        at++
        return parts
      }
      if (text[at] !== ',') throw new Fault(at, `a comma or ${close} is expected, not ${seen()}`)
      at++
    }
  }
  const takeValue = (): Node => {
    const start = at
    if (text[at] === '{') {
      const members = takeAll('}', () => {
        const begin = at
        const key = takeString('a key in quotes')
        blank()
        if (text[at] !== ':') throw new Fault(at, `a colon is expected after the key, not ${seen()}`)
        at++
        blank()
        return { key, start: begin, node: takeValue() }
      })
      return { start, end: at, members }
    }
    if (text[at] === '[') {
      const items = takeAll(']', takeValue)
      return { start, end: at, items }
    }
    if (text[at] === '"') takeString('a text')
    else if (take(scalar) === undefined) throw new Fault(at, `a value is expected, not ${seen()}`)
    return { start, end: at }
  }
  blank()
  const node = takeValue()
  blank()
  if (at < text.length) throw new Fault(at, `nothing more is expected, but there is ${seen()}`)
  return node
}

/** The value of a JSON text, or where it stops being JSON. */
export function readJson(text: string): { readonly value: unknown } | { readonly fault: JsonFault } {
  try {
    scan(text)
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    const position = error instanceof Fault ? error.position : 0
    const before = text.slice(0, position).split('\n')
    return {
      fault: {
        message: messageOf(error),
        line: before.length,
        column: before[before.length - 1].length + 1
      }
    }
  }
}

const lastMember = (node: Node, key: string | number) => node.members?.filter((member) => member.key === String(key)).at(-1)
const childOf = (node: Node, key: string | number): Node | undefined => lastMember(node, key)?.node ?? node.items?.[Number(key)]

/** Blanks at the beginning of the line that a place is on. */
const indentAt = (text: string, place: number) => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', place - 1) + 1))?.[0] ?? ''
const spliced = (text: string, from: number, to: number, put: string) => text.slice(0, from) + put + text.slice(to)
/** Keys that are missing on the way become objects. */
const nested = (path: JsonPath, value: unknown): unknown => path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)

function added(text: string, owner: Node, key: string, value: unknown): string {
  const members = owner.members ?? []
  const last = members.at(-1)
  const put = (indent: string) => `${JSON.stringify(key)}: ${formatJson(value, 88, indent || ' ')}`
  if (!last) return spliced(text, owner.start, owner.end, `{ ${put(indentAt(text, owner.start))} }`)
  const gap = text.slice(owner.start + 1, members[0].start)
  const separator = gap.includes('\n') ? gap.slice(gap.lastIndexOf('\n')) : ' '
  return spliced(text, last.node.end, last.node.end, `,${separator}${put(separator.slice(1))}`)
}

/** The text with the value at a path set; the text must be JSON. Places of lists must be there. */
export function setAt(text: string, path: JsonPath, value: unknown): string {
  let here = scan(text)
  for (const [depth, key] of path.entries()) {
    const next = childOf(here, key)
    if (!next) return here.members ? added(text, here, String(key), nested(path.slice(depth + 1), value)) : text
    // What cannot hold the rest of the path makes room for it.
    if (depth < path.length - 1 && !next.members && !next.items)
      return spliced(text, next.start, next.end, formatJson(nested(path.slice(depth + 1), value), 88, indentAt(text, next.start) || ' '))
    here = next
  }
  return spliced(text, here.start, here.end, formatJson(value, 88, indentAt(text, here.start) || ' '))
}

/** The text without the key at a path, or unchanged where there is none. */
export function removeAt(text: string, path: JsonPath): string {
  let owner = scan(text)
  for (const key of path.slice(0, -1)) {
    const next = childOf(owner, key)
    if (!next) return text
    owner = next
  }
  const members = owner.members ?? []
  const key = String(path.at(-1))
  return members.reduceRight((rest, member, place) => {
    if (member.key !== key) return rest
    // With the comma before it, or for the first one the comma after.
    if (place > 0) return spliced(rest, members[place - 1].node.end, member.node.end, '')
    if (members.length > 1) return spliced(rest, member.start, members[1].start, '')
    return spliced(rest, owner.start, owner.end, '{}')
  }, text)
}
