// Reads Python pickles as data: a small stack machine that knows the instructions of CIFAR's files, of re-pickled NumPy arrays and of PyTorch's state dictionaries, and refuses the rest by name.
import { StorageError } from '../files'
import { badData, shown } from './data-error'
import { NpyError } from '../../shared/npy'
import { opcodeName } from './pickle-opcodes'
import { numpyDialect } from './pickle-numpy'
import { isKind, type PickleDialect, type PickledTuple, type PickleValue } from './pickle-values'

export type { PickleValue } from './pickle-values'

/** No instruction makes more than one value, so these bound the memory beside the file itself. */
export interface PickleLimits {
  readonly instructions: number
  readonly stack: number
  readonly memo: number
}

const defaultLimits: PickleLimits = { instructions: 10_000_000, stack: 2_000_000, memo: 2_000_000 }
const mark = Symbol('mark')
type Entry = PickleValue | typeof mark

/**
 * The value that a pickle holds (protocols 2 to 5, and what protocols 0 and 1 share with them). Python 2 strings and bytes become views
 * into `bytes`, unicode becomes text, lists and dictionaries arrays and maps, tuples and NumPy arrays tagged objects. Lists that contain
 * themselves stay so. Nothing is executed: a class or callable is only ever one of the few names of the dialect (NumPy arrays, where none is given). Throws one sentence
 * with `file`, the instruction and its byte for anything else, and for more instructions, stack or memo than the limits.
 */
export function readPickle(
  bytes: Uint8Array,
  file: string,
  limits: PickleLimits = defaultLimits,
  dialect: PickleDialect = numpyDialect
): PickleValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const stack: Entry[] = []
  const memo = new Map<number, PickleValue>()
  let at = 0
  let opcodeAt = 0
  // A text may be recalled from the memo again and again; its bytes are made anew each time, but no more of them than an honest file needs.
  let encodable = bytes.length

  const where = () => `${file}: pickle opcode ${opcodeName(bytes[opcodeAt])} at byte ${opcodeAt}`
  const fail = (what: string) => badData(`${where()}: ${what}`)
  const need = (count: number): number => {
    if (count > bytes.length - at) throw badData(`${where()}: the file ends inside it; it is truncated or no pickle`)
    const start = at
    at += count
    return start
  }
  const take = (count: number): Uint8Array => {
    const start = need(count)
    return bytes.subarray(start, start + count)
  }
  const wide = (): number => {
    const start = need(8)
    const high = view.getUint32(start + 4, true)
    if (high > 0x1fffff) throw fail('a length beyond 2^53')
    return high * 4294967296 + view.getUint32(start, true)
  }
  const unicode = (count: number): string => {
    if (count > 2 ** 28) throw fail(`a text of ${count} bytes`)
    const raw = Buffer.from(bytes.buffer, bytes.byteOffset + need(count), count)
    return raw.toString('utf8')
  }
  const line = (): string => {
    const end = bytes.indexOf(10, at)
    if (end < 0 || end - at > 1000) throw fail('its line does not end')
    const words = Buffer.from(bytes.subarray(at, end)).toString('latin1')
    at = end + 1
    return words
  }
  const push = (value: Entry): void => {
    if (stack.length >= limits.stack) throw fail(`more than ${limits.stack} values on the stack`)
    stack.push(value)
  }
  const pop = (): PickleValue => {
    const value = stack.pop()
    if (value === undefined || value === mark) throw fail('takes a value where there is none')
    return value
  }
  const top = (): PickleValue => {
    const value = stack[stack.length - 1]
    if (value === undefined || value === mark) throw fail('needs a value where there is none')
    return value
  }
  const popToMark = (): PickleValue[] => {
    const start = stack.lastIndexOf(mark)
    if (start < 0) throw fail('needs a mark where there is none')
    const items = stack.splice(start).filter((item): item is PickleValue => item !== mark)
    return items
  }
  const tuple = (items: readonly PickleValue[]): PickledTuple => ({ kind: 'tuple', items })
  const popTuple = (count: number): PickledTuple => {
    const items: PickleValue[] = []
    for (let i = 0; i < count; i++) items.push(pop())
    return tuple(items.reverse())
  }
  const remember = (index: number): void => {
    if (memo.size >= limits.memo && !memo.has(index)) throw fail(`more than ${limits.memo} values in the memo`)
    memo.set(index, top())
  }
  const recall = (index: number): void => {
    const value = memo.get(index)
    if (value === undefined) throw fail(`recalls entry ${index}, which was never stored`)
    push(value)
  }
  const list = (): PickleValue[] => {
    const target = top()
    if (!Array.isArray(target)) throw fail('appends to something that is no list')
    return target
  }
  const setItems = (items: readonly PickleValue[]): void => {
    const target = top()
    if (!(target instanceof Map)) throw fail('sets items of something that is no dictionary')
    if (items.length % 2 !== 0) throw fail('a key without a value')
    for (let i = 0; i < items.length; i += 2) {
      const raw = items[i]
      const key = raw instanceof Uint8Array && raw.length <= 1000 ? Buffer.from(raw).toString('latin1') : raw
      if (typeof key !== 'string' && typeof key !== 'number') throw fail('a dictionary key that is neither text nor a number')
      target.set(key, items[i + 1])
    }
  }
  const global = (module: string, name: string): void => {
    const found = dialect.global(module, name)
    if (!found)
      throw badData(
        `${file}: pickle opcode ${opcodeName(bytes[opcodeAt])} ${shown(module)}.${shown(name)} is not allowed (byte ${opcodeAt}); ${dialect.allows}`
      )
    push(found)
  }

  for (let count = 0; at < bytes.length; count++) {
    if (count >= limits.instructions) throw badData(`${file}: the pickle has more than ${limits.instructions} instructions`)
    opcodeAt = at++
    switch (bytes[opcodeAt]) {
      case 0x80: {
        const version = bytes[need(1)]
        if (version > 5) throw fail(`protocol ${version} is not known; 0 to 5 are`)
        break
      }
      case 0x95: // FRAME: only a hint for readers of streams
        if (wide() > bytes.length - at) throw fail('the frame is longer than the file; it is truncated')
        break
      case 0x2e: {
        // STOP
        const result = pop()
        if (stack.length > 0) throw fail(`${stack.length} values are left over`)
        return result
      }
      case 0x28:
        push(mark)
        break
      case 0x30: // POP
        if (stack.pop() === undefined) throw fail('takes a value where there is none')
        break
      case 0x31:
        popToMark()
        break
      case 0x32:
        push(top())
        break
      case 0x4e:
        push(null)
        break
      case 0x88:
        push(true)
        break
      case 0x89:
        push(false)
        break
      case 0x4a:
        push(view.getInt32(need(4), true))
        break
      case 0x4b:
        push(bytes[need(1)])
        break
      case 0x4d:
        push(view.getUint16(need(2), true))
        break
      case 0x8a: {
        // LONG1: two's complement, little endian
        const raw = take(bytes[need(1)])
        if (raw.length > 8) throw fail(`an integer of ${raw.length} bytes`)
        let value = 0n
        for (let i = raw.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i])
        const signed = Number(BigInt.asIntN(raw.length * 8, value))
        if (!Number.isSafeInteger(signed)) throw fail('an integer beyond 2^53')
        push(signed)
        break
      }
      case 0x47:
        push(view.getFloat64(need(8)))
        break
      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        push(take(bytes[need(1)]))
        break
      case 0x54: {
        // BINSTRING
        const length = view.getInt32(need(4), true)
        if (length < 0) throw fail('a negative length')
        push(take(length))
        break
      }
      case 0x42: // BINBYTES
        push(take(view.getUint32(need(4), true)))
        break
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        push(take(wide()))
        break
      case 0x8c: // SHORT_BINUNICODE
        push(unicode(bytes[need(1)]))
        break
      case 0x58: // BINUNICODE
        push(unicode(view.getUint32(need(4), true)))
        break
      case 0x8d: // BINUNICODE8
        push(unicode(wide()))
        break
      case 0x5d: // EMPTY_LIST
        push([])
        break
      case 0x61: {
        // APPEND
        const value = pop()
        list().push(value)
        break
      }
      case 0x65: {
        // APPENDS
        const items = popToMark()
        const target = list()
        for (const item of items) target.push(item)
        break
      }
      case 0x6c: // LIST
        push(popToMark())
        break
      case 0x29:
        push(tuple([]))
        break
      case 0x74:
        push(tuple(popToMark()))
        break
      case 0x85:
      case 0x86:
      case 0x87:
        push(popTuple(bytes[opcodeAt] - 0x84))
        break
      case 0x7d: // EMPTY_DICT
        push(new Map())
        break
      case 0x64: {
        // DICT
        const items = popToMark()
        push(new Map())
        setItems(items)
        break
      }
      case 0x73: {
        // SETITEM
        const value = pop()
        const key = pop()
        setItems([key, value])
        break
      }
      case 0x75: // SETITEMS
        setItems(popToMark())
        break
      case 0x71:
        remember(bytes[need(1)])
        break
      case 0x72:
        remember(view.getUint32(need(4), true))
        break
      case 0x94: // MEMOIZE
        remember(memo.size)
        break
      case 0x68:
        recall(bytes[need(1)])
        break
      case 0x6a:
        recall(view.getUint32(need(4), true))
        break
      case 0x63: {
        // GLOBAL
        const module = line()
        global(module, line())
        break
      }
      case 0x93: {
        // STACK_GLOBAL
        const name = pop()
        const module = pop()
        if (typeof name !== 'string' || typeof module !== 'string') throw fail('a name that is no text')
        global(module, name)
        break
      }
      case 0x52: {
        // REDUCE
        const args = pop()
        const callable = pop()
        if (!isKind(callable, 'global') || !isKind(args, 'tuple')) throw fail('calls something that is no allowed callable')
        const [first] = args.items
        if (typeof first === 'string' && (encodable -= first.length) < 0) throw fail('encodes more text than the file holds')
        push(guarded(() => dialect.reduce(callable, args.items, where())))
        break
      }
      case 0x62: {
        // BUILD
        const state = pop()
        const target = top()
        guarded(() => dialect.build(target, state, where()))
        break
      }
      case 0x51: {
        // BINPERSID
        if (!dialect.persistent) throw badData(`${file}: pickle opcode ${opcodeName(0x51)} is not allowed (byte ${opcodeAt})`)
        push(dialect.persistent(pop(), where()))
        break
      }
      default:
        throw badData(`${file}: pickle opcode ${opcodeName(bytes[opcodeAt])} is not allowed (byte ${opcodeAt})`)
    }
  }
  throw badData(`${file}: the pickle ends after ${bytes.length} bytes without STOP; it is truncated or no pickle`)
}

/** Errors of the array code, in this reader's terms. */
function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof NpyError) throw new StorageError('bad-data', error.message)
    throw error
  }
}
