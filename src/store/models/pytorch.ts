// Reads PyTorch's state dictionaries (.pt, .pth; the zip that torch.save writes since 1.6): tensors only, nothing executed.
import type { ZipSource } from '../../shared/npy'
import { badData } from '../formats/data-error'
import type { Tensor } from './tensors'

export async function readPytorch(_source: ZipSource, file: string): Promise<{ tensors: Tensor[]; notes: string[] }> {
  throw badData(`${file}: not yet`)
}
