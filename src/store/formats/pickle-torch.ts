// The few callables that the pickle of a PyTorch state dictionary names, as data: ordered dictionaries, storages, tensors over them.
import { badData, shown } from './data-error'
import { isKind, lengths, type PickleDialect, type PickleValue } from './pickle-values'

const callables = new Set(['collections.OrderedDict', 'torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_parameter'])
const storages = /^torch\.(?:Float|Double|Half|BFloat16|Long|Int|Short|Char|Byte|Bool)Storage$/

/** A view of a storage, inside it. */
function rebuild(args: readonly PickleValue[], where: string): PickleValue {
  const [storage, offset] = args
  const [shape, strides] = [lengths(args[2]), lengths(args[3])]
  if (!isKind(storage, 'storage') || typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0 || !shape || !strides)
    throw badData(`${where}: a tensor with arguments that PyTorch does not write`)
  if (shape.length !== strides.length) throw badData(`${where}: a tensor of ${shape.length} dimensions with ${strides.length} strides`)
  const last = shape.includes(0) ? offset - 1 : offset + shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], 0)
  if (!(last < storage.count))
    throw badData(
      `${where}: a tensor of shape (${shown(shape.join(', '))}) reaches entry ${last} of storage ${shown(storage.key)}, which has ${storage.count}`
    )
  return { kind: 'tensor', storage, offset, shape, strides }
}

/** State dictionaries as torch.save writes them: tensors, and plain values beside them. */
export const torchDialect: PickleDialect = {
  allows: 'only the tensors of a state dictionary are: save model.state_dict(), not the model',
  global(module, name) {
    const spelled = `${module}.${name}`
    return callables.has(spelled) || storages.test(spelled) ? { kind: 'global', name: spelled } : null
  },
  reduce(callable, args, where) {
    if (callable.name === 'collections.OrderedDict' && args.length === 0) return new Map()
    if (callable.name === 'torch._utils._rebuild_tensor_v2') return rebuild(args, where)
    if (callable.name === 'torch._utils._rebuild_parameter' && isKind(args[0], 'tensor')) return args[0]
    throw badData(`${where}: ${callable.name} with arguments that a state dictionary does not have`)
  },
  build(target, state, where) {
    // A state dictionary's `_metadata`: versions of its modules, which its tensors do without.
    if (!(target instanceof Map && state instanceof Map)) throw badData(`${where}: only dictionaries are given a state`)
  },
  persistent(id, where) {
    const [word, type, key, , count] = isKind(id, 'tuple') ? id.items : []
    if (word !== 'storage' || !isKind(type, 'global') || !storages.test(type.name) || typeof key !== 'string')
      throw badData(`${where}: a persistent id that is none of a storage`)
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
      throw badData(`${where}: a storage of ${shown(String(count))} entries`)
    return { kind: 'storage', key, type: type.name.slice('torch.'.length), count }
  }
}
