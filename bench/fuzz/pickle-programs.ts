// Random pickle programs: mostly well-formed instructions in nonsensical order, to reach what flipped bytes seldom do.
import type { RandomGenerator } from '../../src/engine/random'
import { assemble, string2, uint16, uint32, uint64, type Piece } from '../../test/unit/store/formats/pickle-writer'

const simple = [...'(.012NRabd}el]ost)u', 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98]
const globals = [
  'numpy.core.multiarray\n_reconstruct',
  'numpy._core.multiarray\nscalar',
  'numpy.core.numeric\n_frombuffer',
  'numpy\nndarray',
  'numpy\ndtype',
  '_codecs\nencode',
  'os\nsystem',
  'builtins\neval'
]
const texts = ['u1', 'f8', '<i8', 'O8', 'b', '|', '>', 'latin1', 'data', 'labels', 'numpy', 'dtype', '']

/** One instruction with its argument. */
function instruction(random: RandomGenerator): Piece {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]
  const text = () => Buffer.from(pick(texts))
  switch (random.below(14)) {
    case 0:
      return ['c', pick(globals), '\n']
    case 1:
      return string2(pick(texts))
    case 2:
      return ['X', uint32(pick([2, 6, 0xffffffff])), text()]
    case 3: {
      const value = text()
      return [0x8c, value.length, value]
    }
    case 4:
      return ['K', random.below(256)]
    case 5:
      return ['M', uint16(random.below(65536))]
    case 6:
      return ['J', uint32(random.nextUint32())]
    case 7:
      return [pick(['q', 'h']), random.below(4)]
    case 8:
      return [pick(['r', 'j']), uint32(pick([0, 1, 2, 3, 0x7fffffff]))]
    case 9:
      return [pick([0x8a, 0x43, 0x55]), pick([0, 1, 8, 255]), uint64(random.below(1000))]
    case 10:
      return [pick([0x8e, 0x96, 0x8d, 0x95]), uint64(pick([0, 4, 2 ** 40])), text()]
    case 11:
      // The beginning of a true array, so that its parts meet other parts.
      return ['cnumpy.core.multiarray\n_reconstruct\n', 'cnumpy\nndarray\n', 'K\x00', 0x85, string2('b'), 0x87, 'R']
    case 12:
      return ['cnumpy\ndtype\n', string2(pick(texts)), 'K\x00K\x01', 0x87, 'R']
    default:
      return pick(simple)
  }
}

export function randomPickle(random: RandomGenerator): Uint8Array {
  return assemble(
    0x80,
    2 + random.below(4),
    Array.from({ length: 1 + random.below(40) }, () => instruction(random)),
    '.'
  )
}
